package check

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
)

//go:embed page/page.html
var pageText string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

var pageTemplate = template.Must(template.New("page.html").Parse(pageText))

const (
	pageKept   = 2 << 10 // bytes of each turn that the page shows
	pageEvents = 200     // turns of a probe that it shows
)

// The page's data, which page.js reads.
type (
	pageProbe struct {
		ID      string `json:"id"`
		Rule    string `json:"rule"`
		Keyword string `json:"keyword"`
		Matter  string `json:"matter"`
		What    string `json:"what"`
		Why     string `json:"why"`
		Hint    string `json:"hint"`
	}
	pageResult struct {
		Outcome Outcome       `json:"outcome"`
		Wrong   string        `json:"wrong,omitempty"`
		Events  []writtenTurn `json:"events"`
	}
	pageServer struct {
		Name    string       `json:"name"`
		Version string       `json:"version"`
		Grade   string       `json:"grade"`
		Marks   []Mark       `json:"marks"`
		Results []pageResult `json:"results"`
	}
	pageData struct {
		Matters []string     `json:"matters"`
		Probes  []pageProbe  `json:"probes"`
		Servers []pageServer `json:"servers"`
	}
)

// WriteHTML writes the results of all probes on some servers as one page that needs nothing else: it filters, and shows
// for each cell the bytes that were sent and that came. What servers sent is data in it, and no part of its HTML.
func WriteHTML(w io.Writer, title string, probes []*Probe, peers []*Peer) error {
	data := pageData{Servers: []pageServer{}}
	for _, m := range matters {
		data.Matters = append(data.Matters, m.Name)
	}
	for _, p := range probes {
		data.Probes = append(data.Probes, pageProbe{p.ID, p.Rule, p.Keyword, p.Matter(), p.What, p.Why, p.Hint})
	}
	for _, p := range peers {
		data.Servers = append(data.Servers, pageServerOf(p))
	}
	packed, err := pack(data)
	if err != nil {
		return err
	}
	return pageTemplate.Execute(w, map[string]any{
		"Title": title, "Probes": len(probes), "Data": template.HTML(packed), // base64
		"Style": template.CSS(pageStyle), "Script": template.JS(pageScript),
		"Policy": fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'", sourceHash(pageStyle), sourceHash(pageScript)),
	})
}

func pageServerOf(p *Peer) pageServer {
	s := pageServer{Name: p.Name, Version: p.Found}
	s.Marks, s.Grade = Marks(p.Results)
	for _, r := range p.Results {
		one := pageResult{Outcome: r.Outcome, Events: []writtenTurn{}}
		if r.Err != nil {
			one.Wrong = r.Err.Error()
		}
		for _, e := range r.Events[:min(len(r.Events), pageEvents)] {
			if cut := len(e.Bytes) - pageKept; cut > 0 {
				e.Bytes, e.More = e.Bytes[:pageKept], e.More+cut
			}
			one.Events = append(one.Events, written(e))
		}
		s.Results = append(s.Results, one)
	}
	return s
}

// pack makes a text of data in which no byte of a server is.
func pack(data any) (string, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if err := json.NewEncoder(zip).Encode(data); err != nil {
		return "", err
	}
	if err := zip.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}

// sourceHash permits one inline script or style in a Content-Security-Policy.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
