// The bytes of both messages as text and as hex, and what each of them became: point at a byte and see the token, the
// variable of the environ and the rule; point at those and see the bytes.
import { el, byId, replace, nearest, bytesOf, readable, hex, latinText } from "./dom.js";
import { t } from "./strings.js";
import { state } from "./store.js";
import { placeLink } from "./places.js";
import { virtualRows } from "./rows.js";
import { trailsOf, isOnTrail, drawPath } from "./trails.js";

const firstShown = 2048; // bytes that are made at once; of a longer message, rows are made as they come into view
const whole = { request: false, response: false }; // the rows are shown
// { key, bytes, tokens, text: [element by token], hex: [element by offset], rows: virtualRows, hot: [ranges], at: step }
const drawn = { request: null, response: null };
let pinned = null;

export function forgetBytes() {
  whole.request = whole.response = false;
  drawn.request = drawn.response = null;
  pinned = null;
}

export function drawBytes(side) {
  const x = state.view.exchange, tokens = state.view[side] ?? [];
  const key = [x.id, x[side].length, tokens.length, whole[side], document.documentElement.lang, tokens.map(k => (k.keys ?? []).length + ":" + (k.trails ?? [])).join()].join("/");
  if (drawn[side]?.key !== key) build(side, x[side], tokens, key);
  dim(side);
}

function build(side, stream, tokens, key) {
  const bytes = bytesOf(stream);
  const d = drawn[side] = { key, bytes, tokens, text: [], hex: [] };
  if (pinned?.side === side && pinned.start !== undefined) pinned.token = tokenAt(tokens, pinned.start); // they are cut where values are found
  const container = byId(side + "-bytes");
  if (!bytes.length) {
    replace(container, el("p", { class: "muted none" }, t(side === "request" ? "noRequest" : "noResponse")));
    return;
  }
  if (whole[side]) { buildRows(side, d, container); return; }
  const end = Math.min(bytes.length, firstShown);
  const text = el("pre", { class: "text" }), columns = el("pre", { class: "hex", "aria-hidden": "true" });
  tokens.forEach((token, i) => {
    if (token.start >= end) return;
    d.text[i] = el("span", { class: classOf(token), "data-i": i }, words(token, bytes.subarray(token.start, Math.min(token.end, end))));
    text.append(d.text[i]);
  });
  hexRows(d, columns, bytes, tokens, end);
  const grid = el("div", { class: "grid", tabindex: 0, role: "group", "aria-label": t("bytes." + side, { n: stream.length }), "aria-describedby": "strip", "data-side": side }, text, columns);
  const more = end < bytes.length && el("button", { class: "show-more", onclick: () => { whole[side] = true; drawBytes(side); } }, t("more", { n: bytes.length - end }));
  replace(container, grid, more, cutNote(side));
  listen(grid, side, d);
}

function cutNote(side) {
  const stream = state.view.exchange[side];
  return stream.cut && el("p", { class: "muted none" }, t("cut", { n: drawn[side].bytes.length, all: stream.length }));
}

// buildRows shows a long message: text and hex of each row, and nothing of the rows that are not in view.
function buildRows(side, d, container) {
  const style = o => {
    const i = tokenAt(d.tokens, o), token = d.tokens[i];
    const within = ranges => ranges?.some(([start, end]) => start <= o && o < end);
    return (token ? classOf(token) : "tok") + (within(d.hot) ? " hot" : "") + (within(d.same) ? " same" : "") + (token && isLater(d, token, side, i) ? " later" : "");
  };
  d.rows = virtualRows(d.bytes, { style, token: o => tokenAt(d.tokens, o) });
  const grid = el("div", { class: "whole", tabindex: 0, role: "group", "aria-label": t("bytes." + side, { n: d.bytes.length }), "aria-describedby": "strip", "data-side": side }, d.rows.box);
  replace(container, grid, cutNote(side));
  d.rows.redraw();
  listen(grid, side, d);
}

// tokenAt is the index of the token that a byte belongs to.
function tokenAt(tokens, offset) {
  let low = 0, high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle].end <= offset) low = middle + 1; else high = middle;
  }
  return low;
}

