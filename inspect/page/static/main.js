// The page: the list, the exchange that is looked at, and the keys. Start reading here.
import { el, byId, replace, nearest, duration, toast } from "./dom.js";
import { t, speak, firstLanguage, currentLanguage, languages, remember } from "./strings.js";
import { state, on, emit, live, kept, select, start, showRecording, curlOf } from "./store.js";
import { drawList, visible, open, reveal } from "./list.js";
import { placeLink } from "./places.js";
import { openWaterfall } from "./waterfall.js";
import { drawPipeline } from "./pipeline.js";
import { drawBytes, drawPinned, forgetBytes, light, pin } from "./bytes.js";
import { drawEnviron, drawSteps, drawAnswer } from "./panels.js";
import { drawCode, showCurrent, toggleHere } from "./code.js";
import { drawControl, drawToolbar, perform, takeOrGive, togglePauseNext, openBreakpoints, stepAt } from "./control.js";
import { drawReplay } from "./replay.js";
import { drawBody } from "./body.js";
import { drawContract } from "./contract.js";
import { drawRelatives } from "./relatives.js";
import { openDraft } from "./draft.js";
import { momentsOf, momentNow } from "./moments.js";

// ---- the list

// arrive opens what was waited for, or looked at before the page was loaded again, or else the latest.
function arrive() {
  const list = visible();
  if (awaited !== null && list.length && list[0].id > awaited) { awaited = null; open(list[0].id); }
  if (state.id || !list.length) return;
  const before = Number(kept("id"));
  if (list.some(s => s.id === before)) open(before);
  else if (matchMedia("(min-width: 861px)").matches) select(list[0].id);
}

// A page that shows this one in a frame leads to an exchange by the fragment: its ID, or after-ID, which may be still to come,
// or ID:STAGE, to send its bytes once more and stop there.
let awaited = null;

function lead() {
  const to = location.hash.slice(1);
  awaited = to.startsWith("after-") ? Number(to.slice("after-".length)) : null;
  const [id, stage] = to.split(":");
  if (Number(id)) open(Number(id));
  if (Number(id) && stage) stepAt(stage);
  drawList();
  arrive();
}

function move(by) {
  const list = visible(), at = list.findIndex(s => s.id === state.id);
  const next = list[Math.min(list.length - 1, Math.max(0, at + by))];
  if (next) { open(next.id); reveal(next.id); }
}

// ---- the exchange

function draw() {
  const v = state.view;
  document.body.classList.toggle("stopped", Boolean(v?.exchange.stop));
  byId("empty").hidden = Boolean(v);
  byId("exchange").hidden = !v;
  if (!v) { drawToolbar(); return; }
  const x = v.exchange;
  replace(byId("heading"), el("span", { class: "method" }, x.method || "–"), " ", el("span", { class: "target" }, x.target ?? ""), " ",
    v.status && el("span", { class: "chip status" + (/^[45]/.test(v.status) ? " bad" : "") }, v.status));
  byId("facts").textContent = [`#${x.id}`, x.connection.peer, t("connection", { n: x.connection.id, which: x.connection.exchange }),
    x.worker && t("worker", { pid: x.worker.pid, python: x.worker.python }), x.by && t("by", { who: x.by }), duration(v.took_ns), x.held_ns > 0 && t("held", { time: duration(x.held_ns) }), x.partial && t("partial"), x.without_lines && t("withoutLines")].filter(Boolean).join(" · ");
  document.body.classList.toggle("without-http", Boolean(v.without_http));
  drawOutside(x);
  drawStop(x);
  follow(x);
  drawStages();
  drawBytes("request");
  drawBytes("response");
  drawPinned();
  drawPanels();
  drawToolbar();
  drawWhere(x);
}

function drawStages() {
  drawPipeline(byId("pipeline"), state.view, state.step, document.body.classList.contains("stopped"), stage => look(stage.steps[0]));
}

