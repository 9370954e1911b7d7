package command

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

const followedApp = `
from html import escape


def greet(name):
    return "<p>Hello " + escape(name) + "</p>"


def application(environ, start_response):
    name = environ["QUERY_STRING"].partition("=")[2]
    headers = [("Content-Type", "text/html"), ("X-List", environ["PATH_INFO"])]
    start_response("200 OK", headers)
    return [greet(name).encode()]
`

// wayText is the way of what is pinned, as it is said.
const wayText = `(document.querySelector("#path:not([hidden])")?.textContent ?? "").replace(/\s+/g, " ")`

// marked are the bytes of a message that are marked as hot, or as the same.
func marked(side, mark string) string {
	return fmt.Sprintf(`Array.from(document.querySelectorAll("#%s-bytes .text .%s"), e => e.textContent).join("|")`, side, mark)
}

// TestInspectFollow: from a byte, a variable, a line and a byte of the response, the whole way of a value; in a saved page, too.
func TestInspectFollow(t *testing.T) {
	t.Parallel()
	b, r := inspecting(t, "greet.py", followedApp)
	<-fetch(r.url + "/shop/list?name=Ada")
	b.until("it is there", `document.querySelector("#facts").textContent.startsWith("#1 ")`)
	b.ways("live")
	b.shoot("follow-1280", 1280, false)
	b.shootAt("follow-1280x720-dark", 1280, 720, true)
	b.do("on a phone", chromedp.EmulateViewport(390, 844), script(`document.querySelector('[data-id="1"]').click()`))
	b.ways("on a phone")
	b.do("down", script(`document.querySelector(".strip").scrollIntoView()`))
	b.shoot("follow-390", 390, false)
	b.do("in Chinese", chromedp.EmulateViewport(1280, 720), script(`document.querySelector("#language").click()`))
	b.ways("in Chinese")
	b.shootAt("follow-zh-1280x720", 1280, 720, false)
	b.do("on a phone", chromedp.EmulateViewport(390, 844), script(`document.querySelector(".source").scrollIntoView({ block: "end" })`))
	b.shoot("follow-zh-390-dark", 390, true)
	b.do("in English", chromedp.EmulateViewport(1280, 800), script(`document.querySelector("#language").click()`))

	text := evaluateAsync(b, `fetch("api/exchanges/1/file").then(r => r.text())`)
	file := filepath.Join(t.TempDir(), "exchange.glass.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do("open the file", chromedp.Navigate("file://"+filepath.ToSlash(file)))
	b.until("the exchange", `document.querySelector("#live.file") !== null && document.querySelectorAll("#response-bytes .tok").length > 5`)
	b.ways("in a file")
	b.quiet()
}

// ways follows a value from each of its ends. What is looked for is the same in all languages.
func (b *browser) ways(where string) {
	b.t.Helper()
	token := func(side, text string) action {
		return script(fmt.Sprintf(`Array.from(document.querySelectorAll("#%s-bytes .text .tok")).find(e => e.textContent === %q).click()`, side, text))
	}
	says := func(parts ...string) {
		b.t.Helper()
		for _, part := range parts {
			b.until(where+": "+part, wayText+`.includes(`+quoted(part)+`)`)
		}
	}
	b.do("nothing", script(`document.activeElement.blur()`), chromedp.KeyEvent("\x1b"))
	b.until("no way", wayText+` === ""`)
	b.do("a byte of the request", token("request", "Ada"))
	says("Ada", "20–22", "QUERY_STRING", "greet.py:10", "name greet.py:6")
	b.until("the same bytes in the response", marked("response", "same")+` === "Ada" && `+marked("request", "hot")+` === "Ada"`)
	b.do("a byte of the response", token("response", "Ada"))
	says("Ada", "20–22", "QUERY_STRING", "greet.py:10", "name greet.py:6")
	b.until("the same bytes in the request", marked("request", "same")+` === "Ada" && `+marked("response", "hot")+` === "Ada"`)
	b.until("its variable", `document.querySelector('[data-key="QUERY_STRING"].hot') !== null`)
	b.do("a variable", script(`document.querySelector("#tab-environ").click(); document.querySelector('[data-key="PATH_INFO"] th').click()`))
	says("/shop/list", "PATH_INFO", "greet.py:11")
	b.until("its bytes", marked("request", "hot")+` === "/shop/list" && `+marked("response", "same")+` === "/shop/list"`)
	b.do("the line that read it", script(`document.querySelector('[data-key="PATH_INFO"] .readers .place-link').click()`))
	b.until("the line", `document.querySelector(".source .current .use")?.textContent === "PATH_INFO"`)
	b.do("another line", script(`Array.from(document.querySelectorAll(".source .use")).find(e => e.textContent === "QUERY_STRING → name").click()`))
	says("Ada", "QUERY_STRING", "greet.py:10")
	b.until("both ends", marked("request", "hot")+` === "Ada" && `+marked("response", "same")+` === "Ada"`)
}
