package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"glasswsgi/check/suite"
	"glasswsgi/tutorial"
)

// tab is a page in a real browser, whose complaints fail the test.
type tab struct {
	*testing.T
	ctx context.Context
}

func browse(t *testing.T) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(suite.Program(t, "chromium")), chromedp.NoSandbox, chromedp.WSURLReadTimeout(deadline))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	messages := chromedp.Console(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m, err := range messages {
			if err != nil {
				return
			}
			t.Errorf("the browser says: %s", m)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return &tab{t, ctx}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, deadline)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b *tab) open(url string)          { b.Helper(); b.do(chromedp.Navigate(url)) }
func (b *tab) key(keys string)          { b.Helper(); b.do(chromedp.KeyEvent(keys)) }
func (b *tab) size(width, height int64) { b.Helper(); b.do(chromedp.EmulateViewport(width, height)) }
func (b *tab) number(expression string) (n int) {
	b.Helper()
	return value(b, chromedp.Evaluate[int](expression))
}

// text waits until one of the elements has a text in it.
func (b *tab) text(css, part string) {
	b.Helper()
	b.until(`([css, part]) => [...document.querySelectorAll(css)].some(e => e.textContent.includes(part))`, css, part)
}

// click clicks as soon as the element is there, and when the answer is out: a click may begin another page.
func (b *tab) click(css string) {
	b.Helper()
	b.until(`([css]) => { const e = document.querySelector(css); if (e) setTimeout(() => e.click()); return !!e }`, css)
}

// inside waits until an element in the frame of the inspector has a text in it; within does something there.
func (b *tab) inside(css, part string) {
	b.Helper()
	b.until(`([css, part]) => [...document.getElementById("inspector").contentDocument.querySelectorAll(css)].some(e => e.textContent.includes(part))`, css, part)
}

func (b *tab) within(script string) {
	b.Helper()
	b.number(`{ const doc = document.getElementById("inspector").contentDocument; ` + script + `; 0 }`)
}

// until asks again and again: while a page gives way to the next, nothing can be asked.
func (b *tab) until(function string, arguments ...string) {
	b.Helper()
	list, _ := json.Marshal(arguments)
	question := fmt.Sprintf(`(%s)(%s)`, function, list)
	for begun := time.Now(); time.Since(begun) < deadline; time.Sleep(20 * time.Millisecond) {
		if there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](question)); err == nil && there {
			return
		}
	}
	b.Fatalf("this does not come true: %s", question)
}

// value is what an action gives.
func value[T any](b *tab, a chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, deadline)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// begin starts the browser; nothing that ends may be the context of its first action.
func (b *tab) begin(width, height int64) {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		b.Fatal(err)
	}
}

// picture is kept where somebody wants to look at it.
func (b *tab) picture(name string) {
	b.Helper()
	if shots != "" {
		keep(b.T, name, value(b, chromedp.CaptureScreenshot()))
	}
}

