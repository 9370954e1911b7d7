// A request that is being written, or changed: what the server's parser makes of it while one types, ways to break it by one
// click, and the answers side by side. Nothing is sent until it is asked for.
import { el, byId, replace, bytesOf, decode64, encode64, readable, duration } from "./dom.js";
import { t } from "./strings.js";
import { state, on, parseDraft, sendDraft } from "./store.js";
import { differences } from "./replay.js";

// editable is bytes as text that can be changed and turned back: an end of line is CR LF, \r, \n and \xNN are bytes that are
// not in one, or that are no text.
export function editable(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length;) {
    const b = bytes[i], size = b < 0x80 ? 1 : b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc2 ? 2 : 0;
    if (b === 13 && bytes[i + 1] === 10) { text += "\n"; i += 2; continue; }
    if (b === 0x5c) text += "\\\\";
    else if (b === 13) text += "\\r";
    else if (b === 10) text += "\\n";
    else if (size === 1 && b >= 0x20 && b < 0x7f) text += String.fromCharCode(b);
    else {
      const part = size > 1 && new TextDecoder().decode(bytes.subarray(i, i + size));
      if (part && !part.includes("\ufffd")) { text += part; i += size; continue; }
      text += "\\x" + b.toString(16).padStart(2, "0");
    }
    i++;
  }
  return text;
}

// bytesOfText is the way back.
export function bytesOfText(text) {
  const all = [], utf8 = new TextEncoder();
  for (let i = 0; i < text.length;) {
    const found = /^\\(?:x([0-9a-fA-F]{2})|([rnt\\]))/.exec(text.slice(i, i + 4));
    if (found) {
      all.push(found[1] ? parseInt(found[1], 16) : { r: 13, n: 10, t: 9, "\\": 0x5c }[found[2]]);
      i += found[0].length;
    } else if (text[i] === "\n") {
      all.push(13, 10);
      i++;
    } else {
      const c = String.fromCodePoint(text.codePointAt(i));
      all.push(...utf8.encode(c));
      i += c.length;
    }
  }
  return Uint8Array.from(all);
}

// breakages change the text of a request so that it breaks a rule, which is named.
const field = (text, name) => new RegExp(`^${name}:[^\n]*\n`, "im").exec(text)?.[0];
const afterLine = (text, more) => text.replace(/\n/, "\n" + more);
const length = text => bytesOfText(text.split("\n\n").slice(1).join("\n\n")).length;
const withLength = (text, n) => field(text, "content-length") ? text.replace(/^(content-length:)[^\n]*/im, `$1 ${n}`) : afterLine(text, `Content-Length: ${n}\n`);
const breakages = {
  noHost: ["RFC 9112 §3.2", text => text.replace(/^host:[^\n]*\n/im, "")],
  twoHosts: ["RFC 9112 §3.2", text => afterLine(text, "Host: other.example\n")],
  spaceInName: ["RFC 9112 §5.1", text => text.replace(/^(host):/im, "$1 :")],
  folded: ["RFC 9112 §5.2", text => afterLine(text, "X-Folded: one\n two\n")],
  bareLF: ["RFC 9112 §2.2", text => text.replace(/\n/, "\\n")],
  bareCR: ["RFC 9110 §5.5", text => afterLine(text, "X-Split: a\\rb\n")],
  nul: ["RFC 9110 §5.5", text => afterLine(text, "X-NUL: a\\x00b\n")],
  version: ["RFC 9110 §15.6.6", text => text.replace(/HTTP\/\d\.\d\n/, "HTTP/3.0\n")],
  space: ["RFC 9112 §3", text => text.replace(/ /, "  ")],
  longer: ["RFC 9112 §6.3", text => withLength(text, length(text) + 1)],
  twoLengths: ["RFC 9112 §6.3", text => afterLine(text, `Content-Length: ${length(text)}\nContent-Length: ${length(text) + 1}\n`)],
  both: ["RFC 9112 §6.3", text => afterLine(withLength(text, length(text)), "Transfer-Encoding: chunked\n")],
};

let original = null; // { id, bytes, environ } of the exchange that is changed; null: a request of its own
let asked = 0; // the latest question to the parser
const typingTime = 150; // ms of rest before the parser is asked

