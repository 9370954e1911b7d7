// The bodies of both messages as what they are: JSON, a form, parts, an image, text, or bytes. Their codings are removed here.
import { el, byId, replace, bytesOf } from "./dom.js";
import { t } from "./strings.js";
import { state } from "./store.js";
import { virtualLines, virtualRows } from "./rows.js";

const shownBody = { side: "response", view: "", search: "", at: 0 };
let drawnBody = "", typed = false; // a search was typed: the field keeps the focus

export function drawBody() {
  const panel = byId("panel-body"), x = state.view.exchange;
  if (state.tab !== "body") return; // it is made when it is looked at
  const key = JSON.stringify([x.id, x.request.length, x.response.length, (state.view.response ?? []).length, document.documentElement.lang, shownBody]);
  if (key === drawnBody) return;
  drawnBody = key;
  buildBody().then(made => { if (key === drawnBody) replace(panel, made); });
}

// bodyOf puts the bytes of a body together, without its transfer coding.
function bodyOf(side) {
  const bytes = bytesOf(state.view.exchange[side]);
  const parts = (state.view[side] ?? []).filter(token => token.kind === "message-body").map(token => bytes.subarray(token.start, token.end));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

// fieldOf is a field of a message, as its head has it.
function fieldOf(side, name) {
  const head = new TextDecoder("latin1").decode(bytesOf(state.view.exchange[side]).subarray(0, 65536)).split("\r\n\r\n")[0];
  return new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, "im").exec(head)?.[1]?.trim() ?? "";
}

const codings = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" };
const mostDecoded = 16 << 20; // bytes: a few of gzip can stand for any number

// decoded removes a content coding that browsers know.
async function decoded(bytes, coding) {
  if (!codings[coding]) return bytes;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(codings[coding])).getReader();
  const parts = [];
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done && length < mostDecoded; next = await reader.read()) { parts.push(next.value); length += next.value.length; }
  } catch { /* cut short, or no gzip: what came before is shown */ }
  reader.cancel().catch(() => {});
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const strictText = new TextDecoder("utf-8", { fatal: true });

function textOf(bytes) {
  try { return strictText.decode(bytes); } catch { return null; }
}

// viewsOf are the ways to look at a body, the best one first: [name, what makes it].
function viewsOf(bytes, type) {
  const text = textOf(bytes), media = type.split(";")[0].trim().toLowerCase(), views = [];
  if (/^image\//.test(media)) views.push(["image", () => image(bytes, media)]);
  if (media === "multipart/form-data") views.push(["parts", () => bodyParts(bytes, type)]);
  if (media === "application/x-www-form-urlencoded" && text !== null) views.push(["form", () => form(text)]);
  const json = text !== null && /[/+]json$|^$|^text\/plain$/.test(media) ? pretty(text) : null;
  if (json !== null) views.push(["json", () => bodyLines(json)]);
  if (text !== null) views.push(["text", () => bodyLines(text)]);
  views.push(["hex", () => bodyHex(bytes)]);
  return views;
}

// pretty indents JSON without reading its numbers, which may be larger than a browser's; null: it is none.
function pretty(text) {
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return null;
  try { JSON.parse(text); } catch { return null; }
  let out = "", depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === "{" || token === "[") { out += token + "\n" + "  ".repeat(++depth); continue; }
    if (token === "}" || token === "]") { out = out.trimEnd() + "\n" + "  ".repeat(--depth) + token; continue; }
    out += token === "," ? ",\n" + "  ".repeat(depth) : token === ":" ? ": " : token;
  }
  return out.replace(/\{\s+\}/g, "{}").replace(/\[\s+\]/g, "[]");
}

function marked(line) {
  const wanted = shownBody.search.toLowerCase();
  if (!wanted) return [line];
  const out = [], low = line.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) { out.push(line.slice(from, at), line.slice(at, at + wanted.length)); from = at + wanted.length; }
  return [...out, line.slice(from)];
}

function bodyLines(text) {
  const list = virtualLines(text.replaceAll("\r", ""), marked), wanted = shownBody.search.toLowerCase();
  const hits = wanted ? list.lines.flatMap((line, i) => line.toLowerCase().includes(wanted) ? [i] : []) : [];
  return { body: list.box, hits: hits.length, go: n => { list.redraw(); if (hits.length) list.show(hits[n % hits.length]); } };
}

