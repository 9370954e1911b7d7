package command

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"glasswsgi/inspect/axe"
)

// TestInspectDraft: a request is written in the page, and one that was recorded is changed. The parser says what it makes of
// each; nothing is sent until that is asked for, and then both answers stand side by side.
func TestInspectDraft(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	b.axe = axe.Source(t)
	r, address := inspected(t, "command/testdata/step/shout.py")
	b.do("open the page", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(address))
	b.until("the page watches", `document.querySelector("#live.on") !== null`)
	if wrong := evaluateAsync(b, `import(new URL("static/draft.js", location.href)).then(({ editable, bytesOfText }) => {
		const samples = [Array.from({ length: 256 }, (_, i) => i), [13, 10, 13, 13, 10, 10, 92, 120, 52, 49, 92, 92], [...new TextEncoder().encode("GET /caf\u00e9\u6c49\u{1f600}")], [0xe2, 0x28, 0xc3], [0xed, 0xa0, 0x80, 0xef, 0xbb, 0xbf, 65]];
		return samples.filter(s => [...bytesOfText(editable(Uint8Array.from(s)))].join() !== s.join()).map(s => s.join(" ")).join("; ");
	})`); wrong != "" {
		t.Errorf("bytes that do not come back: %s", wrong)
	}
	b.do("write one", click("#empty-draft"))
	b.until("it is whole", `document.querySelector("#draft-parsed .same") !== null`)
	const text = `document.querySelector("#draft-text").value`
	fresh := b.value(text)
	for _, name := range strings.Fields(b.value(`Array.from(document.querySelectorAll("[data-break]"), e => e.dataset.break).join(" ")`)) {
		b.do(name, script(`document.querySelector("#draft-parsed").replaceChildren(); document.querySelector('[data-break="`+name+`"]').click()`))
		b.until(name+" breaks a rule", `document.querySelector("#draft-parsed .failure .spec, #draft-parsed .hint") !== null`)
		named := b.value(`document.querySelector('[data-break="` + name + `"] .spec').textContent`)
		if found := b.value(`document.querySelector("#draft-parsed .failure .spec")?.textContent ?? ""`); found != "" && found != named {
			t.Errorf("%s breaks %s, and not %s", name, found, named)
		}
		b.do("as it was", script(`document.querySelector("#draft-text").value = `+quoted(fresh)))
	}
	b.do("two Hosts", click(`[data-break="twoHosts"]`))
	b.until("refused", `document.querySelector("#draft-parsed .failure") !== null`)
	b.shootAt("draft-new-1280x800", 1280, 800, false)
	if n := evaluate[int](b, `document.querySelectorAll("#exchanges [data-id]").length`); n != 0 {
		t.Errorf("%d requests were sent before it was asked for", n)
	}
	b.do("send it", click(`[data-send="server"]`))
	b.until("the answer", `document.querySelector("#draft-answers pre")?.textContent.startsWith("HTTP/1.1 400")`)
	b.until("it is in the list", `document.querySelectorAll("#exchanges [data-id]").length === 1`)
	b.do("close", script(`document.querySelector("#draft-panel").close()`))

	if got := <-fetch(r.url + "/bob"); got != "Hello, BOB" {
		t.Fatal(got)
	}
	b.until("the request", `document.querySelectorAll("#exchanges [data-id]").length === 2`)
	b.do("it is looked at", script(`document.querySelector("#exchanges [data-id]").click()`))
	b.until("its bytes", `document.querySelector("#heading").textContent.includes("/bob") && document.querySelectorAll("#request-bytes .tok").length > 5`)
	b.do("edit it", script(`document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true, cancelable: true }))`))
	b.until("its text", text+`?.startsWith("GET /bob HTTP/1.1\n")`)
	b.do("another path", script(`(() => { const e = document.querySelector("#draft-text"); e.value = e.value.replace("/bob", "/eve"); e.dispatchEvent(new Event("input")); })()`))
	b.until("the environ follows", `Array.from(document.querySelectorAll("#draft-parsed .environ tr.edited th"), e => e.textContent).join() === "PATH_INFO,REQUEST_URI"`)
	b.do("close the connection after it", script(`(() => { const e = document.querySelector("#draft-text"); e.value = e.value.replace("\n", "\nConnection: close\n"); })()`), click(`[data-send="server"]`))
	b.until("both answers", `document.querySelectorAll("#draft-answers .answers pre").length === 2 && document.querySelector("#draft-answers .answers section:last-child pre").textContent.includes("EVE")`)
	b.shootAt("draft-1280x800-dark", 1280, 800, true)
	b.shootAt("draft-390", 390, 844, false)
	b.quiet()
}