export function openDraft(fromExchange) {
  const x = fromExchange && state.view?.exchange;
  original = x ? { id: x.id, bytes: bytesOf(x.request), environ: x.environ ?? [] } : null;
  const host = (state.address ?? "").replace(/^https?:\/\//, "").replace(/\/$/, "").replace(/^unix:.*/, "localhost") || "localhost";
  drawDraft(original ? editable(original.bytes) : `GET / HTTP/1.1\nHost: ${host}\nConnection: close\n\n`);
  byId("draft-panel").showModal();
  byId("draft-text").focus();
}

function drawDraft(text) {
  const panel = byId("draft-panel");
  const area = el("textarea", { id: "draft-text", class: "mono", spellcheck: "false", autocomplete: "off", "aria-label": t("draft.text"), oninput: () => parseSoon() }, text);
  const target = (to, name) => el("button", { class: to === "server" ? "primary" : "", "data-send": to, onclick: () => send(to, name) }, t("draft.send", { name }));
  replace(panel,
    el("header", {}, el("h2", { id: "draft-title" }, original ? t("draft.change", { n: original.id }) : t("draft.new")), el("button", { class: "quiet", "aria-label": t("close"), onclick: () => panel.close() }, "×")),
    el("div", { class: "draft" },
      el("section", {}, area, el("p", { class: "muted" }, t("draft.hint")),
        el("details", { class: "breakages", open: true }, el("summary", {}, t("draft.break")),
          el("div", {}, Object.entries(breakages).map(([name, [spec, change]]) => el("button", { "data-break": name, title: spec, onclick: () => { area.value = change(area.value); parse(); } }, t("break." + name), " ", el("span", { class: "spec" }, spec)))))),
      el("section", { id: "draft-parsed", tabindex: 0, role: "group", "aria-label": t("draft.parsed"), "aria-live": "polite" })),
    el("div", { class: "targets" }, state.server && target("server", t("replay.server")), state.wsgiref && target("wsgiref", "wsgiref"),
      original && el("button", { onclick: () => { area.value = editable(original.bytes); parse(); } }, t("draft.undo"))),
    el("div", { id: "draft-answers", role: "status" }));
  parse();
}

let timer = 0;
function parseSoon() { clearTimeout(timer); timer = setTimeout(parse, typingTime); }

async function parse() {
  const question = ++asked;
  try {
    const found = await parseDraft(encode64(bytesOfText(byId("draft-text").value)));
    if (question === asked) replace(byId("draft-parsed"), parsed(found));
  } catch (error) {
    if (question === asked) replace(byId("draft-parsed"), el("p", { class: "error" }, error.message));
  }
}

function parsed({ requests, waits, view }) {
  const x = view.exchange, f = x.failure;
  const before = new Map((original?.environ ?? []).map(v => [v.name, v.value]));
  const gone = original ? [...before.keys()].filter(name => !(x.environ ?? []).some(v => v.name === name)) : [];
  return [
    f ? el("div", { class: "failure" }, el("strong", {}, t("draft.refused")), " ", f.spec && el("span", { class: "spec" }, f.spec), el("p", {}, f.text))
      : el("p", { class: waits || requests > 1 ? "hint" : "same" }, waits ? t("draft.waits") : requests > 1 ? t("draft.several", { n: requests }) : t("draft.whole")),
    el("table", { class: "steps" }, el("tbody", {}, x.steps.filter(s => s.stage === "parse" && s.name !== "need-data").map(s =>
      el("tr", {}, el("td", { class: "name" }, s.name), el("td", { class: "what" }, el("span", {}, s.text ?? "")), el("td", { class: "spec" }, s.spec ?? ""))))),
    (x.environ ?? []).length > 0 && el("table", { class: "environ" }, el("tbody", {}, x.environ.filter(v => !v.name.startsWith("wsgi.")).map(v =>
      el("tr", { class: original && before.get(v.name) !== v.value && !own.test(v.name) ? "edited" : "" }, el("th", { scope: "row" }, v.name), el("td", {}, el("code", {}, v.value)))),
    gone.filter(name => !name.startsWith("wsgi.") && !own.test(name)).map(name => el("tr", { class: "edited" }, el("th", { scope: "row" }, el("del", {}, name)), el("td", {}, el("del", {}, before.get(name))))))),
  ];
}

const own = /^(SERVER_|REMOTE_|GATEWAY_)/; // what the connection says, and not the request

async function send(to, name) {
  const box = byId("draft-answers");
  replace(box, el("p", { class: "muted" }, t("replay.wait", { name })));
  try {
    const bytes = bytesOfText(byId("draft-text").value);
    const r = await sendDraft(original?.id ?? 0, encode64(bytes), to);
    const side = (title, answer) => el("section", {}, el("h3", {}, title, " ", el("span", { class: "muted" }, answer.status || answer.problem, answer.took_ns ? " · " + duration(answer.took_ns) : "")),
      el("pre", { class: "text", tabindex: 0 }, readable(decode64(answer.raw ?? "").subarray(0, shownAnswer)).replaceAll("\r\n", "\n") || answer.problem));
    replace(box, el("div", { class: "answers" }, r.left && side(t("replay.recorded") + ` #${original.id}`, r.left), side(name, r.right)),
      r.left && (r.differences.length ? differences(r.differences, name, true) : el("p", { class: "same" }, t("replay.same"))));
  } catch (error) {
    replace(box, el("p", { class: "error" }, error.message));
  }
}

const shownAnswer = 16384; // bytes; the exchange in the list has all

on("draft", openDraft);
