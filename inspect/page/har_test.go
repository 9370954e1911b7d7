package page

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// archived sends a request, and reads the archive of its exchange.
func archived(t *testing.T, app native.Callable, request string) (entry harEntry, text string) {
	t.Helper()
	w := newWorld(t, app)
	w.enter()
	w.send(request)
	text = w.get("api/exchanges/1/har")
	var archive har
	if err := json.Unmarshal([]byte(text), &archive); err != nil {
		t.Fatal(err)
	}
	return archive.Log.Entries[0], text
}

// TestHARCookies: each as a browser's tool shows it, those that net/http would not take, too.
func TestHARCookies(t *testing.T) {
	app := func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("204 No Content", []wsgi.Header{
			{Name: "Set-Cookie", Value: "sid=1; Path=/a; Domain=h.example; Expires=Fri, 02 Jan 2026 03:04:05 GMT; Secure; HttpOnly"},
			{Name: "set-cookie", Value: "odd name=\"x; Path=/"},
		}, nil)
		return native.Blocks{}, err
	}
	entry, _ := archived(t, app, "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=1; b=x=y; odd\r\ncookie: c=\r\nConnection: close\r\n\r\n")
	if got := fmt.Sprint(entry.Request.Cookies); got != "[{{a 1}    false false} {{b x=y}    false false} {{c }    false false}]" {
		t.Errorf("sent: %s", got)
	}
	want := `[{{sid 1} /a h.example 2026-01-02T03:04:05.000Z true true} {{odd name "x}    false false}]`
	if got := fmt.Sprint(entry.Response.Cookies); got != want {
		t.Errorf("set: %s", got)
	}
}

// TestHARForms: a form has params and no text, and what is no whole form has text and no params.
func TestHARForms(t *testing.T) {
	const boundary = "multipart/form-data; boundary=B"
	for _, row := range []struct{ name, kind, body, params, text string }{
		{"form", "application/x-www-form-urlencoded; charset=utf-8", "a=1&b=%C3%A9+x&a=", "[{{a 1}  } {{b é x}  } {{a }  }]", ""},
		{"form that is broken", "application/x-www-form-urlencoded", "a=%zz&b=1", "[]", "a=%zz&b=1"},
		{"parts", boundary, "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n\xff\x00\r\n--B--\r\n",
			"[{{n v}  } {{f ÿ\x00} a.bin image/png}]", ""},
		{"parts without an end", boundary, "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv", "[]", "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv"},
		{"parts without a boundary", "multipart/form-data", "x", "[]", "x"},
		{"text", "text/plain", "a=1", "[]", "a=1"},
		{"bytes", "", "\xff", "[]", "ÿ"},
	} {
		t.Run(row.name, func(t *testing.T) {
			entry, text := archived(t, native.Echo, fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", row.kind, len(row.body), row.body))
			post := entry.Request.PostData
			if post == nil || fmt.Sprint(post.Params) != row.params || post.Text != row.text || post.Type != row.kind {
				t.Errorf("%q", fmt.Sprintf("%+v", post))
			}
			data := text[strings.Index(text, `"postData"`):strings.Index(text, `"response"`)]
			if strings.Contains(data, `"params"`) && strings.Contains(data, `"text"`) {
				t.Errorf("params beside text: %s", data)
			}
		})
	}
}

// TestHARCut: a body of which only the beginning was kept says so, and its size is what went over the wire.
func TestHARCut(t *testing.T) {
	const size = 3 << 20
	entry, _ := archived(t, native.Echo, fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", size, strings.Repeat("a", size)))
	request, response := entry.Request, entry.Response
	if request.BodySize != size || response.BodySize != size {
		t.Errorf("of %d bytes, %d were sent and %d came back", size, request.BodySize, response.BodySize)
	}
	for where, comment := range map[string]string{"request": request.Comment, "postData": request.PostData.Comment,
		"response": response.Comment, "content": response.Content.Comment} {
		if !strings.Contains(comment, "glass kept ") || !strings.Contains(comment, fmt.Sprint(size+request.HeadersSize)) && !strings.Contains(comment, fmt.Sprint(size+response.HeadersSize)) {
			t.Errorf("%s: %q", where, comment)
		}
	}
	if len(request.PostData.Params) > 0 || request.PostData.Text == "" {
		t.Errorf("a form that is cut was read as a whole one: %d params", len(request.PostData.Params))
	}
	if whole, text := archived(t, native.Echo, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"); whole.Request.Comment+whole.Response.Content.Comment != "" || strings.Contains(text, "is cut") {
		t.Errorf("nothing is cut here: %s", text)
	}
}
