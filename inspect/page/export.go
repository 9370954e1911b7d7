package page

import (
	"encoding/json"
	"fmt"
	"net/http"

	"glasswsgi/inspect/hub"
)

// export gives an exchange away: as a line for the shell, as an HTTP Archive, or as a recording. All of it is as it was
// on the wire, Cookie and Authorization too; the page says so before.
func (p *Page) export(w http.ResponseWriter, r *http.Request) {
	x := p.wanted(w, r)
	if x == nil {
		return
	}
	name, as := fmt.Sprintf("glass-%d", x.ID), r.PathValue("as")
	if withoutHTTP(x) && (as == "curl" || as == "har") {
		fail(w, http.StatusConflict, errWithoutHTTP)
		return
	}
	switch as {
	case "curl":
		line, err := curl(x)
		if err != nil {
			fail(w, http.StatusConflict, err)
			return
		}
		answer(w, line)
	case "body":
		download(w, bodyName(x), "application/octet-stream")
		w.Write(bodyOf(x))
	case "bytes":
		download(w, name+".http", "application/octet-stream")
		w.Write(x.Request.Bytes())
	case "har":
		download(w, name+".har", "application/json")
		json.NewEncoder(w).Encode(harOf(x, p.options.Version))
	case "recording":
		download(w, name+".glass.json", "application/json")
		json.NewEncoder(w).Encode(p.recording(x))
	case "relatives":
		answer(w, relativesOf(x))
	case "file":
		text, err := standalone(p.recording(x))
		if err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
		download(w, name+".glass.html", "text/html; charset=utf-8")
		w.Write(text)
	default:
		fail(w, http.StatusNotFound, fmt.Errorf("an exchange can be had as curl, body, bytes, har, recording, file or relatives"))
	}
}

func download(w http.ResponseWriter, name, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
}

// Recording is a file that the page opens without a server.
type Recording struct {
	Format  string             `json:"format"` // recordingFormat
	Version int                `json:"version"`
	Glass   string             `json:"glass"`
	App     string             `json:"app"`
	Views   []*View            `json:"views"`
	Sources map[string]*Source `json:"sources"`
}

const (
	recordingFormat  = "glass recording"
	recordingVersion = 1
)

// recording takes the source along that the exchange names.
func (p *Page) recording(exchanges ...*hub.Exchange) *Recording {
	rec := &Recording{Format: recordingFormat, Version: recordingVersion, Glass: p.options.Version, App: p.options.App, Sources: map[string]*Source{}}
	for _, x := range exchanges {
		view := ViewOf(x)
		view.Relatives = relativesOf(x)
		rec.Views = append(rec.Views, view)
		for _, place := range places(x) {
			if rec.Sources[place.File] != nil || place.File == "" {
				continue
			}
			if s, err := sourceOf(p.hub, place.File); err == nil {
				rec.Sources[place.File] = s
			}
		}
	}
	return rec
}

// places are the lines of source that an exchange names.
func places(x *hub.Exchange) (all []hub.Place) {
	for _, step := range x.Steps {
		all = append(all, step.Source)
		if step.Python != nil {
			all = append(all, *step.Python)
		}
	}
	for _, line := range x.Lines {
		all = append(all, line.Place)
	}
	for _, read := range x.Reads { // a library's own lines would make the file large
		if !read.Library {
			all = append(all, read.Place)
		} else if read.By != nil {
			all = append(all, *read.By)
		}
	}
	for _, held := range x.Texts {
		all = append(all, held.Place)
	}
	if x.Stop != nil {
		for _, frame := range x.Stop.Frames {
			all = append(all, frame.Place)
		}
	}
	return all
}