// follow shows the code when it is the application's lines that are walked through.
function follow(x) {
  const was = document.querySelector(".columns").classList.contains("stopped");
  document.querySelector(".columns").classList.toggle("stopped", Boolean(x.stop));
  if (was !== Boolean(x.stop)) drawTabs(); // one of them has another name
  const key = x.stop?.frames?.[0]?.python ? x.id : 0;
  if (key && key !== followed && state.tab !== "code") choose("code");
  followed = key;
}

let followed = 0;

function drawPanels() {
  drawEnviron();
  drawSteps(look);
  drawCode();
  drawAnswer();
  drawContract();
  drawBody();
  drawRelatives();
  drawReplay();
}

function drawStop(x) {
  const e = byId("stop"), s = x.stop;
  e.hidden = !s;
  if (!s) return;
  const f = s.frames?.[0];
  replace(e, el("strong", {}, t("reason." + s.reason, {}, s.reason)), " ", f && el("span", { class: "mono" }, f.name, " ", placeLink(f.place)),
    s.spec && [" ", el("span", { class: "spec" }, s.spec)], s.text && el("p", {}, s.text), s.note && el("p", { class: "muted" }, s.note));
}

// drawOutside says what is known of another server's exchange, and what is not.
function drawOutside(x) {
  document.body.classList.toggle("elsewhere", Boolean(x.outside));
  byId("outside").hidden = !x.outside;
  if (x.outside) replace(byId("outside"), x.outside.about && el("strong", {}, x.outside.wrong ? "✗ " : "✓ ", x.outside.about), " ", t("outside"));
}

function drawWhere(x) {
  const scrubber = byId("scrubber"), all = momentsOf(x), now = momentNow(x);
  scrubber.max = Math.max(0, all.length - 1);
  scrubber.value = now;
  scrubber.disabled = all.length < 2 || x.state === "running";
  const line = state.line === null ? null : x.lines[state.line];
  scrubber.setAttribute("aria-valuetext", line ? `${line.place.function} ${line.place.line}` : x.steps[all[now]?.step]?.name ?? "");
  if (line) { byId("where").textContent = t("where.line", { at: `${line.place.file.split("/").pop()}:${line.place.line}`, name: line.place.function }); return; }
  const step = x.steps[state.step ?? x.steps.length - 1];
  byId("where").textContent = step ? t(state.step === null ? "where.now" : "where.past", { n: step.index + 1, all: x.steps.length, name: step.name }) + (step.spec ? " · " + step.spec : "") : "";
}

// look goes to a moment of the past, a step or a line after it; the latest is the present.
function look(index, line = null) {
  const x = state.view.exchange, all = momentsOf(x), last = all.at(-1);
  const step = x.steps[Math.min(index, x.steps.length - 1)];
  const present = line === null ? index >= x.steps.length - 1 && last?.line === null : line === last?.line;
  Object.assign(state, { step: present ? null : Math.max(0, index), line: present ? null : line, place: null });
  draw();
  if (line !== null) { pin(null); choose(state.tab === "steps" ? "steps" : "code"); nearest(document.querySelector(`[data-line="${line}"]`)); return; }
  if (step?.side) pin({ wireSide: step.side, wire: step.wire, say: `${step.name} · ${step.spec ?? ""} · ${t("rule." + step.spec, {}, "")}` });
  else pin({ say: `${step?.name} · ${step?.spec ?? ""} · ${t("rule." + step?.spec, {}, "")}` });
  nearest(document.querySelector(`[data-step="${index}"]`));
}

on("travel", by => { if (state.view) travelTo(momentNow(state.view.exchange) + by); });

function travelTo(index) {
  const moment = momentsOf(state.view.exchange)[Math.max(0, index)];
  if (moment) look(moment.step, moment.line);
}

// ---- tabs

const tabs = ["environ", "steps", "code", "answer", "contract", "body", "relatives", "replay"];

