package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	js "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"glasswsgi/check/suite"
	"glasswsgi/inspect/axe"
)

// browserPatience is for what a browser on a slow machine must do.
const browserPatience = 3 * time.Minute

// browser is a chromium with one tab.
type browser struct {
	context.Context
	t *testing.T

	mu       sync.Mutex
	problems []string // of the console, and requests to other hosts
	axe      string   // axe-core, where the states that are shot are held to it
}

// accessible reports what axe finds on the page as it is now.
func (b *browser) accessible(state string) {
	b.t.Helper()
	if b.axe == "" {
		return
	}
	b.do("axe", script(b.axe+"\n;undefined"))
	answer, err := chromedp.Run(b, chromedp.Evaluate[string](axe.Script, chromedp.EvalAwaitPromise))
	b.check("axe", err)
	found, err := axe.Serious(answer)
	b.check("axe", err)
	for _, one := range found {
		b.t.Errorf("%s: %s", state, one)
	}
}

// browsers bounds how many chromiums run at a time: each has a dozen processes, which keep a core busy.
var browsers = make(chan struct{}, 2)

// openBrowser starts chromium: Debian's package.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := suite.Program(t, "chromium")
	browsers <- struct{}{}
	t.Cleanup(func() { <-browsers })
	profile, err := os.MkdirTemp("", "glass-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // not t.TempDir: what chromium writes while it ends would fail the test
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(browserPatience), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en"), chromedp.UserDataDir(profile))
	late, cancel := context.WithTimeout(t.Context(), 2*browserPatience)
	t.Cleanup(cancel)
	allocator, cancel := chromedp.NewExecAllocator(late, options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() { chromedp.Cancel(ctx); cancel() })
	b := &browser{Context: ctx, t: t}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do("watch the network", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		return err
	}))
	return b
}

// hear collects what must not happen: errors in the console, and requests to another host.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *js.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *js.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			b.problems = append(b.problems, fmt.Sprintf("console: %s", e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			b.problems = append(b.problems, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Hostname() != "127.0.0.1" && u.Scheme != "data" && u.Scheme != "file" {
			b.problems = append(b.problems, "a request to another host: "+e.Request.URL)
		}
	}
}

type action = chromedp.Action[chromedp.Void]

func (b *browser) do(what string, actions ...action) {
	b.t.Helper()
	b.check(what, chromedp.Do(b, actions...))
}

func (b *browser) check(what string, err error) {
	b.t.Helper()
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("%s: %v; %q", what, err, b.problems)
	}
}

// click presses what a CSS selector finds.
func click(selector string) action { return chromedp.Click(chromedp.CSS(selector)) }

// script runs JavaScript.
func script(text string) action { return chromedp.Evaluate[chromedp.Void](text) }

// evaluate returns the value of JavaScript.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](expression))
	b.check(expression, err)
	return value
}

// evaluateAsync returns what a promise gives.
func evaluateAsync(b *browser, expression string) string {
	b.t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	b.check(expression, err)
	return value
}

// quoted is a value as JavaScript.
func quoted(text any) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// media emulates what a medium, or a taste, would be.
func media(medium string, features ...*emulation.MediaFeature) action {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features})
		return err
	})
}

// until waits until a JavaScript expression is true.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	b.do(what, chromedp.Poll[chromedp.Void]("Boolean("+expression+")", chromedp.WithPollingTimeout(browserPatience)))
}

func (b *browser) value(expression string) string {
	b.t.Helper()
	return evaluate[string](b, expression)
}

// shoot takes a screenshot; GLASS_SCREENSHOTS names a folder for those who want to look.
func (b *browser) shoot(name string, width int64, dark bool) {
	b.t.Helper()
	height := int64(900)
	if width < 500 {
		height = 844
	}
	b.shootAt(name, width, height, dark)
}

func (b *browser) shootAt(name string, width, height int64, dark bool) {
	b.t.Helper()
	folder := os.Getenv("GLASS_SCREENSHOTS")
	if folder == "" {
		folder = b.t.TempDir()
	}
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	defer b.accessible(name)
	b.do("a window", chromedp.EmulateViewport(width, height), media("", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}))
	picture, err := chromedp.Run(b, chromedp.CaptureScreenshot())
	b.check("a screenshot", err)
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
	if evaluate[bool](b, `document.documentElement.scrollWidth > innerWidth + 1`) {
		b.t.Errorf("%s: the page is wider than its window", name)
	}
}

// quiet says that nothing was wrong.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, problem := range b.problems {
		b.t.Error(problem)
	}
}

