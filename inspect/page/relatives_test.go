package page

import (
	"encoding/json"
	"strings"
	"testing"

	"glasswsgi/inspect/relatives"
)

// TestRelatives: what is asked for is what a recording holds, and says the request that was sent.
func TestRelatives(t *testing.T) {
	w := newWorld(t, writer)
	w.enter()
	w.send("POST /caf%C3%A9 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n2800\r\n" + strings.Repeat("x", 0x2800) + "\r\n0\r\n\r\n")
	asked := w.get("api/exchanges/1/relatives")
	var forms []relatives.Form
	if err := json.Unmarshal([]byte(asked), &forms); err != nil {
		t.Fatal(err)
	}
	for _, f := range forms {
		text := strings.Join(strings.Fields(string(f.Message)), " ")
		switch {
		case f.Problem != "":
			t.Errorf("%s: %s", f.Name, f.Problem)
		case f.Length == 0:
			if f.Entries[2].Wire[0].Start != 5 || f.Name != "jsgi" && f.Entries[2].Value != "/caf\u00c3\u00a9" {
				t.Errorf("%s: %v", f.Name, f.Entries[2])
			}
		case f.Length <= mostMessage, len(f.Message) != mostMessage, !strings.Contains(text, "/caf%C3%A9"), !strings.Contains(text, "hello"):
			t.Errorf("%s: %d of %d bytes: %s", f.Name, len(f.Message), f.Length, text[:400])
		}
	}
	var recording struct {
		Views []struct{ Relatives json.RawMessage }
	}
	if err := json.Unmarshal([]byte(w.get("api/exchanges/1/recording")), &recording); err != nil || string(recording.Views[0].Relatives) != asked {
		t.Errorf("the recording has %.100s, %v", recording.Views[0].Relatives, err)
	}
}

// TestRelativesFlags: what the hub has recorded of the environ is all there.
func TestRelativesFlags(t *testing.T) {
	w := newWorld(t, writer)
	w.send("BROKEN\r\n\r\n")
	w.send("GET / HTTP/1.0\r\n\r\n")
	broken, _ := w.hub.Exchange(1)
	x, _ := w.hub.Exchange(2)
	if forms := relativesOf(broken); forms != nil {
		t.Errorf("of no environ: %v", forms)
	}
	for i, v := range x.Environ {
		if v.Name == "wsgi.multithread" || v.Name == "wsgi.run_once" {
			x.Environ[i].Value = "True"
		}
	}
	got := map[string]string{}
	for _, e := range relativesOf(x)[0].Entries {
		if got[e.Key] != "" {
			t.Errorf("%s: twice", e.Key)
		}
		got[e.Key] = e.Value
	}
	for _, e := range relativesOf(x)[5].Entries {
		if strings.HasPrefix(e.Key, "wsgi.") {
			t.Errorf("a web server sends %s", e.Key)
		}
	}
	if got["wsgi.multithread"] != "True" || got["wsgi.multiprocess"] != "False" || got["wsgi.run_once"] != "True" || got["wsgi.url_scheme"] != "http" {
		t.Errorf("got %v", got)
	}
}
