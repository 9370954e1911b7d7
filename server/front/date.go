package front

import (
	"net/http"
	"sync/atomic"
	"time"
)

// stamp is the text of one second.
type stamp struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[stamp]

// HTTPDate is IMF-fixdate (RFC 9110 §5.6.7), made once a second.
func HTTPDate(now time.Time) string {
	second := now.Unix()
	if last := lastDate.Load(); last != nil && last.second == second {
		return last.text
	}
	text := now.UTC().Format(http.TimeFormat)
	lastDate.Store(&stamp{second, text})
	return text
}
