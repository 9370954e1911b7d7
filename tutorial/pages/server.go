package pages

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"glasswsgi/inspect/door"
	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
)

// Server serves one learner's pages.
type Server struct {
	Course    *learn.Course
	Inspector Inspector // nil: there is none

	door *door.Door
}

// Inspector shows the learner's own work beside the text.
type Inspector interface {
	http.Handler                           // its page, at Path
	Path() string                          // with its token
	Address(e *tutorial.Exercise) string   // where the learner's own requests go, to be seen; "": nowhere
	Show(attempt *tutorial.Attempt) string // the fragment of the page that leads to the exchange to look at; "": there is none
}

const (
	pagesPath     = "/learn/" // the cookie is for it, and goes nowhere else on this host
	inspectorPath = "/glass/"
	mostBytes     = 16 << 10         // of a POST
	headTimeout   = 10 * time.Second // for a request's head
)

//go:embed static templates
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"say":      tutorial.Say,
	"minutes":  func(lang string, n int) string { return fmt.Sprintf(tutorial.Say(lang, "minutes"), n) },
	"number":   func(i int) int { return i + 1 },
	"language": func(v view, back string) map[string]string { return map[string]string{"Other": v.Other, "Back": back} },
}).ParseFS(files, "templates/*.html"))

// Serve serves at an address of the loopback interface until the listener is closed. The URL has the token in it.
func (s *Server) Serve(address string) (pageURL string, stop func(), err error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || (ip == nil || !ip.IsLoopback()) && host != "localhost" {
		return "", nil, fmt.Errorf("--web %s: the pages run programs, so they are for this machine only: 127.0.0.1:PORT, or 127.0.0.1:0 for any port", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf(tutorial.Say(s.Course.Lang(), "page-port"), err)
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: headTimeout}
	go server.Serve(listener)
	return "http://" + listener.Addr().String() + pagesPath + "?token=" + s.door.Token(), func() { server.Close() }, nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /chapter/{id}", s.chapter)
	mux.HandleFunc("GET /slides/{id}", s.slides)
	mux.HandleFunc("GET /field", s.field)
	mux.HandleFunc("GET /panel/{chapter}/{exercise}", s.panel)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("POST /answer", s.answer)
	mux.HandleFunc("POST /run", s.run)
	mux.HandleFunc("POST /hint", s.hint)
	mux.HandleFunc("POST /lang", s.lang)
	static, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	mux.HandleFunc("GET /static/code.css", writeCodeStyle)
	return s.guard(mux)
}

// guard puts the pages behind their door. The inspector has one of its own.
func (s *Server) guard(pages http.Handler) http.Handler {
	say := func(id string) string { return tutorial.Say(s.Course.Lang(), id) }
	s.door = door.New(door.Options{Path: pagesPath, Cookie: "glass_learn", Landing: landing, Says: map[door.Refusal]string{
		door.WrongHost: say("page-name"), door.OtherSite: say("page-other"), door.NoToken: say("page-token"),
	}})
	pages = s.door.Guard(http.StripPrefix(strings.TrimSuffix(pagesPath, "/"), http.MaxBytesHandler(pages, mostBytes)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Inspector != nil && strings.HasPrefix(r.URL.Path, inspectorPath) {
			s.Inspector.ServeHTTP(w, r)
		} else {
			pages.ServeHTTP(w, r)
		}
	})
}

// landing is where the printed URL leads: a page of ours, and no other site.
func landing(r *http.Request) string {
	to := r.URL.Query().Get("to")
	if strings.HasPrefix(to, "/slides/") || strings.HasPrefix(to, "/chapter/") {
		return strings.TrimSuffix(pagesPath, "/") + to
	}
	return pagesPath
}

// view is what every template gets.
type view struct {
	Lang, Other string
	Chapters    []*tutorial.Chapter
	Chapter     *tutorial.Chapter
	Next        *tutorial.Chapter
	At          *tutorial.Chapter // the first that is open and not done
	Body        template.HTML     // the drawing of the index
	Sections    []template.HTML
	Done        map[string]bool
	Locked      map[string]bool // by the class
	Count       map[string]int  // how much of each chapter is done
	Units       map[string]int  // of how much
	Score, All  int
	Dir         string
	Inspector   string // its path
}

func (s *Server) view() view {
	v := view{
		Lang: s.Course.Lang(), Other: "zh", Chapters: s.Course.Chapters, Dir: s.Course.Dir,
		Done: map[string]bool{}, Locked: map[string]bool{}, Count: map[string]int{}, Units: map[string]int{},
	}
	if s.Inspector != nil {
		v.Inspector = s.Inspector.Path()
	}
	if v.Lang == "zh" {
		v.Other = "en"
	}
	v.Score, v.All = s.Course.Score()
	if u, ok := s.Course.FirstOpen(); ok {
		v.At = u.Chapter
	}
	for _, c := range s.Course.Chapters {
		v.Done[c.ID], v.Locked[c.ID] = true, s.Course.Locked(c.ID) != nil
	}
	for _, u := range s.Course.Units {
		v.Units[u.Chapter.ID]++
		if s.Course.Done(u) {
			v.Count[u.Chapter.ID]++
		} else {
			v.Done[u.Chapter.ID] = false
			if v.At == nil && !v.Locked[u.Chapter.ID] {
				v.At = u.Chapter
			}
		}
	}
	return v
}

func (s *Server) show(w http.ResponseWriter, name string, v any) {
	var page bytes.Buffer // a page that cannot be made is an error, and not half a page
	if err := templates.ExecuteTemplate(&page, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page.WriteTo(w)
}

// index is the way of a request with the chapters in their places, and their list.
func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	v := s.view()
	var way strings.Builder
	if err := tutorial.Draw(&way, "way", v.Lang, v.places()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	v.Body = template.HTML(way.String()) // from our own template, which escapes
	s.show(w, "index.html", v)
}

// places are the chapters as the drawing of the way has them.
func (v view) places() map[string]tutorial.Place {
	places := map[string]tutorial.Place{}
	for _, c := range v.Chapters {
		p := tutorial.Place{
			URL:   pagesPath + "chapter/" + c.ID,
			Label: fmt.Sprintf(tutorial.Say(v.Lang, "page-place"), c.ID, c.Title.In(v.Lang), v.Count[c.ID], v.Units[c.ID]),
			Part:  100 * v.Count[c.ID] / max(1, v.Units[c.ID]),
		}
		switch {
		case v.Done[c.ID]:
			p.State = "done"
		case v.Locked[c.ID]:
			p.State = "locked"
		case c == v.At:
			p.State = "here"
		}
		places[c.ID] = p
	}
	return places
}

// find reads the chapter that a request names: to be read, or as slides, which have no panels.
func (s *Server) find(w http.ResponseWriter, r *http.Request, slides bool) (v view, ok bool) {
	v = s.view()
	i := slices.IndexFunc(v.Chapters, func(c *tutorial.Chapter) bool { return c.ID == r.PathValue("id") })
	if i < 0 {
		http.NotFound(w, r)
		return v, false
	}
	v.Chapter = v.Chapters[i]
	if err := s.Course.Locked(v.Chapter.ID); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return v, false
	}
	if i+1 < len(v.Chapters) {
		v.Next = v.Chapters[i+1]
	}
	sections, err := s.sections(v.Chapter, v.Lang, slides)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return v, false
	}
	v.Sections = sections
	return v, true
}