function classOf(token) {
  return "tok k-" + token.kind.replace(/[^a-z]/gi, "").toLowerCase() + (token.by ? " by-" + token.by.replace(/[^a-z]/g, "") : "");
}

// words shows the ends of lines, which is what much of HTTP hangs on.
function words(token, part) {
  return readable(part).split(/(\r?\n)/).map(piece =>
    piece === "\r\n" ? [el("i", {}, "\\r\\n"), "\n"] : piece === "\n" ? [el("i", {}, "\\n"), "\n"] : piece.replaceAll("\r", "\\r"));
}

function hexRows(d, columns, bytes, tokens, end) {
  const across = columns.ownerDocument.documentElement.clientWidth >= 1500 ? 16 : 8;
  let token = 0;
  for (let row = 0; row < end; row += across) {
    columns.append(el("span", { class: "offset" }, row.toString(16).padStart(4, "0")));
    for (let i = row; i < Math.min(end, row + across); i++) {
      while (token < tokens.length - 1 && tokens[token].end <= i) token++;
      d.hex[i] = el("b", { class: tokens[token] ? classOf(tokens[token]) : "tok", "data-i": token, "data-o": i }, hex(bytes[i]));
      columns.append(" ", d.hex[i]);
    }
    columns.append("\n");
  }
}

// dim what the step that is looked at had not found or written yet.
function dim(side) {
  const d = drawn[side], x = state.view.exchange;
  if (!d?.bytes.length) return;
  d.at = state.step ?? x.steps.length - 1;
  if (d.rows) { d.rows.redraw(); return; }
  d.tokens.forEach((token, i) => {
    const later = isLater(d, token, side, i);
    d.text[i]?.classList.toggle("later", later);
    for (let o = token.start; o < token.end && o < d.hex.length; o++) d.hex[o]?.classList.toggle("later", later);
  });
}

function isLater(d, token, side, i) {
  return side === "request" && state.step === null ? false : (token.step < 0 ? tokenBefore(d.tokens, i) : token.step) > d.at;
}

function tokenBefore(tokens, i) {
  while (i > 0 && tokens[i].step < 0) i--;
  return tokens[i].step;
}

function listen(grid, side, d) {
  const found = e => {
    const target = e.target.closest?.("[data-i]");
    return target && { side, token: Number(target.dataset.i), offset: target.dataset.o === undefined ? null : Number(target.dataset.o) };
  };
  grid.addEventListener("pointerover", e => { const at = found(e); if (at && e.pointerType === "mouse") light(at); });
  grid.addEventListener("pointerleave", () => light(pinned));
  grid.addEventListener("click", e => { const at = found(e); pin(at && pinned?.side === side && pinned?.token === at.token ? null : at); });
  grid.addEventListener("focus", () => { if (pinned?.side !== side && grid.matches(":focus-visible")) pin({ side, token: 0, offset: null }); });
  grid.addEventListener("keydown", e => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (!by || pinned?.side !== side) return;
    e.preventDefault();
    if (e.shiftKey) { // one byte
      const offset = Math.min(d.bytes.length - 1, Math.max(0, (pinned.offset ?? d.tokens[pinned.token].start) + by));
      pin({ side, token: d.tokens.findIndex(k => k.start <= offset && offset < k.end), offset });
    } else {
      pin({ side, token: Math.min(d.tokens.length - 1, Math.max(0, pinned.token + by)), offset: null });
    }
    if (d.rows) d.rows.show(pinned.offset ?? d.tokens[pinned.token].start);
    else nearest(d.text[pinned.token]);
  });
}

export function pin(what) {
  pinned = what && what.side ? { ...what, start: drawn[what.side]?.tokens[what.token]?.start } : what;
  light(pinned);
  drawPinned();
}

// drawPinned says the way of what is pinned; what is new since then is said with it.
export function drawPinned() { drawPath(pinned, pinned?.side && drawn[pinned.side]?.tokens[pinned.token], pin); }

export const pinnedNow = () => pinned;

