package command

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// markup is what must stay text.
const markup = `<script>document.title="owned"</script><img src=x onerror='document.title="owned"'>`

// visitor asks the page as a browser would, with the cookie that the token gives.
type visitor struct {
	*http.Client
	t    *testing.T
	base string
}

func visit(t *testing.T, address string) *visitor {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	v := &visitor{Client: &http.Client{Jar: jar, Timeout: browserPatience}, t: t}
	v.base, _, _ = strings.Cut(address, "?")
	v.get("?" + strings.SplitN(address, "?", 2)[1])
	return v
}

func (v *visitor) get(path string) []byte {
	v.t.Helper()
	response, err := v.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d %v %s", path, response.StatusCode, err, body)
	}
	return body
}

// TestInspectFile: a recording opens as a file, without a server, and what an application said stays text there; the
// same recording dropped on another page does so, too.
func TestInspectFile(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	r, address := inspected(t, "examples/echo.py")
	send(t, r.url, "POST /?"+url.QueryEscape(markup)+" HTTP/1.1\r\nHost: localhost\r\nX-Evil: "+markup+
		"\r\nContent-Type: text/html\r\nContent-Length: "+strconv.Itoa(len(markup))+"\r\nConnection: close\r\n\r\n"+markup)
	page := visit(t, address)
	file := filepath.Join(t.TempDir(), "exchange.glass.html")
	if err := os.WriteFile(file, page.get("api/exchanges/1/file"), 0o600); err != nil {
		t.Fatal(err)
	}
	recording := page.get("api/exchanges/1/recording")

	b.do("open the file", chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+filepath.ToSlash(file)))
	b.until("the exchange", `document.querySelector("#live.file") !== null && document.querySelectorAll("#request-bytes .tok").length > 5`)
	b.clean("the file")
	b.do("a byte", click("#request-bytes .hex .k-method"))
	b.until("what it is", `document.querySelector("#strip strong")?.textContent === "method"`)
	b.do("the code", click("#tab-code"))
	b.until("the server's source is in the file", `document.querySelector("#panel-code .current")?.textContent.includes(".watch.")`)
	b.relatives()
	if shown := b.value(`Array.from(document.querySelectorAll(".live-only")).filter(e => e.checkVisibility()).map(e => e.outerHTML).join()`); shown != "" {
		t.Errorf("there is no server to command: %s", shown)
	}
	b.shoot("file-1280", 1280, false)
	b.shoot("file-390", 390, true)

	b.do("open the page", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	b.until("the exchange, live", `document.querySelector("#live.on") !== null && document.querySelectorAll("#response-bytes .tok").length > 5`)
	b.clean("the page")
	b.relatives()
	text, _ := json.Marshal(string(recording))
	b.do("drop a recording", script(`(() => {
		const carried = new DataTransfer();
		carried.items.add(new File([`+string(text)+`], "exchange.glass.json"));
		document.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
	})()`))
	b.until("the recording", `document.querySelector("#live.file") !== null && document.querySelectorAll("#request-bytes .tok").length > 5`)
	b.clean("the recording that was dropped")
	b.do("drop something else", script(`(() => {
		const carried = new DataTransfer();
		carried.items.add(new File(["{}"], "holiday.json"));
		document.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
	})()`))
	b.until("it says so", `document.querySelector("#toast.shown")?.textContent.includes("holiday.json")`)
	b.quiet()
}

// clean says that markup has become no element, and that no script of it ran.
func (b *browser) clean(what string) {
	b.t.Helper()
	if got := b.value(`document.title + Array.from(document.querySelectorAll("img, iframe, body script:not([type])"), e => e.outerHTML).join()`); strings.Contains(got, "owned") || strings.Contains(got, "<img") {
		b.t.Errorf("%s: the application's markup has come alive: %s", what, got)
	}
	for _, place := range []string{"#request-bytes .text", "#panel-environ"} {
		b.until(place+" shows it as text", `document.querySelector("`+place+`")?.textContent.includes("<script>document.title")`)
	}
}

// relatives looks at the panel that says the request in other words.
func (b *browser) relatives() {
	b.t.Helper()
	b.do("the relatives", click("#tab-relatives"))
	b.until("the keys", `document.querySelector('#panel-relatives [data-key="PATH_INFO"]')?.textContent.includes("JSGI pathInfo")`)
	b.do("FastCGI", click("#panel-relatives .choices button:nth-child(2)"))
	b.until("its records", `document.querySelector("#panel-relatives").textContent.includes("FCGI_BEGIN_REQUEST, request 1")`)
	b.until("the markup, as text", `document.querySelector('#panel-relatives [data-key="HTTP_X_EVIL"]')?.textContent.includes("HTTP_X_EVIL=<script>")`)
	b.clean("the relatives")
}

