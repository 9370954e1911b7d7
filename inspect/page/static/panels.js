// The panels beside the bytes: the environ, the steps, and what the application answered.
import { el, byId, replace, duration, decode64, readable, latinText } from "./dom.js";
import { t } from "./strings.js";
import { state, command, inControl } from "./store.js";
import { light, pin, pinnedNow } from "./bytes.js";
import { placeLink, tracebackText, withoutLines } from "./places.js";
import { readersOf } from "./trails.js";

// act does a command and shows its error where the user looks.
export async function act(report, what, more) {
  try {
    report.textContent = "";
    return [await command(what, more)];
  } catch (error) {
    report.textContent = error.message;
    return null;
  }
}

function stoppedAt(...names) {
  const x = state.view.exchange;
  return inControl() && x.stop && !x.stop.frames?.[0]?.python && names.includes(x.steps[x.stop.step]?.name);
}

// point makes a row show what belongs to it: on hover, on focus, and for good on a tap.
function point(what) {
  return {
    onpointerover: e => { if (e.pointerType === "mouse") light(what); },
    onpointerout: () => light(pinnedNow()),
    onfocus: () => light(what),
    onclick: e => { if (!e.target.closest("input, button")) pin(what); },
  };
}

export function drawEnviron() {
  const x = state.view.exchange, editable = stoppedAt("environ", "call");
  const key = JSON.stringify([x.id, x.environ, (x.reads ?? []).length, (x.said ?? []).length, editable, document.documentElement.lang]);
  const panel = byId("panel-environ");
  if (panel.dataset.drawn === key) { late(panel, "environ"); return; }
  panel.dataset.drawn = key;
  if (!(x.environ ?? []).length) { replace(panel, el("p", { class: "muted none" }, t(x.request.length && x.outside ? "noEnviron.outside" : "noEnviron"))); return; }
  const report = el("p", { class: "error", role: "alert" });
  const rows = x.environ.map(v => environRow(v, editable, report));
  replace(panel, editable && el("p", { class: "hint" }, t("environ.editable")), report,
    el("table", { class: "environ" },
      el("thead", {}, el("tr", {}, el("th", {}, t("variable")), el("th", {}, t("value")), el("th", {}, t("from")))),
      el("tbody", {}, rows)),
    editable && addVariable(report));
  late(panel, "environ");
}

// late greys a panel out while the step that is looked at comes before it.
function late(panel, name) {
  const first = state.view.exchange.steps.findIndex(step => step.name === name || step.stage === name);
  panel.classList.toggle("later", state.step !== null && first > state.step);
}

function environRow(v, editable, report) {
  const request = v.wire.End > v.wire.Start || v.name === "wsgi.input" && (state.view.request ?? []).some(token => (token.keys ?? []).includes(v.name));
  const from = v.edited ? t("from.edited") : request ? t("from.request") : /^(SERVER_NAME|SERVER_PORT|REMOTE_)/.test(v.name) ? t("from.socket") : t("from.server");
  const value = editable && !v.name.startsWith("wsgi.") ? editor(v.name, v.value, text => act(report, "environ", { name: v.name, value: text })) : v.type && v.type !== "str" ? [el("code", {}, t("value." + v.name, {}, v.value)), el("span", { class: "muted" }, " " + v.type)] : shown(v.value);
  return el("tr", { "data-key": v.name, tabindex: 0, class: v.edited ? "edited" : "", ...point({ key: v.name }) },
    el("th", { scope: "row" }, v.name), el("td", {}, value, readersOf(v.name)), el("td", { class: "muted" }, from));
}

function shown(value) {
  const text = latinText(value);
  return [el("code", {}, value === "" ? el("span", { class: "muted" }, t("emptyText")) : value), text && el("span", { class: "muted utf8" }, " " + text)];
}

