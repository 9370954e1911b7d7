// Source and values: the line of the server, or of the application, and what its names stand for.
import { el, byId, replace } from "./dom.js";
import { t } from "./strings.js";
import { lineNow } from "./moments.js";
import { usesOf } from "./trails.js";
import { pin } from "./bytes.js";
import { withoutLines } from "./places.js";
import { state, sourceOf, command, inControl, on, emit } from "./store.js";

let shownFor = "";

// frames are the stack where it is stopped, else the places that the step that is looked at names.
function frames() {
  const x = state.view.exchange;
  if (state.place) return [{ id: -3, name: state.place.function ?? "", place: state.place, python: !state.place.file.endsWith(".go") }];
  const line = lineNow(x);
  if (line) return [{ id: -4, name: line.place.function ?? "", place: line.place, python: true, line }, ...goFrame(x.steps[line.step])];
  if (x.stop && state.step === null) return x.stop.frames ?? [];
  const step = state.step === null ? x.steps.findLast(s => s.python) ?? x.steps.at(-1) : x.steps[state.step];
  if (!step) return [];
  const all = goFrame(step);
  if (step.python) all.unshift({ id: -2, name: step.python.function ?? "", place: step.python, python: true });
  return all;
}

const goFrame = step => step ? [{ id: -1, name: `[${step.name}] ${step.source.function ?? ""}`, place: step.source, python: false }] : [];

export async function drawCode() {
  const panel = byId("panel-code"), x = state.view.exchange, all = frames();
  const frame = all.find(f => f.id === state.frame) ?? all[0];
  const key = JSON.stringify([state.id, state.view.exchange.stop, state.view.exchange.edits, state.step, state.line, (state.view.exchange.lines ?? []).length, (state.view.exchange.reads ?? []).length, (state.view.trails ?? []).length, state.place, frame?.id, inControl(), document.documentElement.lang, state.breakpoints]);
  if (key === shownFor && panel.firstChild) return;
  shownFor = key;
  if (!frame?.place.file) { replace(byId("code-source")); replace(panel, el("p", { class: "muted none" }, t(state.view.exchange.outside ? "noCode.outside" : "noCode"))); return; }
  const source = await sourceOf(frame.place.file);
  const stopped = x.stop && state.step === null && !state.place;
  const values = stopped ? await valuesOf(frame) : frame.line ? pastValues(frame.line) : null;
  if (!state.view) shownFor = ""; // another exchange was chosen, and is not there yet
  if (key !== shownFor) return; // somebody went on meanwhile
  const text = [el("p", { class: "place mono muted" }, `${frame.place.file}:${frame.place.line}`, state.place && el("button", { class: "quiet", onclick: () => { state.place = null; drawCode(); } }, t("place.back"))),
    source ? lines(source, frame.place.line) : el("p", { class: "muted none" }, t("noSource"), frame.text && el("code", {}, " " + frame.text))];
  const apart = isApart();
  replace(byId("code-source"), apart ? text : null);
  replace(panel, withoutLines(x), all.length > 1 && stack(all, frame), apart ? null : text, values ?? (apart && el("p", { class: "muted none" }, t("noValues"))), stopped && inControl() && evaluator(frame));
  showCurrent();
}

// isApart says that the code stands beside its values, as it does while an exchange is stopped.
const isApart = () => document.body.classList.contains("stopped");

on("show-place", place => { state.place = place; drawCode(); });

// toggleHere is a breakpoint at the line that is shown, or none.
export function toggleHere() {
  const all = state.view ? frames() : [], frame = all.find(f => f.id === state.frame) ?? all[0];
  if (frame?.place.file) emit("toggle-line", { file: frame.place.file, line: frame.place.line });
}

// showCurrent scrolls to the current line; a panel that is hidden has no height to scroll by.
export function showCurrent() {
  const current = document.querySelector(".source .current");
  if (current) current.parentElement.scrollTop = current.offsetTop - current.parentElement.clientHeight / 2;
}

function stack(all, frame) {
  return el("ol", { class: "frames", "aria-label": t("stack") }, all.map(f => el("li", {},
    el("button", { class: "quiet", "aria-current": f === frame ? "true" : undefined, onclick: () => { state.frame = f.id; drawCode(); } },
      el("span", { class: "lang" }, f.python ? "py" : "go"), " ", f.name, el("span", { class: "muted" }, ` ${f.place.file.split("/").pop()}:${f.place.line}`)))));
}

const around = 400; // lines shown before and after the current one