function drawTabs() {
  const shown = tabs.filter(tab => live() || tab !== "replay");
  if (!shown.includes(state.tab)) state.tab = "environ";
  const list = document.querySelector("[role=tablist]");
  const focused = list.contains(document.activeElement);
  replace(list, shown.map(tab => el("button", { role: "tab", id: "tab-" + tab, "aria-controls": "panel-" + tab, "aria-selected": String(tab === state.tab), tabindex: tab === state.tab ? 0 : -1, onclick: () => choose(tab),
    onkeydown: e => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (by) { e.preventDefault(); choose(shown[(shown.indexOf(tab) + by + shown.length) % shown.length]); }
    } }, t(tab === "code" && document.body.classList.contains("stopped") ? "tab.values" : "tab." + tab))));
  for (const tab of tabs) {
    byId("panel-" + tab).classList.toggle("shown", tab === state.tab);
    byId("panel-" + tab).setAttribute("aria-labelledby", "tab-" + tab);
    byId("panel-" + tab).dataset.title = t("tab." + tab); // on paper, where there are no tabs
  }
  if (focused) byId("tab-" + state.tab).focus();
}

function choose(tab) {
  state.tab = tab;
  kept("tab", tab);
  drawTabs();
  if (tab === "code") showCurrent();
  if (tab === "body" && state.view) drawBody();
  if (tab === "relatives" && state.view) drawRelatives();
}

// ---- saving, opening

async function save(as) {
  byId("save").open = false;
  if (as === "print") { window.print(); return; }
  if (live() && as !== "curl") { location.href = `api/exchanges/${state.id}/${as}`; return; }
  if (as !== "curl") { toast(t("save.needsServer")); return; }
  try {
    const { curl, body, lost } = await curlOf(state.id);
    if (body) location.href = `api/exchanges/${state.id}/body`; // beside the command, which names it
    const say = [t("save.copied"), body && t("save.body", { file: body }), lost && t("save.lost", { what: lost.map(what => t("lost." + what)).join(", ") })].filter(Boolean).join(" ");
    if (!navigator.clipboard) { prompt(say, curl); return; } // not from here, over plain HTTP
    await navigator.clipboard.writeText(curl);
    toast(say);
  } catch (error) { toast(error.message); }
}

async function openFile(file) {
  try { showRecording(JSON.parse(await file.text())); } catch { toast(t("open.wrong", { name: file.name })); }
}

function pickFile() {
  const input = el("input", { type: "file", accept: ".json", onchange: () => { if (input.files[0]) openFile(input.files[0]); } });
  input.click();
}

// ---- looks and languages

const themes = ["auto", "light", "dark"];
const themeSigns = { auto: "◐", light: "☀", dark: "☾" };

function dress(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  byId("theme").textContent = themeSigns[theme];
  byId("theme").title = t("theme." + theme);
}

function nextTheme() { dress(themes[(themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % themes.length]); }

function nextLanguage() { speak(languages[(languages.indexOf(currentLanguage()) + 1) % languages.length]); redraw(); }

function redraw() {
  byId("language").textContent = t("language.other");
  byId("theme").title = t("theme." + (document.documentElement.dataset.theme ?? "auto"));
  drawTabs();
  drawControl();
  drawList();
  draw();
  pin(null);
}

// ---- keys

const keys = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  "/": () => byId("filter").focus(), "?": help, w: openWaterfall, e: () => { if (live()) openDraft(Boolean(state.view)); }, g: takeOrGive, p: togglePauseNext, b: openBreakpoints, l: nextLanguage, d: nextTheme,
  c: () => perform("continue"), F8: () => perform("continue"), i: () => perform("in"), F11: () => perform("in"), n: () => perform("over"), F10: () => perform("over"),
  F9: toggleHere, o: () => perform("out"), "Shift+F11": () => perform("out"), s: () => perform("stage"), "[": () => perform("back"), "]": () => perform("forward"),
  1: () => choose("environ"), 2: () => choose("steps"), 3: () => choose("code"), 4: () => choose("answer"), 5: () => choose("contract"), 6: () => choose("body"), 7: () => choose("relatives"), 8: () => live() && choose("replay"),
  Escape: () => { Object.assign(state, { place: null, step: null, line: null }); if (state.view) draw(); pin(null); },
};
const helpRows = [["j k ↑ ↓", "key.move"], ["/", "key.filter"], ["w", "waterfall"], ["g", "key.control"], ["p", "key.pauseNext"], ["c F8", "key.continue"], ["i F11", "key.in"], ["n F10", "key.over"], ["o ⇧F11", "key.out"], ["s", "key.stage"],
  ["[ ]", "key.travel"], ["e", "key.draft"], ["b", "key.breakpoints"], ["F9", "key.toggle"], ["F5", "key.reload"], ["1 … 8", "key.tabs"], ["Tab ← → ⇧← ⇧→", "key.bytes"], ["Esc", "key.escape"], ["l", "key.language"], ["d", "key.theme"], ["?", "key.help"]];

