package page

import (
	"strings"

	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/relatives"
	"glasswsgi/runtime/wsgi"
)

// mostMessage is how many bytes of a message in another protocol the page shows: the head, and how the content begins.
const mostMessage = 8 << 10

// relativesOf says the request of an exchange in the words of WSGI's relatives; nil while there is no environ.
func relativesOf(x *hub.Exchange) []relatives.Form {
	if len(x.Environ) == 0 {
		return nil
	}
	e := &wsgi.Environ{Multithread: x.Flags.Multithread, Multiprocess: x.Flags.Multiprocess, RunOnce: x.Flags.RunOnce}
	for _, v := range x.Environ {
		name, _ := hub.Native(v.Name) // which it was made of
		value, _ := hub.Native(v.Value)
		switch {
		case name == "wsgi.url_scheme":
			e.URLScheme = value
		case !strings.HasPrefix(name, "wsgi."): // the Flags have those
			e.SetFrom(name, value, v.Wire, v.More...)
		}
	}
	forms := relatives.Of(e, content(x))
	for i := range forms {
		forms[i].Clip(mostMessage)
	}
	return forms
}