function lines(source, current) {
  const from = Math.max(1, current - around), to = Math.min(source.lines.length, current + around);
  const rows = [];
  for (let n = from; n <= to; n++) rows.push(line(source, n, n === current));
  return el("div", { class: "source", tabindex: 0, role: "group", "aria-label": source.file }, rows);
}

function line(source, n, current) {
  const set = state.breakpoints.some(b => b.kind === "line" && b.file === source.file && b.line === n);
  const can = inControl() && source.stops.includes(n);
  const number = can || set
    ? el("button", { class: "gutter" + (set ? " set" : " can"), "aria-pressed": set ? "true" : "false", "aria-label": t("breakpoint.at", { line: n }),
      onclick: () => emit("toggle-line", { file: source.file, line: n }) }, n)
    : el("span", { class: "gutter" }, n);
  return el("div", { class: current ? "current" : "", "aria-current": current ? "true" : undefined }, number,
    el("code", {}, source.lines[n - 1].map(([kind, word]) => kind ? el("span", { class: "s-" + kind }, word) : word)), usesOf(source.file, n).map(useChip), "\n");
}

// useChip stands behind a line that has read a variable, or held its text: it leads to the whole way of that.
function useChip(use) {
  return el("button", { type: "button", class: "use", title: t(use.name ? "use.held" : "use.read", use), onclick: () => pin(use) }, use.name ? `${use.key} → ${use.name}` : use.key);
}

async function valuesOf(frame) {
  try {
    const scopes = await command("scopes", { frame: frame.id });
    return el("div", { class: "scopes" }, await Promise.all((scopes ?? []).map(async (scope, i) => {
      const closed = scope.expensive || i > 0;
      const box = el("details", closed ? {} : { open: true }, el("summary", {}, scope.name));
      fillOnce(box, scope.reference, !closed);
      return box;
    })));
  } catch {
    return null; // it went on, or has no values
  }
}

// pastValues are the variables of a line as they were.
function pastValues(line) {
  return el("div", { class: "scopes" }, el("p", { class: "muted" }, t("values.past")), line.lost ? el("p", { class: "muted" }, t("values.lost")) : el("ul", { class: "values" }, (line.values ?? []).map(v =>
    el("li", {}, el("span", { class: "vname" + (v.changed ? " changed" : "") }, v.name), " ", el("code", {}, v.text)))));
}

// fillOnce asks for the members when they are looked at.
function fillOnce(box, reference, now) {
  let filled = false;
  const fill = async () => {
    if (filled || !(now || box.open)) return;
    filled = true;
    try {
      const list = await command("children", { reference });
      box.append(el("ul", { class: "values" }, (list ?? []).map(v => valueRow(v, reference))));
    } catch (error) {
      box.append(el("p", { class: "muted" }, error.message));
    }
  };
  box.addEventListener("toggle", fill);
  fill();
}

function valueRow(v, reference) {
  const report = el("span", { class: "error" });
  const text = v.editable && inControl()
    ? el("input", { value: v.text, "aria-label": v.name, spellcheck: "false", onkeydown: async e => {
      if (e.key !== "Enter") return;
      e.preventDefault();
      report.textContent = "";
      try { e.target.value = (await command("set", { reference, name: v.name, value: e.target.value })).text; } catch (error) { report.textContent = error.message; }
    } })
    : el("code", {}, v.text);
  const row = shown => [el("span", { class: "vname" + (v.changed ? " changed" : "") }, v.name), " ", shown, v.type && el("span", { class: "muted" }, " " + v.type)];
  if (!v.reference) return el("li", {}, row(text), report);
  const box = el("details", {}, el("summary", {}, row(el("code", {}, v.text))), text.tagName === "INPUT" && el("p", {}, text, report));
  fillOnce(box, v.reference, false);
  return el("li", {}, box);
}

function evaluator(frame) {
  const result = el("div", { class: "result", role: "status" });
  const input = el("input", { placeholder: t("evaluate"), "aria-label": t("evaluate"), spellcheck: "false", autocomplete: "off", class: "mono" });
  return el("form", { class: "evaluate", onsubmit: async e => {
    e.preventDefault();
    if (!input.value) return;
    try {
      const v = await command("evaluate", { frame: frame.id, value: input.value });
      replace(result, el("code", {}, v.text), v.type && el("span", { class: "muted" }, " " + v.type));
    } catch (error) {
      replace(result, el("span", { class: "error" }, error.message));
    }
  } }, input, result);
}