function help() {
  const panel = byId("help-panel");
  if (panel.open) { panel.close(); return; }
  replace(panel, el("header", {}, el("h2", { id: "help-title" }, t("help.title")), el("button", { class: "quiet", "aria-label": t("close"), onclick: () => panel.close() }, "×")),
    el("p", {}, t("help.text")),
    el("dl", {}, helpRows.map(([key, text]) => [el("dt", {}, key.split(" ").map(k => [el("kbd", {}, k), " "])), el("dd", {}, t(text))])));
  panel.showModal();
}

document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
  if (e.target.matches?.("input, select, textarea")) { if (e.key === "Escape") e.target.blur(); return; }
  if (/^Arrow/.test(e.key) && e.target.closest?.(".grid, [role=tablist], .source, .side")) return;
  const does = keys[(e.shiftKey && e.key.length > 1 ? "Shift+" : "") + e.key];
  if (does) { e.preventDefault(); does(); }
});

// ---- wiring

on("list", arrive);
on("view", draw);
on("show-place", () => { if (!document.body.classList.contains("stopped")) choose("code"); });
on("stopped", () => document.body.classList.add("detail"));
on("control", () => { drawControl(); drawList(); if (state.view) draw(); });
on("selected", () => { if (!live()) document.body.classList.add("detail"); forgetBytes(); drawList(); draw(); light(null); byId("detail").scrollTop = 0; });
on("output", text => toast(text));
on("mode", () => { document.body.classList.toggle("file", !live()); drawTabs(); drawControl(); });
byId("take").onclick = takeOrGive;
byId("pause-next").onclick = byId("empty-pause").onclick = togglePauseNext;
byId("empty-draft").onclick = () => openDraft(false);
byId("scrubber").oninput = e => { if (state.view) travelTo(Number(e.target.value)); };
byId("waterfall").onclick = openWaterfall;
byId("breakpoints").onclick = openBreakpoints;
byId("open").onclick = pickFile;
byId("language").onclick = nextLanguage;
byId("theme").onclick = nextTheme;
byId("help").onclick = help;
byId("back-to-list").onclick = () => document.body.classList.remove("detail");
byId("filter").oninput = e => { state.filter = e.target.value; kept("filter", state.filter); emit("filter"); };
document.querySelector(".toolbar").addEventListener("click", e => { const b = e.target.closest("[data-do]"); if (b) perform(b.dataset.do); });
byId("save").addEventListener("click", e => { const b = e.target.closest("[data-save]"); if (b) save(b.dataset.save); });
for (const box of [byId("strip"), byId("path")]) box.addEventListener("click", e => {
  const key = e.target.closest("[data-go]")?.dataset.go;
  if (!key) return;
  choose("environ");
  document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
});
document.addEventListener("click", e => { if (!byId("save").contains(e.target)) byId("save").open = false; });
document.addEventListener("dragover", e => e.preventDefault());
document.addEventListener("drop", e => { e.preventDefault(); if (e.dataTransfer.files[0]) openFile(e.dataTransfer.files[0]); });
addEventListener("resize", () => { if (state.view) drawStages(); });

state.tab = kept("tab") || state.tab;
state.filter = byId("filter").value = kept("filter") ?? "";
speak(firstLanguage());
dress(remember("theme") ?? "auto");
redraw();
start();
document.body.classList.toggle("framed", parent !== window);
addEventListener("hashchange", lead);
lead();