// inspected is a glass with a page, and the address that it printed.
func inspected(t *testing.T, app ...string) (r *running, address string) {
	t.Helper()
	r = serveCmd(t, exec.Command(os.Args[0], append([]string{"-b", "127.0.0.1:0", "--inspect"}, app...)...))
	return r, strings.TrimPrefix(r.err.await(t, `inspect: \S+`), "inspect: ")
}

// inspecting opens the page of a glass that serves an application by its text. What is shot is held to axe-core.
func inspecting(t *testing.T, name, source string) (*browser, *running) {
	t.Helper()
	b := openBrowser(t)
	b.axe = axe.Source(t)
	app := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(app, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	r, address := inspected(t, app)
	b.do("open the page", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(address))
	b.until("the page watches", `document.querySelector("#live.on") !== null`)
	return b, r
}

const stopped = `document.querySelector("#stop:not([hidden]) strong") !== null`

// TestInspectPage walks a request through all its stages in a browser, changes the environ, and looks at what comes.
func TestInspectPage(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.axe = axe.Source(t)
	r, address := inspected(t, "command/testdata/step/shout.py")
	b.do("open the page", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	b.until("the page watches", `document.querySelector("#live.on") !== null`)
	if at := b.value(`location.href`); strings.Contains(at, "token") {
		t.Errorf("the token stays in the address: %s", at)
	}
	b.do("pause the next", click("#pause-next"))
	b.until("it is to pause", `document.querySelector("#pause-next[aria-pressed=true]") !== null`)
	answer := fetch(r.url + "/bob?a=1")
	seen := b.walk(`step("environ")`)
	if want := []string{"accept", "receive", "parse", "environ"}; !slices.Equal(seen, want) {
		t.Errorf("stages up to the environ: %q", seen)
	}
	b.do("edit the environ", script(`(() => {
		const input = document.querySelector('[data-key="PATH_INFO"] input');
		input.value = "/eve";
		input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
	})()`))
	b.until("the edit is seen", `document.querySelector('[data-key="PATH_INFO"].edited') !== null`)
	b.shoot("environ-1280", 1280, false)
	b.shoot("environ-1280-dark", 1280, true)
	seen = b.walk(`document.querySelector("#stop .mono")?.textContent.includes("shout.py:2")`)
	b.do("the code", click("#tab-code"))
	b.until("the locals", `document.querySelector("#panel-code .values") !== null && document.querySelector(".source .current") !== null`)
	b.shoot("python-1280", 1280, false)
	b.shoot("python-1280-dark", 1280, true)
	b.shoot("python-390", 390, false)
	b.do("wide again", chromedp.EmulateViewport(1280, 900))
	b.local()
	seen = append(seen, b.walk(`document.querySelector("#exchanges .ended") !== null`)...)
	for _, stage := range []string{"call", "respond", "send", "close"} {
		if !slices.Contains(seen, stage) {
			t.Errorf("there was no stop at %s: %q", stage, seen)
		}
	}
	if got := <-answer; got != "Hello, ADAM" {
		t.Errorf("the answer: %q", got)
	}
	b.past()
	b.provenance()
	b.replays()
	b.languages()
	b.keyboard()
	b.print()
	b.quiet()
}

// local evaluates an expression where the application is stopped, and gives a name of it another value.
func (b *browser) local() {
	b.t.Helper()
	enter := func(selector, text string) {
		b.do(selector, script(fmt.Sprintf(`(() => {
			const input = document.querySelector(%q);
			input.value = %q;
			if (input.form) input.form.requestSubmit();
			else input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
		})()`, selector, text)))
	}
	enter("#panel-code .evaluate input", `text + "?"`)
	b.until("the value of the expression", `document.querySelector("#panel-code .result code")?.textContent === "'eve?'"`)
	enter("#panel-code .evaluate input", `nobody`)
	b.until("an error in an expression", `document.querySelector("#panel-code .result .error")?.textContent.includes("NameError")`)
	enter("#panel-code .values input", `"adam"`)
	b.until("the new value", `document.querySelector("#panel-code .values input")?.value === "'adam'"`)
	b.until("the edit is on record", `document.querySelector("#panel-answer .edits")?.textContent.includes("adam")`)
}

// fetch asks in the background.
func fetch(url string) <-chan string {
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get(url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			text = append(text, err.Error()...)
		}
		answer <- string(text)
	}()
	return answer
}

// walk steps in from stop to stop until an expression holds, and returns the stages that it came through.
func (b *browser) walk(end string) (stages []string) {
	b.t.Helper()
	end = strings.ReplaceAll(end, `step("environ")`, `document.querySelector("#where").textContent.includes("environ") && document.querySelector('[data-key="PATH_INFO"] input') !== null`)
	const position = `document.querySelector("#where").textContent + document.querySelector("#stop").textContent + document.querySelector("#panel-steps tbody").childElementCount`
	for range 200 {
		b.until("a stop", `(`+end+`) || (`+stopped+` && !document.querySelector("[data-do=in]").disabled)`)
		stage := b.value(`document.querySelector(".stage.here")?.dataset.stage ?? ""`)
		if len(stages) == 0 || stages[len(stages)-1] != stage {
			stages = append(stages, stage)
		}
		if evaluate[bool](b, "Boolean("+end+")") {
			return stages
		}
		b.do("step in", script(`window.before = `+position+`; document.querySelector("[data-do=in]").click()`))
		b.until("another stop", `(`+end+`) || (`+stopped+` && window.before !== `+position+`)`)
	}
	b.t.Fatalf("it does not end: %q", stages)
	return nil
}

// past: the lines that were walked through are there when the exchange has ended, with their variables; the scrubber leads
// along steps and lines.
func (b *browser) past() {
	b.t.Helper()
	b.do("the code", click("#tab-code"))
	b.until("the last line, and not one of Go", `document.querySelector("#panel-code .place").textContent.endsWith("shout.py:3")`)
	scrub := func(index int) {
		b.do("the scrubber", script(fmt.Sprintf(`(() => { const e = document.querySelector("#scrubber"); e.value = %d; e.dispatchEvent(new Event("input")); })()`, index)))
	}
	first := evaluate[int](b, `(() => { document.querySelector("#tab-steps").click(); return Array.from(document.querySelectorAll("#panel-steps tbody tr")).findIndex(e => e.dataset.line !== undefined && e.textContent.includes("shout:2")); })()`)
	if first < 0 {
		b.t.Fatal("the steps have no line of shout")
	}
	b.do("the code again", click("#tab-code"))
	scrub(first)
	b.until("the line, as it was", `document.querySelector(".source .current")?.textContent.includes("loud = text.upper()") && Array.from(document.querySelectorAll("#panel-code .values li"), e => e.textContent).join().includes("text 'eve'")`)
	b.do("forward", click("[data-do=forward]"))
	b.until("the next line", `document.querySelector("#where").textContent.includes("shout.py:3") && document.querySelector("#panel-code .values").textContent.includes("loud")`)
	b.shoot("past-1280", 1280, false)
	b.shoot("past-390-dark", 390, true)
	b.do("wide again, and now", chromedp.EmulateViewport(1280, 900), script(`document.activeElement.blur()`), chromedp.KeyEvent("\x1b"))
}

// provenance: a byte leads to the variable and the rule, a variable to its bytes, a byte of the body to who wrote it.
func (b *browser) provenance() {
	b.t.Helper()
	b.do("the environ", click("#tab-environ"))
	b.do("a byte of the query", click(`#request-bytes .hex .k-query`))
	b.until("the strip tells", `document.querySelector("#strip strong")?.textContent === "query"`)
	strip := b.value(`document.querySelector("#strip").textContent`)
	for _, part := range []string{"query", "RFC 9112 §3.2", "QUERY_STRING", "REQUEST_URI"} {
		if !strings.Contains(strip, part) {
			b.t.Errorf("the byte of the query does not lead to %q: %s", part, strip)
		}
	}
	b.until("its row lights up", `document.querySelector('[data-key="QUERY_STRING"].hot') !== null`)
	b.do("a variable", click(`[data-key="HTTP_USER_AGENT"] th`))
	b.until("its bytes", `Array.from(document.querySelectorAll("#request-bytes .text .hot"), e => e.textContent).join("|") === "User-Agent|Go-http-client/1.1"`)
	b.do("a byte of the body", click(`#response-bytes .text .k-messagebody`))
	b.until("who wrote the first block", `document.querySelector("#strip").textContent.includes("block 1, yielded by the application (shout.py:9)")`)
	b.do("a stage", script(`document.querySelector("[data-stage=environ]").dispatchEvent(new MouseEvent("click", { bubbles: true }))`))
	b.until("looks back", `document.querySelector("#where").textContent.includes("looking back")`)
	b.do("and to now", chromedp.KeyEvent("\x1b"))
	b.shoot("ended-1280", 1280, false)
	b.shoot("ended-390", 390, false)
	b.shoot("ended-390-dark", 390, true)
	b.do("wide again", chromedp.EmulateViewport(1280, 900))
}

// replays sends the request again, to glass and to wsgiref.
func (b *browser) replays() {
	b.t.Helper()
	b.do("give control back", click("#take"), click("#tab-replay"), click(`[data-replay="server"]`))
	b.until("an answer", `document.querySelector(".replayed strong") !== null`)
	if text := b.value(`document.querySelector(".replayed").textContent`); !strings.Contains(text, "body") || !strings.Contains(text, "200 OK") {
		b.t.Errorf("the environ was edited, and not at the replay: %s", text)
	}
	b.do("to wsgiref", click(`[data-replay="wsgiref"]`))
	b.until("another answer", `document.querySelector(".replayed strong")?.textContent === "wsgiref"`)
	if text := b.value(`document.querySelector(".differences").textContent`); !strings.Contains(text, "RFC 9110 §2.5") {
		b.t.Errorf("wsgiref speaks HTTP/1.0: %s", text)
	}
	b.shoot("replay-1280", 1280, false)
}

func (b *browser) languages() {
	b.t.Helper()
	b.do("Chinese", click("#language"))
	b.until("the page is Chinese", `document.documentElement.lang === "zh-CN" && document.querySelector("#tab-steps").textContent === "步骤"`)
	b.shoot("chinese-1280", 1280, false)
	b.do("English", click("#language"))
	b.until("the page is English", `document.documentElement.lang === "en" && document.querySelector("#tab-steps").textContent === "Steps"`)
}

func (b *browser) keyboard() {
	b.t.Helper()
	b.do("keys", script(`document.activeElement.blur()`), chromedp.KeyEvent("?"))
	b.until("the list of keys", `document.querySelector("#help-panel[open] kbd") !== null`)
	b.shoot("help-1280", 1280, false)
	b.do("close it", chromedp.KeyEvent("\x1b"))
	b.do("tab 2", chromedp.KeyEvent("2"))
	b.until("the steps", `document.querySelector("#panel-steps.shown") !== null`)
	b.do("back", chromedp.KeyEvent("["))
	b.until("one step back", `document.querySelector("#where").textContent.includes("looking back")`)
	b.shoot("steps-1280", 1280, false)
	b.do("forward", chromedp.KeyEvent("]"))
	b.do("filter", chromedp.KeyEvent("/"), chromedp.KeyEvent("post"))
	b.until("nothing is a POST", `document.querySelector("#exchanges").childElementCount === 0 && document.querySelector("#count").textContent === "0/2"`)
	b.do("no filter", script(`(() => { const e = document.querySelector("#filter"); e.value = ""; e.dispatchEvent(new Event("input")); e.blur(); })()`))
	b.until("both", `document.querySelector("#exchanges").childElementCount === 2`)
	b.do("breakpoints", chromedp.KeyEvent("b"))
	b.until("the dialog", `document.querySelector("#breakpoint-panel[open] form") !== null`)
	b.shoot("breakpoints-1280", 1280, false)
	b.do("close it", chromedp.KeyEvent("\x1b"))
	for _, e := range evaluate[[]string](b, `Array.from(document.querySelectorAll("button, input, select, [role=button], [role=tab]"))
		.filter(e => e.checkVisibility() && !(e.textContent.trim() || e.getAttribute("aria-label") || e.closest("label"))).map(e => e.outerHTML)`) {
		b.t.Errorf("no accessible name: %s", e)
	}
}

// print shows the handout as it would be on paper.
func (b *browser) print() {
	b.t.Helper()
	b.do("print", media("print"), chromedp.EmulateViewport(760, 1075))
	if shown := b.value(`[".top", "nav", ".toolbar", "#panel-replay"].filter(s => document.querySelector(s).checkVisibility()).join()`); shown != "" {
		b.t.Errorf("on paper there is %s", shown)
	}
	if hidden := b.value(`["#panel-environ", "#panel-steps", "#panel-answer", "#request-bytes", "#pipeline"].filter(s => !document.querySelector(s).checkVisibility()).join()`); hidden != "" {
		b.t.Errorf("on paper there is no %s", hidden)
	}
	picture, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	b.check("a page", err)
	if folder := os.Getenv("GLASS_SCREENSHOTS"); folder != "" {
		os.WriteFile(filepath.Join(folder, "print.png"), picture, 0o600)
	}
	b.do("the screen", media(""))
}
