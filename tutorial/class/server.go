package class

import (
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"glasswsgi/inspect/door"
	"glasswsgi/tutorial"
)

// Server shows a board, and takes the reports for it.
type Server struct {
	Board    *Board
	Code     string // in the URL that learners get
	Lang     string
	Chapters []*tutorial.Chapter
	Hosts    func(net.Addr) []string // where learners reach the board: 10.0.0.5:7000; nil: it does not say

	door  *door.Door // to the instructor's pages
	hosts []string
}

// byteOrderMark tells spreadsheets that it is UTF-8.
const byteOrderMark = "\ufeff"

const (
	boardPath   = "/board/"        // the instructor's pages
	mostBytes   = 16 << 10         // of a report
	headTimeout = 10 * time.Second // for a request's head
	readTimeout = 10 * time.Second // for a report
	keepAlive   = 15 * time.Second // between signs of life on a page
)

//go:embed static templates
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"say": tutorial.Say}).ParseFS(files, "templates/*.html"))

// NewCode is short enough to be written on a board, and has no letters that look like others.
func NewCode() string { return strings.ToLower(rand.Text()[:5]) }

// Serve serves until stop is called, at an address of this machine that the room can reach. The page is what the
// instructor opens, without scheme and address.
func (s *Server) Serve(address string) (listening net.Addr, page string, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", nil, fmt.Errorf(tutorial.Say(s.Lang, "class-port"), err)
	}
	if s.Hosts != nil {
		s.hosts = s.Hosts(listener.Addr())
	}
	bound := listener.Addr().(*net.TCPAddr)
	server := &http.Server{Handler: s.handler(!bound.IP.IsLoopback()), ReadHeaderTimeout: headTimeout}
	go server.Serve(listener)
	return bound, boardPath + "?token=" + s.door.Token(), func() { server.Close() }, nil
}

// handler has two doors: the code lets programs of learners report, the token lets the instructor look. anywhere says
// that the room reaches the board at addresses that are not loopback's.
func (s *Server) handler(anywhere bool) http.Handler {
	s.door = door.New(door.Options{Path: boardPath, Cookie: "glass_class", Anywhere: anywhere, Names: names()})
	board := s.door.Guard(http.StripPrefix(strings.TrimSuffix(boardPath, "/"), http.MaxBytesHandler(s.board(), mostBytes)))
	reports := http.NewServeMux()
	reports.HandleFunc("POST /{code}/report", s.report)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, boardPath) {
			board.ServeHTTP(w, r)
		} else {
			reports.ServeHTTP(w, r)
		}
	})
}

// names are those of this machine, by which the instructor may open the board.
func names() []string {
	name, err := os.Hostname()
	if err != nil {
		return nil
	}
	return []string{name, name + ".local"}
}

func (s *Server) board() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /rows", s.rows)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /board.csv", s.csv)
	mux.HandleFunc("POST /pace", s.pace)
	static, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	return mux
}

// report takes what a learner's program sends.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	if !same(r.PathValue("code"), s.Code) || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" { // or it is a browser
		http.Error(w, tutorial.Say(s.Lang, "class-code"), http.StatusForbidden)
		return
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout))
	var report Report
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes)).Decode(&report); err != nil {
		http.Error(w, errField.Error(), http.StatusBadRequest)
		return
	}
	reply, err := s.Board.Take(report, time.Now())
	switch {
	case errors.Is(err, errTaken):
		http.Error(w, err.Error(), http.StatusConflict)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(reply)
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// view is what the templates get.
type view struct {
	Lang, Pace string
	Rows       []Row
	Chapters   []*tutorial.Chapter
	Counts     map[string]int
	Polls      []Poll
	Join       []string // the URLs for learners
	names      map[string]string
}

// MistakeName is the sentence for an id, and the id where there is none.
func (v view) MistakeName(id string) string {
	if name, ok := v.names[id]; ok {
		return name
	}
	return id
}

// JoinURL is what learners are given.
func JoinURL(host, code string) string { return "http://" + host + "/" + code }

func (s *Server) view() view {
	v := view{Lang: s.Lang, Chapters: s.Chapters, Counts: map[string]int{}, names: tutorial.MistakeNames(s.Chapters, s.Lang)}
	v.Rows, v.Pace = s.Board.Rows()
	v.Polls = s.polls(v.Rows, s.Board.Asked())
	for _, host := range s.hosts {
		v.Join = append(v.Join, JoinURL(host, s.Code))
	}
	for _, r := range v.Rows {
		v.Counts["all"]++
		v.Counts[r.Status]++
		if r.Stuck() {
			v.Counts["stuck"]++
		}
	}
	return v
}

func (s *Server) show(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := templates.ExecuteTemplate(w, name, s.view()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *Server) page(w http.ResponseWriter, _ *http.Request) { s.show(w, "board.html") }
func (s *Server) rows(w http.ResponseWriter, _ *http.Request) { s.show(w, "rows") }

func (s *Server) csv(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="class.csv"`)
	io.WriteString(w, byteOrderMark)
	s.Board.WriteCSV(w)
}

func (s *Server) pace(w http.ResponseWriter, r *http.Request) {
	chapter := r.PostFormValue("chapter")
	known := chapter == ""
	for _, c := range s.Chapters {
		known = known || c.ID == chapter
	}
	if !known {
		http.Error(w, "there is no such chapter", http.StatusBadRequest)
		return
	}
	s.Board.SetPace(chapter)
	http.Redirect(w, r, boardPath, http.StatusSeeOther)
}

// events tells the page that something is new.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	changed, stop := s.Board.Watch()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, ": here\n\n")
	flush := http.NewResponseController(w).Flush
	flush()
	ticks := time.NewTicker(keepAlive)
	defer ticks.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticks.C:
			fmt.Fprint(w, ": still here\n\n")
		case <-changed:
			fmt.Fprint(w, "event: board\ndata: changed\n\n")
		}
		if flush() != nil {
			return
		}
	}
}
