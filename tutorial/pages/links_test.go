package pages

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"glasswsgi/tutorial"
)

// crawler follows the links of pages, as far as they stay on the host.
type crawler struct {
	*testing.T
	client *http.Client
	seen   map[string]string // what came, by URL without fragment
}

func crawl(t *testing.T, begin string) *crawler {
	t.Helper()
	jar, err := cookiejar.New(nil) // the printed URL has a token, which becomes a cookie
	if err != nil {
		t.Fatal(err)
	}
	c := &crawler{t, &http.Client{Jar: jar, Timeout: deadline}, map[string]string{}}
	c.follow(must(http.NewRequest(http.MethodGet, begin, nil)).URL, "")
	return c
}

var (
	links  = regexp.MustCompile(`\s(href|src|action|data-action)="([^"]*)"`)
	posted = map[string]bool{"action": true, "data-action": true} // all forms of the course post
)

// follow asks for what a page links to, and follows the links of what comes, once.
func (c *crawler) follow(from *url.URL, link string) {
	to, err := from.Parse(link)
	if err != nil {
		c.Errorf("%s links to %q: %v", from.Path, link, err)
		return
	}
	if to.Host != from.Host { // data:, or the learner's own server
		return
	}
	fragment := to.Fragment
	to.Fragment = ""
	text, seen := c.seen[to.String()]
	if !seen {
		text = c.ask(http.MethodGet, from, to)
		c.seen[to.String()] = text
	}
	if fragment != "" && !strings.Contains(text, `id="`+fragment+`"`) {
		c.Errorf("%s links to %q, and nothing there has this id", from.Path, link)
	}
	if seen || !strings.HasPrefix(text, "<!doctype html>") {
		return
	}
	for _, link := range links.FindAllStringSubmatch(text, -1) {
		if target := html.UnescapeString(link[2]); !posted[link[1]] {
			c.follow(to, target)
		} else if action, err := to.Parse(target); err != nil || c.seen["POST "+action.Path] == "" {
			c.seen["POST "+target] = "asked"
			c.ask(http.MethodPost, to, action)
		}
	}
}

// ask wants 200 of a page. A form that is empty may be refused, but there has to be something that refuses it.
func (c *crawler) ask(method string, from, to *url.URL) string {
	request, err := http.NewRequest(method, to.String(), nil)
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("Origin", "http://"+to.Host)
	response, err := c.client.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	text := string(content)
	missing := response.StatusCode != http.StatusOK
	if method == http.MethodPost {
		missing = response.StatusCode == http.StatusMethodNotAllowed || strings.HasPrefix(text, "404 page not found")
	}
	if missing {
		c.Errorf("%s leads to %s %s: %s, %s", from.Path, method, to.Path, response.Status, strings.TrimSpace(text))
	}
	return text
}

// TestLinks: each link of each page, slide and drawing leads to a page, in both languages, and to every chapter.
func TestLinks(t *testing.T) {
	s, page := start(t)
	for _, lang := range tutorial.Languages {
		if err := s.Course.SetLang(lang); err != nil {
			t.Fatal(err)
		}
		c := crawl(t, page)
		for _, chapter := range s.Course.Chapters {
			for _, kind := range []string{"/chapter/", "/slides/"} {
				if c.seen[root(page)+kind+chapter.ID] == "" {
					t.Errorf("%s: no link leads to %s%s", lang, kind, chapter.ID)
				}
			}
		}
	}
}

// TestBoardLinks: so do those of the board of a class.
func TestBoardLinks(t *testing.T) {
	_, page := startBoard(t)
	if c := crawl(t, page); len(c.seen) < 5 {
		t.Errorf("only %d links were found", len(c.seen))
	}
}