// send sends a raw request, and returns the answer.
func send(t *testing.T, address, raw string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, raw)
	all, _ := io.ReadAll(conn)
	return string(all)
}

// TestInspectLeaving: when the browser goes, the exchange that it had stopped goes on.
func TestInspectLeaving(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	r, address := inspected(t, "examples/write.py")
	b.do("open the page", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	b.until("the page watches", `document.querySelector("#live.on") !== null`)
	b.do("a breakpoint", click("#breakpoints"), chromedp.SetValue(chromedp.CSS(`#breakpoint-panel [data-field=stage] select`), "start_response"), click("#breakpoint-panel form .primary"))
	b.until("it is set", `document.querySelector("#breakpoint-count").textContent === "1"`)
	b.do("close the dialog", chromedp.KeyEvent("\x1b"))
	answer := fetch(r.url + "/")
	b.until("it stops", stopped)
	if why := b.value(`document.querySelector("#stop").textContent`); !strings.Contains(why, "Breakpoint") || !strings.Contains(why, "start_response") {
		t.Errorf("it stops: %s", why)
	}
	b.do("go elsewhere", chromedp.Navigate("about:blank"))
	if got := <-answer; got != "written first\nwritten second\nreturned last\n" {
		t.Errorf("the answer: %q", got)
	}
}

func TestInspectFlag(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args string
		code int
		says string
	}{
		{"--inspect=0.0.0.0:0 go:hello", exitFailed, "--inspect-anywhere"},
		{"--inspect 0.0.0.0:0 go:hello", exitFailed, "--inspect-anywhere"},
		{"--inspect=9000 go:hello", exitMisused, "HOST:PORT"},
		{"--inspect go:none", exitFailed, "there is no go:none"},
	} {
		r := glass(t, "", append([]string{"-b", "127.0.0.1:0"}, strings.Fields(row.args)...)...)
		if r.code != row.code || !strings.Contains(r.err, row.says) {
			t.Errorf("%s: %d %s", row.args, r.code, r.err)
		}
	}
	open := serve(t, "--inspect=0.0.0.0:0", "--inspect-anywhere", "go:hello")
	open.err.await(t, `ANYBODY WHO REACHES`)
	none := serve(t, "go:hello")
	if strings.Contains(none.err.String(), "inspect") {
		t.Errorf("it is off by default: %s", none.err)
	}
	_, address := inspected(t, "go:hello")
	response, err := http.Get(strings.Split(address, "?")[0])
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("without its token the page answers %s", response.Status)
	}
}

// TestInspectRule stops on the line that breaks a rule of PEP 3333, and shows what became of it.
func TestInspectRule(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	r, address := inspected(t, "examples/broken/hop_by_hop.py")
	b.do("open the page", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	b.until("the page watches", `document.querySelector("#live.on") !== null`)
	b.do("a breakpoint", click("#breakpoints"), script(`(() => {
		const kind = document.querySelector("#breakpoint-panel [data-field=kind] select");
		kind.value = "rule";
		kind.dispatchEvent(new Event("change"));
	})()`))
	b.until("what does not matter is gone", `!document.querySelector("#breakpoint-panel [data-field=stage]").checkVisibility()`)
	b.do("add it", click("#breakpoint-panel form .primary"))
	b.until("it is set", `document.querySelector("#breakpoint-count").textContent === "1"`)
	b.do("close the dialog", chromedp.KeyEvent("\x1b"))
	answer := fetch(r.url + "/")
	b.until("it stops in the code", stopped+` && document.querySelector("#code-card .current") !== null`)
	if why := b.value(`document.querySelector("#stop").textContent`); !strings.Contains(why, "Broken rule") || !strings.Contains(why, "PEP 3333") || !strings.Contains(why, "hop_by_hop.py") {
		t.Errorf("it stops: %s", why)
	}
	b.shoot("rule-1280", 1280, false)
	b.do("go on", chromedp.KeyEvent("c"))
	<-answer
	b.until("it has ended", `document.querySelector("#exchanges .ended") !== null`)
	b.do("the answer", chromedp.KeyEvent("4"))
	b.until("whose fault it was", `document.querySelector("#panel-answer .failure strong")?.textContent === "The application broke PEP 3333" || document.querySelector("#panel-answer .failure strong")?.textContent === "The application raised"`)
	b.shoot("failure-1280-dark", 1280, true)
	b.quiet()
}
