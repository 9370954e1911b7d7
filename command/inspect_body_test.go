package command

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

const bodiesApp = `
import base64, gzip, json
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
BODIES = {
    "/json": ("application/json", gzip.compress(json.dumps({"name": "Ada", "large": 12345678901234567890, "list": [1, {}]}).encode()), [("Content-Encoding", "gzip")]),
    "/image": ("image/png", PIXEL, []),
    "/long": ("text/plain; charset=utf-8", b"".join(b"line %d\n" % n for n in range(70000)), []),
    "/none": ("text/plain", b"", []),
    "/upload": ("text/plain", b"thanks", []),
}

def application(environ, start_response):
    environ["wsgi.input"].read()
    kind, body, more = BODIES[environ["PATH_INFO"]]
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))] + more)
    return [body]
`

// TestInspectBody: a body is shown as what it is, without its codings; a long one is made as far as it is in view, and can be
// searched.
func TestInspectBody(t *testing.T) {
	t.Parallel()
	b, r := inspecting(t, "bodies.py", bodiesApp)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	w.WriteField("title", "caf\u00e9")
	file, err := w.CreateFormFile("file", "notes.txt")
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte("first\r\nsecond"))
	w.Close()
	for _, row := range []struct{ name, kind, body, shown, want string }{
		{"json", "", "", "json", `"large": 12345678901234567890,`},
		{"image", "", "", "image", ""},
		{"long", "", "", "text", "line 3"},
		{"upload", w.FormDataContentType(), form.String(), "parts", "café"},
		{"upload", "application/x-www-form-urlencoded", "a=1&name=J%C3%BCrgen+B", "form", "Jürgen B"},
		{"upload", "application/json", `{"a": [true]}`, "json", "true"},
		{"upload", "application/octet-stream", "\x00\x01\xff", "hex", "00 01 ff"},
		{"none", "", "", "", ""},
	} {
		method := http.MethodGet
		if row.kind != "" {
			method = http.MethodPost
		}
		request, _ := http.NewRequest(method, r.url+"/"+row.name, strings.NewReader(row.body))
		request.Header.Set("Accept-Encoding", "identity")
		if row.kind != "" {
			request.Header.Set("Content-Type", row.kind)
		}
		before := evaluate[int](b, `document.querySelectorAll("#exchanges [data-id]").length`)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		b.until("it is in the list", `document.querySelectorAll("#exchanges .ended").length === `+quoted(before+1))
		b.do("look at it", script(`document.querySelector("#exchanges [data-id]").click()`))
		b.until("it is there", `document.querySelector("#facts").textContent.startsWith("#`+quoted(before+1)+` ")`)
		b.do("its body", script(`document.querySelector("#tab-body").click()`))
		side := "response"
		if row.kind != "" {
			side = "request"
		}
		b.until(row.name+": the bar", `document.querySelector('#panel-body [data-side="`+side+`"]') !== null`)
		b.do("the side", script(`document.querySelector('#panel-body [data-side="`+side+`"]').click()`))
		if row.shown == "" {
			b.until("no body", `document.querySelector("#panel-body .none") !== null`)
			continue
		}
		b.until(row.name+" as "+row.shown, `document.querySelector('#panel-body [data-view="`+row.shown+`"][aria-pressed="true"]') !== null && document.querySelector("#panel-body").textContent.includes(`+quoted(row.want)+`)`)
		switch row.shown {
		case "image":
			b.until("the picture", `document.querySelector("#panel-body img")?.naturalWidth === 1`)
		case "text":
			if n := evaluate[int](b, `document.querySelectorAll("#panel-body .row").length`); n > 200 {
				t.Errorf("%d rows were made", n)
			}
			b.do("search", script(`(() => { const e = document.querySelector("#panel-body input"); e.value = "LINE 65000"; e.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })); })()`))
			b.until("what was looked for", `document.querySelector("#panel-body mark")?.textContent === "line 65000"`)
			b.shootAt("body-long-1280x800", 1280, 800, false)
			b.do("no search", script(`(() => { const e = document.querySelector("#panel-body input"); e.value = ""; e.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })); })()`))
		case "parts":
			b.shootAt("body-"+row.name+"-"+row.shown, 1280, 800, true)
		}
	}
	b.do("the waterfall", script(`document.querySelector("#waterfall").click()`))
	b.until("a bar for each", `document.querySelectorAll("#waterfall-panel [data-bar]").length === document.querySelectorAll("#exchanges [data-id]").length`)
	b.do("by worker", script(`document.querySelector('#waterfall-panel [data-by="worker"]').click()`))
	b.until("one worker", `Array.from(document.querySelectorAll("#waterfall-panel .lane")).length === 1`)
	b.shootAt("waterfall-1280x800", 1280, 800, false)
	b.do("look at one", script(`document.querySelector('#waterfall-panel [data-bar="2"]').dispatchEvent(new MouseEvent("click", { bubbles: true }))`))
	b.until("it is there", `!document.querySelector("#waterfall-panel").open && document.querySelector("#facts").textContent.startsWith("#2 ")`)
	b.quiet()
}
