// Commands: taking control, going on, breakpoints. The server decides what can be done; here it is asked for.
import { el, byId, replace, toast } from "./dom.js";
import { t } from "./strings.js";
import { momentNow } from "./moments.js";
import { state, on, emit, command, inControl, live, replayTo } from "./store.js";

async function tell(what, more) {
  try { return await command(what, more); } catch (error) { toast(error.message); return null; }
}

export async function takeOrGive() {
  const giving = inControl();
  if (giving) { await tell("control", { on: false }); return; }
  await tell("control", { on: true });
}

async function needControl() {
  if (!inControl()) {
    try { await command("control", { on: true }); state.controller = state.name; emit("control"); } catch (error) { toast(error.message); return false; }
  }
  return true;
}

export async function togglePauseNext() {
  if (!await needControl()) return;
  const wanted = !state.pauseNext;
  try { await command("pause-next", { on: wanted }); state.pauseNext = wanted; } catch (error) { toast(error.message); }
  emit("control");
}

// perform is a button of the toolbar, or its key.
export async function perform(what) {
  if (what === "back" || what === "forward") { emit("travel", what === "back" ? -1 : 1); return; }
  if (!live() || !state.view) return;
  if (what === "pause") { if (await needControl()) await tell("pause"); return; }
  if (!inControl() || state.view.exchange.state !== "stopped") return;
  if (what === "continue") await tell("continue");
  else await tell("step", { how: what });
}

export function drawControl() {
  const mine = inControl(), other = state.controller !== "" && !mine;
  const take = byId("take");
  take.textContent = mine ? t("control.give") : t("control.take");
  take.classList.toggle("primary", !mine && !other);
  take.disabled = !state.connected || other;
  take.title = other ? t("control.busy", { who: state.controller }) : t("control.title");
  byId("pause-next").setAttribute("aria-pressed", String(state.pauseNext));
  byId("pause-next").textContent = t(state.pauseNext ? "pauseNext.armed" : "pauseNext");
  byId("pause-next").disabled = byId("breakpoints").disabled = !state.connected || other;
  byId("breakpoint-count").textContent = state.breakpoints.length || "";
  const e = byId("live");
  e.className = live() ? state.connected ? mine ? "mine" : "on" : "off" : "file";
  e.textContent = !live() ? t("live.file") : !state.connected ? t("live.off") : mine ? t("live.mine") : other ? t("live.other", { who: state.controller }) : t("live.on");
  drawToolbar();
}

export function drawToolbar() {
  const x = state.view?.exchange, stopped = x?.state === "stopped" && inControl();
  for (const b of document.querySelectorAll("[data-do]")) {
    const what = b.dataset.do;
    b.disabled = what === "back" ? !x || momentNow(x) <= 0 : what === "forward" ? state.step === null
      : what === "pause" ? !x || x.state !== "running" : !stopped;
  }
}

// ---- breakpoints

const shapes = {
  stage: ["stage", "method", "path", "condition", "hits", "log"],
  line: ["file", "line", "method", "path", "condition", "hits", "log"],
  uncaught: ["path"], raised: ["path"], rule: ["path"],
};
const fieldNames = ["kind", "stage", "file", "line", "method", "path", "condition", "hits", "log"];

// stepAt sends the bytes of the exchange that is looked at to the server once more, and stops there at a stage.
export async function stepAt(stage) {
  if (await setBreakpoints([{ kind: "stage", stage }])) replayTo("server").catch(error => toast(error.message));
}

async function setBreakpoints(list) {
  if (!await needControl()) return false;
  try { state.breakpoints = await command("breakpoints", { breakpoints: list }) ?? []; } catch (error) { toast(error.message); return false; }
  emit("control");
  emit("view");
  return true;
}

on("toggle-line", ({ file, line }) => {
  const without = state.breakpoints.filter(b => !(b.kind === "line" && b.file === file && b.line === line));
  setBreakpoints(without.length < state.breakpoints.length ? without : [...without, { kind: "line", file, line }]);
});

const described = b => [t("kind." + b.kind), b.stage, b.file && `${b.file}:${b.line}`, b.method, b.path, b.condition, b.hits, b.log && "“" + b.log + "”"].filter(Boolean).join(" · ");

export function openBreakpoints() {
  const panel = byId("breakpoint-panel");
  drawBreakpoints(panel);
  if (!panel.open) panel.showModal();
}

function drawBreakpoints(panel) {
  const form = breakpointForm(panel);
  replace(panel, el("header", {}, el("h2", { id: "breakpoint-title" }, t("breakpoints")), el("button", { class: "quiet", "aria-label": t("close"), onclick: () => panel.close() }, "×")),
    state.breakpoints.length ? el("ul", { class: "breakpoints" }, state.breakpoints.map(b => el("li", {},
      el("span", { class: b.verified ? "" : "error" }, described(b)), b.count > 0 && el("span", { class: "muted" }, " ×" + b.count),
      b.message && el("span", { class: "muted" }, " " + b.message),
      el("button", { class: "quiet", "aria-label": t("remove"), onclick: async () => { if (await setBreakpoints(state.breakpoints.filter(o => o.id !== b.id))) drawBreakpoints(panel); } }, "×"))))
      : el("p", { class: "muted" }, t("breakpoints.none")),
    form);
}

function breakpointForm(panel) {
  const inputs = {};
  const label = (name, input) => { inputs[name] = input; return el("label", { "data-field": name }, el("span", {}, t("bp." + name)), input); };
  const options = (list, key) => list.map(v => el("option", { value: v }, key ? t(key + v) : v || t("bp.any")));
  const show = () => { for (const l of form.querySelectorAll("[data-field]")) l.hidden = l.dataset.field !== "kind" && !shapes[inputs.kind.value].includes(l.dataset.field); };
  const form = el("form", { onsubmit: async e => {
    e.preventDefault();
    const b = { kind: inputs.kind.value };
    for (const name of shapes[b.kind]) if (inputs[name].value) b[name] = name === "line" ? Number(inputs[name].value) : inputs[name].value;
    if (await setBreakpoints([...state.breakpoints, b])) drawBreakpoints(panel);
  } },
  fieldNames.map(name => label(name, name === "kind" ? el("select", { onchange: () => show() }, options(Object.keys(shapes), "kind."))
    : name === "stage" ? el("select", {}, options(["", ...state.steps]))
      : el("input", { type: name === "line" ? "number" : "text", min: name === "line" ? 1 : undefined, placeholder: t("bp." + name + ".example", {}, ""), spellcheck: "false", autocomplete: "off" }))),
  el("button", { class: "primary" }, t("bp.add")));
  show();
  return form;
}