// TestPages walks through the course in a real browser.
func TestPages(t *testing.T) {
	t.Parallel()
	b := browse(t)
	s, url := start(t)
	b.begin(1280, 800)
	b.open(url)
	b.text("h1", "glass learn")
	b.click(`.chapters a[href="/learn/chapter/02"]`)
	b.text("h1", "A socket that always says the same")
	b.text("body.live h1", "A socket") // its events are connected

	question := `form[data-unit="02/how-long"]`
	b.do(chromedp.SendKeys(chromedp.CSS(question+" input"), "11\r"))
	b.text(question+" output", "✗ Not right")
	b.do(chromedp.SetValue(chromedp.CSS(question+" input"), "15"))
	b.click(question + " button")
	b.text(question+".done output", "nine bytes of tags")
	other := `form[data-unit="02/who-knows-the-end"]`
	b.click(other + ` input[value="2"]`)
	b.click(other + " button")
	b.text(other+" output", "✓")

	panel := `.panel[data-unit="02/always-the-same"]`
	b.click(panel + ` [data-action="/learn/hint"]`)
	b.text(panel+" .hint", "hint 1 of 3")
	b.click(panel + ` [data-action="/learn/run"]`)
	b.text(panel+" .verdict", "The page comes without a head.")
	b.text(panel+" pre", "RFC 9112 §4")
	b.text("#verdict.wrong", "The page comes without a head.")
	b.inside("#heading", "GET / ")
	b.inside("#outside", "✗ the bytes of the response")
	b.inside("#request-bytes .k-method", "GET")
	b.inside("#response-bytes", "<h1>")
	b.inside("#panel-environ", "PATH_INFO")
	b.picture("chapter-checked")

	solve(t, s, "02/always-the-same") // and judged by somebody else: the page hears of it
	u, _ := s.unit("02/always-the-same")
	if _, err := s.Course.Check(t.Context(), u.Exercise); err != nil {
		t.Fatal(err)
	}
	b.text(panel+".done .verdict", "All checks pass.")
	b.text("#verdict.right", "02/always-the-same")
	b.inside("#outside", "✓ stopped and started again")

	// a request of the learner's own, and what glass answers to the same bytes
	own := value(b, chromedp.Evaluate[string](`document.querySelector(".address a").href`))
	response, err := http.Get(own + "mine?a=1")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	b.inside("#exchanges", "/mine?a=1")
	b.within(`doc.querySelector("#exchanges button").click()`)
	b.inside("#heading", "/mine?a=1 200 OK")
	b.within(`doc.getElementById("tab-replay").click()`)
	b.within(`doc.querySelector("[data-replay=server]").click()`)
	b.inside(".differences", "HTTP/1.1")
	b.picture("chapter-own")

	// glass stopped at a stage, with the bytes of a check
	b.number(`{ const panel = document.querySelector(".panel"); inspector.contentWindow.location.hash = panel.dataset.exchange + ":environ:1"; 0 }`)
	b.inside("#stop strong", "Breakpoint")
	b.inside("#stop", "[environ]")
	b.within(`doc.getElementById("take").click()`)
	b.inside("#live", "watching")

	b.click(".language button")
	b.text("h1", "永远说同一句话的套接字")
	b.text(panel+" .verdict", "所有检查都通过了")
	b.picture("chapter-zh")
	b.click(".language button")
	b.text("h1", "A socket that always says the same")
}

const arrowRight, arrowLeft = "\u0303", "\u0302" // as chromedp/kb names them

// TestSlides: keys turn them, one is shown at a time, and all are printed.
func TestSlides(t *testing.T) {
	t.Parallel()
	b := browse(t)
	s, url := start(t)
	n := 0
	for _, c := range s.Course.Chapters {
		if c.ID == "02" {
			sections, err := s.sections(c, "en", true)
			if err != nil {
				t.Fatal(err)
			}
			n = len(sections)
		}
	}
	whole := func(place int) {
		t.Helper()
		if cut := b.number(`document.documentElement.scrollHeight - innerHeight`); cut > 0 {
			t.Errorf("slide %d is cut: %d pixels are missing", place, cut)
		}
		if b.number(`document.querySelectorAll(".slide.current .question").length`) > 1 {
			t.Errorf("slide %d asks two questions", place)
		}
	}
	at := func(place int) { t.Helper(); b.text("#place", fmt.Sprintf("%d / %d", place, n)) }
	b.begin(1280, 720)
	b.open(url + "&to=/slides/02")
	at(1)
	b.picture("slide-1")
	b.key(arrowRight)
	at(2)
	b.picture("slide-2")
	if visible := b.number(`[...document.querySelectorAll(".slide")].filter(s => s.offsetHeight).length`); visible != 1 {
		t.Errorf("%d slides are shown at a time", visible)
	}
	b.key(" ")
	at(3)
	b.key(arrowLeft)
	at(2)
	for place := 2; place <= n; place++ {
		at(place)
		whole(place)
		b.key(arrowRight)
	}
	for _, lang := range tutorial.Languages {
		if err := s.Course.SetLang(lang); err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Course.Chapters {
			b.open(root(url) + "/slides/" + c.ID)
			if cut := value(b, chromedp.Evaluate[string](cutSlides)); cut != "" {
				t.Errorf("chapter %s in %s: slides %s are cut", c.ID, lang, cut)
			}
		}
	}
	b.open(root(url) + "/slides/02")
	pdf := value(b, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if pages := strings.Count(string(pdf), "/Type /Page\n"); pages < n {
		t.Errorf("%d pages are printed of %d slides", pages, n)
	}
}

// scheme is whether the reader's system is light or dark.
func (b *tab) scheme(name string) {
	b.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (v chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return v, err
	})
}

// cutSlides are the numbers of the slides that do not fit into the window, although they are set as small as can be read.
const cutSlides = `[...document.querySelectorAll(".slide")].map((_, i) => {
	if (i > 0) document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
	return document.documentElement.scrollHeight > innerHeight ? i + 1 : 0;
}).filter(n => n).join(" ")`