// editor is a field that Enter sends; Escape takes back what was typed.
function editor(name, value, send) {
  const input = el("input", { value, spellcheck: "false", autocomplete: "off", "aria-label": name,
    onkeydown: e => {
      if (e.key === "Escape") { input.value = value; input.blur(); }
      if (e.key === "Enter") { e.preventDefault(); send(input.value); }
    },
    oninput: () => input.classList.toggle("changed", input.value !== value),
  });
  return input;
}

function addVariable(report) {
  const name = el("input", { placeholder: "NAME", "aria-label": t("variable"), spellcheck: "false" });
  const value = el("input", { placeholder: t("value"), "aria-label": t("value"), spellcheck: "false" });
  return el("form", { class: "add", onsubmit: e => { e.preventDefault(); if (name.value) act(report, "environ", { name: name.value, value: value.value }); } },
    name, value, el("button", {}, t("add")));
}

const shownRows = 1000; // of steps, and of blocks: a browser must lay them out

const rest = list => list.length > shownRows && el("p", { class: "muted none" }, t("rows", { n: list.length - shownRows }));

export function drawSteps(onStep) {
  const x = state.view.exchange;
  const total = Math.max(1, x.steps.length ? x.steps.at(-1).at_ns - x.steps.slice(0, -1).reduce((sum, s) => sum + (s.held_ns ?? 0), 0) : 1);
  const now = state.line !== null ? -1 : state.step ?? (x.stop ? x.stop.step : -1);
  const linesAfter = new Map();
  (x.lines ?? []).forEach((line, i) => linesAfter.set(line.step, [...linesAfter.get(line.step) ?? [], i]));
  let held = 0;
  const rows = x.steps.slice(0, shownRows).map(step => {
    const at = step.at_ns - held;
    held += step.held_ns ?? 0;
    const lines = (linesAfter.get(step.index) ?? []).map(i => lineRow(x.lines[i], i, step.index, onStep));
    const bar = el("span", { class: "bar" }, el("span"));
    bar.firstChild.style.left = Math.min(98, 100 * at / total) + "%";
    const pickKey = e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); onStep(step.index); } };
    return [el("tr", { "data-step": step.index, tabindex: 0, class: "depth" + step.depth, "aria-current": step.index === now ? "step" : undefined,
      onclick: () => onStep(step.index), onkeydown: pickKey,
      onpointerover: e => { if (e.pointerType === "mouse" && step.side) light({ wireSide: step.side, wire: step.wire, say: "" }); },
      onpointerout: () => light(pinnedNow()) },
    el("td", { class: "muted n" }, step.index), el("td", { class: "name" }, step.name),
    el("td", { class: "what" }, el("span", {}, step.text ?? "")), el("td", { class: "muted n" }, duration(at)), el("td", {}, bar)), lines];
  });
  replace(byId("panel-steps"), withoutLines(x), el("table", { class: "steps" },
    el("thead", {}, el("tr", {}, el("th", {}, "#"), el("th", {}, t("step")), el("th", {}, t("derived")), el("th", {}, t("at")), el("th", {}, el("span", { class: "hidden" }, t("timeline"))))),
    el("tbody", {}, rows)), rest(x.steps));
}

// lineRow is a line of the application that was walked through, below the step that it came after.
function lineRow(line, i, step, onStep) {
  const pick = () => onStep(step, i);
  return el("tr", { "data-line": i, tabindex: 0, class: "depth2 python", "aria-current": state.line === i ? "step" : undefined, onclick: pick,
    onkeydown: e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); pick(); } } },
  el("td", { class: "lang n" }, "py"), el("td", { class: "name" }, `${line.place.function}:${line.place.line}`), el("td", { class: "what", colspan: 3 }, el("span", {}, line.text ?? "")));
}

