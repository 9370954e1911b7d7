// The list of exchanges: what is in it, what is looked for, and what stands there while it is empty.
import { el, byId, replace, duration, bytesOf, toast } from "./dom.js";
import { t } from "./strings.js";
import { state, on, live, select, findText } from "./store.js";

// filterWords are those of the filter: "-" before one means that it must not be there; body:TEXT looks into the bytes of both messages.
const filterWords = () => state.filter.toLowerCase().split(/\s+/).filter(Boolean).map(word => {
  const not = word.length > 1 && word.startsWith("-");
  return { not, text: not ? word.slice(1) : word };
});

const plain = s => `${s.method ?? ""} ${s.target ?? ""} ${s.status ?? ""} ${s.state} ${s.failure ?? ""} #${s.id}`.toLowerCase();
const found = new Map(); // body:TEXT -> Set of IDs; asked for again whenever the list is new

function has(s, text) {
  if (!text.startsWith("body:")) return plain(s).includes(text);
  const wanted = text.slice("body:".length);
  return !wanted || (found.get(wanted)?.has(s.id) ?? false);
}

const matches = s => filterWords().every(({ not, text }) => has(s, text) !== not);
export const visible = () => state.list.filter(matches).reverse();

// search asks where the texts are that the filter looks for in bodies, and shows the list when it knows.
export async function search() {
  const wanted = new Set(filterWords().filter(w => w.text.startsWith("body:")).map(w => w.text.slice("body:".length)).filter(Boolean));
  for (const text of found.keys()) if (!wanted.has(text)) found.delete(text);
  await Promise.all([...wanted].map(async text => {
    try { found.set(text, new Set(live() ? await findText(text) : inRecording(text))); } catch (error) { toast(error.message); }
  }));
  if (wanted.size) drawList();
}

const latin = new TextDecoder("latin1");
const inRecording = text => state.recording.views.filter(v => ["request", "response"].some(side =>
  new TextDecoder().decode(bytesOf(v.exchange[side])).toLowerCase().includes(text) || latin.decode(bytesOf(v.exchange[side])).toLowerCase().includes(text))).map(v => v.exchange.id);

export function drawList() {
  const list = visible();
  byId("count").textContent = state.filter ? `${list.length}/${state.list.length}` : state.list.length || "";
  const focused = document.activeElement?.dataset?.id;
  made = Math.min(list.length, wanted());
  replace(byId("exchanges"), list.slice(0, made).map(row), made < list.length && below(list.length - made));
  if (!state.list.length) replace(byId("exchanges"), el("li", { class: "muted none" }, t(parent === window ? "empty" : "empty.framed")));
  if (focused) byId("exchanges").querySelector(`[data-id="${focused}"]`)?.focus();
  drawEmpty();
}

// Of a long list only those rows are made that can be seen, and some beyond: as one scrolls, more are.
const leastTall = 40, moreRows = 20; // pixels of a row, at least; rows
let made = 0;

const wanted = () => Math.ceil((byId("exchanges").scrollTop + (byId("exchanges").clientHeight || innerHeight)) / leastTall) + moreRows;

function below(rows) {
  const e = el("li", { class: "below", "aria-hidden": "true" });
  e.style.height = rows * leastTall + "px";
  return e;
}

byId("exchanges").addEventListener("scroll", () => { if (byId("exchanges").querySelector(".below") && wanted() - moreRows / 2 > made) drawList(); }, { passive: true });

// reveal scrolls to an exchange.
export function reveal(id) {
  const find = () => byId("exchanges").querySelector(`[data-id="${id}"]`);
  if (!find()) { byId("exchanges").scrollTop = leastTall * visible().findIndex(s => s.id === id); drawList(); }
  find()?.scrollIntoView({ block: "nearest" });
}

function row(s) {
  const bad = /^[45]/.test(s.status ?? "") || s.failure;
  return el("li", {}, el("button", { "data-id": s.id, class: `exchange ${s.state}`, "aria-current": s.id === state.id ? "true" : undefined, onclick: () => open(s.id) },
    el("span", { class: "dot", title: t("state." + s.state) }),
    el("span", { class: "line" }, el("b", {}, s.method ?? "–"), " ", s.target ?? t("noRequestLine")),
    el("span", { class: "code" + (bad ? " bad" : "") }, (s.status ?? "").slice(0, 3) || (s.failure ? "!" : "")),
    s.outside?.about && el("span", { class: "about" }, s.outside.wrong ? "✗ " : "✓ ", s.outside.about),
    el("span", { class: "muted more" }, `#${s.id} · ${s.state === "ended" ? duration(s.took_ns) : t("state." + s.state) + " · " + t("stage." + s.stage)}`, s.edited ? " · " + t("edited") : ""),
    s.failure && el("span", { class: "more bad" }, t("failure." + s.failure), s.rule && `: ${s.rule}`)));
}

export function open(id) {
  document.body.classList.add("detail");
  select(id);
}

// drawEmpty says where requests go, and how to send one.
function drawEmpty() {
  const at = state.address ?? "";
  const line = at.startsWith("unix:") ? `curl -i --unix-socket ${at.slice("unix:".length)} http://localhost/` : at && `curl -i${at.startsWith("https:") ? "k" : ""} ${at}`;
  replace(byId("empty-how"), /^https?:/.test(at) && el("p", {}, el("a", { href: at, target: "_blank", rel: "noreferrer" }, at)),
    line && el("p", { class: "copy" }, el("code", {}, line), el("button", { onclick: () => copy(line) }, t("copy"))));
}

async function copy(text) {
  if (!navigator.clipboard) { prompt(t("copy"), text); return; } // not from here, over plain HTTP
  await navigator.clipboard.writeText(text);
  toast(t("copied"));
}

on("list", () => { drawList(); search(); });
on("filter", () => { drawList(); search(); });
