package command

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"glasswsgi/check/suite"
	"glasswsgi/inspect/axe"
)

// inView lists what is not in view as a whole: of the line that comes next with five above and below, its values, where an
// expression is typed, the pipeline, and the button to go on.
const inView = `(() => {
	const missing = [], fits = (name, e) => {
		const r = e?.getBoundingClientRect();
		const at = r && document.elementFromPoint(r.left + Math.min(r.width / 2, 20), (r.top + r.bottom) / 2);
		if (!r || r.height < 8 || r.top < 0 || r.bottom > innerHeight || r.left < 0 || !at || !(e.contains(at) || at.contains(e))) missing.push(name);
	};
	const current = document.querySelector("#code-card .current");
	fits("the line", current?.firstChild);
	for (let n = 1, up = current, down = current; n <= 5; n++) {
		up = up?.previousElementSibling;
		down = down?.nextElementSibling;
		if (up) fits("line -" + n, up.firstChild);
		if (down) fits("line +" + n, down.firstChild);
	}
	fits("a local", document.querySelector("#panel-code .values .vname"));
	fits("evaluate", document.querySelector("#panel-code .evaluate input"));
	fits("the pipeline", document.querySelector("#pipeline .stage.here .box"));
	fits("continue", document.querySelector("[data-do=continue]"));
	return missing.join(", ");
})()`

// breakAt sets a breakpoint by the page's dialog.
func (b *browser) breakAt(file string, line int) {
	b.t.Helper()
	b.do("the dialog", script(`document.querySelector("#breakpoints").click()`))
	b.until("a form", `document.querySelector("#breakpoint-panel[open] form") !== null`)
	b.do("a line", script(fmt.Sprintf(`(() => {
		const form = document.querySelector("#breakpoint-panel form"), field = name => form.querySelector("[data-field=" + name + "] > :last-child");
		field("kind").value = "line"; field("kind").dispatchEvent(new Event("change"));
		field("file").value = %q; field("line").value = %d;
		form.requestSubmit();
	})()`, file, line)))
	b.until("it is set", `document.querySelector("#breakpoint-panel .breakpoints li span:not(.error)") !== null`)
	b.do("close it", script(`document.querySelector("#breakpoint-panel").close()`))
}

// TestInspectStopped: stopped in a view of Flask, or of Django, one sees the line, its values, where to type an expression
// and the pipeline at once; on a phone the code comes first. A page that is loaded again has lost nothing.
func TestInspectStopped(t *testing.T) {
	t.Parallel()
	debian := suite.Program(t, "/usr/bin/python3")
	b := openBrowser(t)
	b.axe = axe.Source(t)
	for _, row := range []struct {
		name, app, dir, file string
		line                 int
	}{
		{"flask", "examples/frameworks/flask_app.py", "", "examples/frameworks/flask_app.py", 21},
		{"django", "django_site.wsgi:application", "examples/frameworks", "examples/frameworks/django_site/views.py", 17},
	} {
		flags := []string{"--python", debian}
		if row.dir != "" {
			flags = append(flags, "--chdir", row.dir)
		}
		r, address := inspected(t, append(flags, row.app)...)
		b.do("open the page", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(address))
		b.until("the page watches", `document.querySelector("#live.on") !== null`)
		b.until("where to send a request", fmt.Sprintf(`document.querySelector("#empty-how a")?.href === %q`, r.url+"/"))
		b.shootAt(row.name+"-empty-1280x720", 1280, 720, false)
		file, err := filepath.Abs(row.file)
		if err != nil {
			t.Fatal(err)
		}
		b.breakAt(file, row.line)
		answer := fetch(r.url + "/hello/Ada")
		const there = `document.querySelector("#code-card .current") !== null && document.querySelector("#panel-code .values .vname") !== null`
		b.until("the stop", there)
		for _, size := range [][2]int64{{1280, 720}, {1280, 800}} {
			for _, dark := range []bool{false, true} {
				b.shootAt(fmt.Sprintf("%s-%dx%d-dark-%v", row.name, size[0], size[1], dark), size[0], size[1], dark)
				b.until("the line in the middle", `(() => { const c = document.querySelector("#code-card .current"); const box = c.parentElement.getBoundingClientRect(), r = c.getBoundingClientRect(); return r.top > box.top && r.bottom < box.bottom; })()`)
				if missing := b.value(inView); missing != "" {
					t.Errorf("%s, %v: not in view: %s", row.name, size, missing)
				}
			}
		}
		b.shootAt(row.name+"-390", 390, 844, true)
		if top := evaluate[float64](b, `document.querySelector("#code-card .current").getBoundingClientRect().top`); top < 0 || top > 600 {
			t.Errorf("%s: on a phone the line is at %v", row.name, top)
		}
		b.do("load it again", chromedp.EmulateViewport(1280, 720), chromedp.Reload())
		b.until("nothing is lost", there+` && document.querySelector("#live.mine") !== null && document.querySelector("#breakpoint-count").textContent === "1"`)
		b.do("go on", script(`document.querySelector("[data-do=continue]").click()`))
		if got := <-answer; got != "Hello Ada" {
			text, _ := json.Marshal(got)
			t.Errorf("%s: the answer is %s", row.name, text)
		}
		b.until("who wrote the body", fmt.Sprintf(`Array.from(document.querySelectorAll("#response-bytes .by-startresponse")).length > 0 && document.querySelector("#panel-answer").textContent.includes(%q)`, filepath.Base(row.file)+":"))
	}
	b.quiet()
}
