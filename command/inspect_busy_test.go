package command

import (
	"encoding/json"
	"maps"
	"testing"
)

// recorded is how many exchanges the list of TestInspectBusy has.
const recorded = 400

// busy makes of a recording one of a server that had more calls than are recorded with what the application does in them.
func busy(t *testing.T, recording string) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(recording), &all); err != nil {
		t.Fatal(err)
	}
	view := all["views"].([]any)[0].(map[string]any)
	exchange := view["exchange"].(map[string]any)
	exchange["without_lines"], exchange["most_calls"] = true, 100
	for _, what := range []string{"reads", "texts", "said"} {
		delete(exchange, what)
	}
	var views []any
	for id := range recorded {
		x, v := maps.Clone(exchange), maps.Clone(view)
		x["id"] = id + 1
		v["exchange"] = x
		views = append(views, v)
	}
	all["views"] = views
	text, _ := json.Marshal(all)
	return string(text)
}

// TestInspectBusy: what is not known of an exchange of a busy server is said where one would look for it, with the reason; and of a
// long list only the rows are made that can be seen.
func TestInspectBusy(t *testing.T) {
	t.Parallel()
	b, r := inspecting(t, "greet.py", followedApp)
	<-fetch(r.url + "/shop/list?name=Ada")
	b.until("it is there", `document.querySelector("#facts").textContent.startsWith("#1 ")`)
	if evaluate[bool](b, `document.querySelector("#facts").textContent.includes("without lines of Python") || document.querySelector(".without-lines") !== null`) {
		t.Error("an exchange that is recorded with its lines is said to have none")
	}
	text, _ := json.Marshal(busy(t, evaluateAsync(b, `fetch("api/exchanges/1/recording").then(r => r.text())`)))
	b.do("drop a recording", script(`(() => {
		const carried = new DataTransfer();
		carried.items.add(new File([`+string(text)+`], "exchange.glass.json"));
		document.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
	})()`))
	b.until("the recording", `document.querySelector("#live.file") !== null && document.querySelector("#count").textContent === "`+quoted(recorded)+`"`)
	for _, says := range []struct{ short, why string }{{"without lines of Python", "more than 100 calls a second"}, {"没有 Python 代码行", "每秒的调用超过 100 次"}} {
		b.until(says.short, `document.querySelector("#facts").textContent.includes(`+quoted(says.short)+`)`)
		for _, tab := range []string{"steps", "code", "contract"} {
			b.do(tab, script(`document.querySelector("#tab-`+tab+`").click()`))
			b.until(tab+": "+says.why, `document.querySelector("#panel-`+tab+` .without-lines")?.textContent.includes(`+quoted(says.why)+`)`)
		}
		b.do("a variable", script(`document.querySelector("#tab-environ").click(); document.querySelector('[data-key="PATH_INFO"]').click()`))
		b.until("who read it is not known", `document.querySelector("#path").textContent.includes(`+quoted(says.why)+`)`)
		b.do("another language", script(`document.querySelector("#language").click()`))
	}
	b.do("a line's end", script(`document.querySelector("#request-bytes .text .tok i").click()`))
	b.until("it is marked", `document.querySelector("#request-bytes .text .hot i") !== null`)
	b.shootAt("busy-1280x800", 1280, 800, false)
	b.shootAt("busy-1280x800-dark", 1280, 800, true)

	const rows = `document.querySelectorAll("#exchanges [data-id]").length`
	seen := func(id int) string {
		return `(r => r && r.top > -2 && r.bottom < innerHeight + 2)(document.querySelector('#exchanges [data-id="` + quoted(id) + `"]')?.getBoundingClientRect())`
	}
	if n := evaluate[int](b, rows); n > recorded/4 || !evaluate[bool](b, seen(recorded)) {
		t.Errorf("%d rows at the top of a list of %d", n, recorded)
	}
	b.do("the next but one", script(`for (const key of ["k", "k"]) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))`))
	b.until("it is looked at", `document.querySelector("#facts").textContent.startsWith("#3 ")`)
	b.until("it can be seen", seen(3))
	b.do("up", script(`document.querySelector("#exchanges").scrollTop = 0; document.querySelector("#filter").dispatchEvent(new Event("input"))`))
	b.until("few rows again", rows+` <= `+quoted(recorded/4))
	b.do("down to the middle", script(`document.querySelector("#exchanges").scrollTop = 9000`))
	b.until("rows as far as one sees", rows+` > `+quoted(9000/60))
	b.quiet()
}
