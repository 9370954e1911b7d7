package page

import (
	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/relatives"
	"glasswsgi/runtime/wsgi"
)

// mostMessage is how many bytes of a message in another protocol the page shows: the head, and how the content begins.
const mostMessage = 8 << 10

// pythonTrue is how the hub writes a flag that is set.
const pythonTrue = "True"

// relativesOf says the request of an exchange in the words of WSGI's relatives; nil while there is no environ.
func relativesOf(x *hub.Exchange) []relatives.Form {
	if len(x.Environ) == 0 {
		return nil
	}
	e := &wsgi.Environ{}
	for _, v := range x.Environ {
		name, _ := hub.Native(v.Name) // which it was made of
		value, _ := hub.Native(v.Value)
		switch {
		case name == "wsgi.url_scheme":
			e.URLScheme = value
		case name == "wsgi.multithread":
			e.Multithread = value == pythonTrue
		case name == "wsgi.multiprocess":
			e.Multiprocess = value == pythonTrue
		case name == "wsgi.run_once":
			e.RunOnce = value == pythonTrue
		case v.Type == "": // the others are WSGI's own
			e.SetFrom(name, value, v.Wire, v.More...)
		}
	}
	forms := relatives.Of(e, content(x))
	for i := range forms {
		forms[i].Clip(mostMessage)
	}
	return forms
}