// beside is more than 0 where the inspector begins to the right of the text, and not below it.
const beside = `{
	const [text, inspector] = ["article", "#inspector"].map(css => document.querySelector(css).getBoundingClientRect());
	Number(inspector.left >= text.right) - Number(inspector.top >= text.bottom)
}`

// TestPhone: on a phone the inspector is at hand wherever one reads, and leaves the text to be read until it is wanted.
func TestPhone(t *testing.T) {
	t.Parallel()
	b := browse(t)
	_, url := start(t)
	b.begin(390, 844)
	b.open(url + "&to=/chapter/02")
	b.text("body.live h1", "A socket")
	covered := func() int {
		return b.number(`Math.round(100 * (innerHeight - document.querySelector(".inspector").getBoundingClientRect().top) / innerHeight)`)
	}
	if part := covered(); part < 1 || part > 12 {
		t.Errorf("the closed inspector covers %d %% of the window", part)
	}
	b.click("#look")
	b.until(`() => document.getElementById("inspector").offsetHeight > innerHeight / 2`)
	b.until(`() => document.getElementById("look").getAttribute("aria-expanded") === "true"`)
	if part := covered(); part > 85 {
		t.Errorf("the open inspector covers %d %% of the window: the text is gone", part)
	}
	b.picture("phone-open")
	b.click("#look")
	b.until(`() => document.getElementById("inspector").offsetHeight === 0`)
	b.picture("phone-closed")
}

// unreadable is how many texts of the drawings on a page leave their drawing, or lie over another text.
const unreadable = `[...document.querySelectorAll("svg.drawing")].flatMap(svg => {
	const frame = svg.getBoundingClientRect(), boxes = [...svg.querySelectorAll("text")].filter(t => t.textContent).map(t => [t.getBoundingClientRect(), t.textContent]);
	const out = boxes.filter(([b]) => b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1 || b.bottom > frame.bottom + 1).map(([, text]) => text);
	boxes.forEach(([a, text], i) => boxes.slice(i + 1).forEach(([b, other]) => {
		const over = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
		if (over > 2 && high > 3) out.push(text + " over " + other);
	}));
	return out.map(text => svg.getAttribute("aria-label").slice(0, 40) + "…: " + text);
}).join("\n")`

// TestDrawings: in both languages, what is written in a drawing fits, and can be read.
func TestDrawings(t *testing.T) {
	t.Parallel()
	b := browse(t)
	s, url := start(t)
	b.begin(1280, 844)
	b.open(url)
	for _, lang := range tutorial.Languages {
		if err := s.Course.SetLang(lang); err != nil {
			t.Fatal(err)
		}
		paths := []string{"/", "/field"}
		for _, c := range s.Course.Chapters {
			paths = append(paths, "/chapter/"+c.ID)
		}
		for _, path := range paths {
			b.open(root(url) + path)
			if bad := value(b, chromedp.Evaluate[string](unreadable)); bad != "" {
				t.Errorf("%s in %s:\n%s", path, lang, bad)
			}
		}
	}
}

// TestWidths: on a phone as on a desk, no page is wider than the window.
func TestWidths(t *testing.T) {
	t.Parallel()
	b := browse(t)
	s, url := start(t)

	b.begin(1280, 844)
	b.open(url)
	paths := []string{"/", "/field"}
	for _, c := range s.Course.Chapters {
		paths = append(paths, "/chapter/"+c.ID, "/slides/"+c.ID)
	}
	for _, path := range paths {
		b.size(1280, 844)
		b.open(root(url) + path)
		for _, width := range []int64{1280, 390} {
			b.size(width, 844)
			if strings.HasPrefix(path, "/chapter") {
				if beside := b.number(beside) > 0; beside != (width == 1280) {
					t.Errorf("%s, %d wide: the inspector stands beside the text: %v", path, width, beside)
				}
			}
			if overflow := b.number(`document.documentElement.scrollWidth - innerWidth`); overflow > 0 {
				t.Errorf("%s is %d pixels wider than a window of %d", path, overflow, width)
			}
			if path != "/" && path != "/field" && !strings.HasSuffix(path, "/09") {
				continue
			}
			for _, scheme := range []string{"light", "dark"} {
				b.scheme(scheme)
				b.picture(fmt.Sprintf("page%s-%d-%s", strings.ReplaceAll(path, "/", "-"), width, scheme))
			}
		}
	}
}