func (s *Server) chapter(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.find(w, r, false); ok {
		s.show(w, "chapter.html", v)
	}
}

// field is the page on the history of WSGI and those who use it.
func (s *Server) field(w http.ResponseWriter, _ *http.Request) {
	v := s.view()
	page, err := tutorial.Field(v.Lang)
	if err == nil {
		v.Sections, err = s.render(page, nil, v.Lang, false)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.show(w, "field.html", v)
}

func (s *Server) slides(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.find(w, r, true); ok {
		s.show(w, "slides.html", v)
	}
}

// unit is the one that a request names.
func (s *Server) unit(id string) (learn.Unit, error) {
	for _, u := range s.Course.Units {
		if u.ID() == id {
			return u, nil
		}
	}
	return learn.Unit{}, errors.New("there is no " + id)
}

// asked is the same for a request that is about an exercise, or about a question. It is answered if there is none, or if
// the class has not opened it.
func (s *Server) asked(w http.ResponseWriter, id string, exercise bool) (u learn.Unit, ok bool) {
	u, err := s.unit(id)
	if err != nil || (u.Exercise != nil) != exercise {
		http.Error(w, "there is no "+id, http.StatusNotFound)
		return u, false
	}
	if err := s.Course.Locked(id); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return u, false
	}
	return u, true
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
