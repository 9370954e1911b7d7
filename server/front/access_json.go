package front

import (
	"context"
	"io"
	"log/slog"
	"unicode/utf8"

	"glasswsgi/runtime/wsgi"
)

// accessJSON writes an object a line (RFC 8259), as log/slog writes messages: time, level and msg, then what is known of
// the exchange. Members that a request has no value for are left out.
func accessJSON(w io.Writer) func(*AccessEntry) {
	handler := slog.NewJSONHandler(w, nil)
	return func(e *AccessEntry) {
		record := slog.NewRecord(e.Begun, slog.LevelInfo, "request", 0)
		add := func(name, value string) {
			if value != "" {
				record.AddAttrs(slog.String(name, text(value)))
			}
		}
		add("remote_addr", e.RemoteAddr)
		add("method", e.requestPart(0))
		add("target", e.requestPart(1))
		add("protocol", e.requestPart(2))
		add("host", e.Field("Host"))
		record.AddAttrs(slog.Int("status", e.Status), slog.Int64("bytes", e.BodyBytes), slog.Float64("seconds", e.Duration.Seconds()))
		add("referer", e.Field("Referer"))
		add("user_agent", e.Field("User-Agent"))
		handler.Handle(context.Background(), record)
	}
}

// text is what a peer sent, as JSON's text: most peers that send bytes beyond ASCII mean UTF-8.
func text(sent string) string {
	if utf8.ValidString(sent) {
		return sent
	}
	return wsgi.Latin1(sent)
}