// light marks what belongs together. what: a token {side, token, offset}, {key} of the environ, {block}, {step}, {trail}, or null.
export function light(what) {
  for (const e of document.querySelectorAll(".hot, .same")) e.classList.remove("hot", "same");
  for (const d of [drawn.request, drawn.response]) if (d?.hot?.length || d?.same?.length) { d.hot = d.same = []; d.rows.redraw(); }
  if (!what || !state.view) { strip(null); return; }
  const token = what.side && drawn[what.side]?.tokens[what.token];
  const trails = trailsOf(what, token);
  for (const side of ["request", "response"]) {
    const d = drawn[side];
    if (d?.rows) {
      const ranges = wanted => d.tokens.filter(wanted).map(one => [one.start, one.end]);
      d.hot = what.offset !== null && what.offset !== undefined && what.side === side ? [[what.offset, what.offset + 1]] : ranges((one, i) => belongs(what, side, one, i));
      d.same = ranges((one, i) => isOnTrail(one, trails) && !belongs(what, side, one, i));
      d.rows.redraw();
      continue;
    }
    d?.tokens.forEach((one, i) => {
      const mine = belongs(what, side, one, i);
      if (!mine && !isOnTrail(one, trails)) return;
      const mark = mine ? "hot" : "same";
      d.text[i]?.classList.add(mark);
      for (let o = one.start; o < one.end && o < d.hex.length; o++) if (!mine || what.offset === null || what.offset === undefined || what.offset === o || what.side !== side) d.hex[o]?.classList.add(mark);
    });
  }
  const keys = [...what.key ? [what.key] : token?.keys ?? [], ...trails.map(i => state.view.trails[i].name)];
  for (const row of document.querySelectorAll("[data-key]")) row.classList.toggle("hot", keys.includes(row.dataset.key));
  const block = what.block ?? token?.block;
  if (block) for (const row of document.querySelectorAll("[data-block]")) row.classList.toggle("hot", Number(row.dataset.block) === block);
  if (token && token.step >= 0) document.querySelector(`[data-step="${token.step}"]`)?.classList.add("hot");
  strip(what, token);
}

function belongs(what, side, token, i) {
  if (what.trail !== undefined) return side === "request" && isOnTrail(token, [what.trail]);
  if (what.key) return side === "request" && (token.keys ?? []).includes(what.key);
  if (what.block) return side === "response" && token.block === what.block;
  if (what.wire) return what.wireSide === side && token.start < what.wire.End && what.wire.Start < token.end;
  return what.side === side && what.token === i;
}

const ruleText = spec => spec && t("rule." + spec, {}, "");

// strip says what is pointed at, in one line.
function strip(what, token) {
  const e = byId("strip");
  if (!what) { replace(e, el("span", { class: "muted" }, t("strip.none"))); return; }
  if (what.key) { replace(e, stripOfKey(what.key)); return; } // with a trail, too
  if (!token) { replace(e, el("span", {}, what.say ?? "")); return; }
  const range = what.offset === null || what.offset === undefined ? `${token.start}–${token.end - 1}` : `${what.offset} (0x${hex(drawn[what.side].bytes[what.offset])})`;
  const keys = (token.keys ?? []).map(key => [" ", el("button", { class: "key", "data-go": key }, key)]);
  replace(e,
    el("span", { class: "chip" }, t("strip." + what.side), " ", range),
    el("strong", {}, t("token." + token.kind, {}, token.kind)),
    token.spec && el("span", { class: "spec" }, token.spec),
    token.by && el("span", { class: "author by-" + token.by.replace(/[^a-z]/g, "") }, t("by." + token.by, { n: token.block ?? "" }), token.python && [" (", placeLink(token.python), ")"]),
    keys.length > 0 && el("span", { class: "keys" }, "→", keys),
    el("span", { class: "muted rule" }, ruleText(token.spec)));
}

function stripOfKey(key) {
  const v = (state.view.exchange.environ ?? []).find(one => one.name === key);
  const spec = state.view.rules[key];
  const text = v && latinText(v.value);
  return [
    el("strong", { class: "mono" }, key), spec && el("span", { class: "spec" }, spec),
    text && el("span", { class: "chip" }, t("utf8"), " ", text),
    el("span", { class: "muted rule" }, t("variable." + key, {}, key.startsWith("HTTP_") ? t("variable.HTTP_") : ruleText(spec) ?? "")),
  ];
}