function bodyHex(bytes) {
  const wanted = [...new TextEncoder().encode(shownBody.search)], hits = [];
  if (wanted.length) {
    for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) if (wanted.every((b, i) => bytes[at + i] === b)) hits.push(at);
  }
  const hot = new Set(hits.slice(0, 10000).flatMap(at => wanted.map((b, i) => at + i)));
  const list = virtualRows(bytes, { style: o => hot.has(o) ? "tok hot" : "tok", token: () => 0 });
  return { body: list.box, hits: hits.length, go: n => { list.redraw(); if (hits.length) list.show(hits[n % hits.length]); } };
}

function image(bytes, media) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return { body: el("p", { class: "picture" }, el("img", { src: `data:${media};base64,${btoa(text)}`, alt: t("body.image", { type: media }) })) };
}

const bodyTable = rows => ({ body: el("table", { class: "environ" }, el("tbody", {}, rows)) });

function form(text) {
  return bodyTable([...new URLSearchParams(text)].map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, el("code", {}, value)))));
}

// parts are those of multipart/form-data (RFC 7578): name, file, type, and what is in it.
function bodyParts(bytes, type) {
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (!boundary) return { body: el("p", { class: "error none" }, t("body.noBoundary")) };
  const text = new TextDecoder("latin1").decode(bytes); // a character is a byte
  return bodyTable(text.split("--" + boundary).slice(1).filter(part => !part.startsWith("--")).map(part => {
    const [head, ...rest] = part.replace(/^\r\n/, "").split("\r\n\r\n");
    const content = Uint8Array.from(rest.join("\r\n\r\n").replace(/\r\n$/, ""), c => c.charCodeAt(0));
    const utf8 = s => textOf(Uint8Array.from(s ?? "", c => c.charCodeAt(0))) ?? s;
    const name = utf8(/[; ]name="([^"]*)"/i.exec(head)?.[1] ?? ""), file = utf8(/filename="([^"]*)"/i.exec(head)?.[1]), media = /^content-type:\s*([^\r\n;]+)/im.exec(head)?.[1] ?? "";
    const shown = /^image\//.test(media) ? image(content, media).body : el("code", {}, (textOf(content) ?? t("bytes", { n: content.length })).slice(0, 500));
    return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, file && el("span", { class: "chip" }, file), media && el("span", { class: "muted" }, ` ${media} `), el("span", { class: "muted" }, t("bytes", { n: content.length })), " ", shown));
  }));
}

async function buildBody() {
  const x = state.view.exchange, bodies = { request: bodyOf("request"), response: bodyOf("response") };
  if (!bodies[shownBody.side].length && bodies[shownBody.side === "request" ? "response" : "request"].length) shownBody.side = shownBody.side === "request" ? "response" : "request";
  const side = shownBody.side, coding = fieldOf(side, "content-encoding").toLowerCase(), bytes = await decoded(bodies[side], coding);
  const views = viewsOf(bytes, fieldOf(side, "content-type"));
  const [name, make] = views.find(([one]) => one === shownBody.view) ?? views[0];
  const pick = (what, value, text, on) => el("button", { "aria-pressed": String(on), ["data-" + what]: value, onclick: () => { shownBody[what] = value; shownBody.at = 0; drawBody(); } }, text);
  const made = bytes.length ? make() : { body: el("p", { class: "muted none" }, t("body.none")) };
  const search = el("input", { type: "search", value: shownBody.search, placeholder: t("body.search"), "aria-label": t("body.search"), spellcheck: "false", autocomplete: "off",
    onkeydown: e => {
      if (e.key !== "Enter") return;
      e.preventDefault();
      typed = true;
      if (shownBody.search !== search.value) Object.assign(shownBody, { search: search.value, at: 0 });
      else shownBody.at += e.shiftKey ? Math.max(0, (made.hits ?? 1) - 1) : 1;
      drawBody();
    } });
  if (made.go) requestAnimationFrame(() => made.go(shownBody.at));
  if (typed) requestAnimationFrame(() => { typed = false; search.focus(); });
  return [el("div", { class: "body-bar" },
    ["request", "response"].map(one => pick("side", one, `${t(one)} · ${t("bytes", { n: bodies[one].length })}`, one === side)),
    bytes.length > 0 && views.map(([one]) => pick("view", one, t("body." + one), one === name)),
    made.go && search, made.go && shownBody.search && el("span", { class: "muted", role: "status" }, made.hits ? `${shownBody.at % made.hits + 1}/${made.hits}` : t("body.notFound"))),
  [codings[coding] && t("body.decoded", { coding, n: bodies[side].length, m: bytes.length }), x[side].cut && t("cut", { n: bytesOf(x[side]).length, all: x[side].length })].filter(Boolean).map(text => el("p", { class: "muted none" }, text)),
  made.body];
}