export function drawAnswer() {
  const x = state.view.exchange, editable = stoppedAt("head"), panel = byId("panel-answer");
  const key = JSON.stringify([x.id, x.head, (x.blocks ?? []).length, x.blocks?.at(-1)?.wire, x.failure, x.edits, (x.errors ?? []).length, editable, document.documentElement.lang]);
  if (panel.dataset.drawn === key) return;
  panel.dataset.drawn = key;
  const report = el("p", { class: "error", role: "alert" });
  replace(panel, failure(x.failure), written(x.errors ?? []), report, editable && el("p", { class: "hint" }, t("head.editable")), head(x.head, editable, report), blocks(x.blocks ?? []), edits(x.edits ?? []));
}

function failure(f) {
  return f && el("div", { class: "failure" }, el("strong", {}, t("failure." + f.kind)), f.spec && [" ", el("span", { class: "spec" }, f.spec)],
    el("p", {}, f.text), f.traceback && el("pre", { tabindex: 0 }, tracebackText(f.traceback)));
}

// written is what the application, or a framework's logging, said in wsgi.errors: a framework's 500 has its traceback there.
function written(list) {
  if (!list.length) return null;
  const text = list.map(w => w.text).join("");
  const places = list.map(w => w.python).filter((p, i, all) => p && all.findIndex(o => o && o.file === p.file && o.line === p.line) === i);
  return el("div", { class: "written" }, el("h4", {}, "wsgi.errors ", places.map(p => [" ", placeLink(p)])), el("pre", { tabindex: 0 }, tracebackText(text)));
}

function head(h, editable, report) {
  if (!h) return el("p", { class: "muted none" }, t(state.view.exchange.outside ? "noHead.outside" : "noHead"));
  const field = f => el("tr", {}, el("th", { scope: "row" }, f.name),
    el("td", {}, editable ? editor(f.name, f.value, value => act(report, "header", { name: f.name, value })) : el("code", {}, f.value)),
    editable && el("td", {}, el("button", { class: "quiet", "aria-label": t("remove") + " " + f.name, onclick: () => act(report, "remove-header", { name: f.name }) }, "×")));
  const status = el("tr", {}, el("th", { scope: "row" }, t("status")), el("td", {}, editable ? editor(t("status"), h.status, value => act(report, "status", { value })) : el("code", {}, h.status)));
  const name = el("input", { placeholder: t("field"), "aria-label": t("field"), spellcheck: "false" });
  const value = el("input", { placeholder: t("value"), "aria-label": t("value"), spellcheck: "false" });
  return [
    el("h4", {}, "start_response", h.python && [" ", placeLink(h.python)]),
    el("table", { class: "environ" }, el("tbody", {}, status, (h.headers ?? []).map(field))),
    editable && el("form", { class: "add", onsubmit: e => { e.preventDefault(); if (name.value) act(report, "header", { name: name.value, value: value.value }); } }, name, value, el("button", {}, t("add"))),
  ];
}

const previewed = 120; // bytes of a block in the list

function blocks(list) {
  if (!list.length) return null;
  return [el("h4", {}, t("blocks", { n: list.length })), el("table", { class: "blocks" }, el("tbody", {}, list.slice(0, shownRows).map(b =>
    el("tr", { "data-block": b.number, tabindex: 0, ...point({ block: b.number, say: t("by." + b.by, { n: b.number }) }) },
      el("td", { class: "muted n" }, b.number), el("td", {}, el("span", { class: "author by-" + b.by.replace(/[^a-z]/g, "") }, b.by === "block" ? "yield" : b.by)),
      el("td", { class: "n" }, t("bytes", { n: b.size })),
      el("td", {}, el("code", {}, readable(decode64(b.data ?? "").subarray(0, previewed)).trimEnd()), b.python && [" ", placeLink(b.python)]))))), rest(list)];
}

function edits(list) {
  return list.length > 0 && [el("h4", {}, t("edits")), el("ul", { class: "edits" }, list.map(e =>
    el("li", {}, el("strong", {}, [e.what, e.name].filter(Boolean).join(" ")), " ", el("del", {}, e.before), " → ", el("ins", {}, e.after))))];
}
