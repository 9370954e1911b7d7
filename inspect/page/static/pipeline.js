// The life of a request as a picture: a box for each stage, with its time, and where the exchange is now.
import { svg, replace, duration } from "./dom.js";
import { t } from "./strings.js";

const tall = { height: 50, gap: 18, row: 78, across: 8, narrow: 4 };
const flat = { height: 24, gap: 14, row: 30, across: 8, narrow: 4 };

// drawPipeline draws the boxes; slim ones are a line high, for where room is scarce.
export function drawPipeline(figure, view, step, slim, onStage) {
  const width = Math.max(300, figure.clientWidth || 960);
  const box = slim ? flat : tall;
  const across = width < 640 ? box.narrow : box.across;
  const rows = Math.ceil(view.stages.length / across);
  const w = (width - box.gap * (across - 1) - 2) / across;
  const total = view.stages.reduce((sum, s) => sum + s.took_ns, 0) || 1;
  const x = view.exchange;
  const at = step ?? (x.stop ? x.stop.step : x.steps.length - 1);
  const now = step === null && x.stop?.frames?.[0]?.python ? "call" : x.steps[at]?.stage;
  const parts = [];
  view.stages.forEach((stage, i) => {
    const left = 1 + (i % across) * (w + box.gap), top = 1 + Math.floor(i / across) * box.row;
    const reached = stage.steps.length > 0 && stage.steps[0] <= at || Boolean(x.outside) && stage.stage === "call" && stage.took_ns > 0;
    if (i % across > 0) parts.push(arrow(box, left, top, reached));
    parts.push(stageBox(stage, { box, slim, left, top, w, total, reached, outside: Boolean(x.outside), here: stage.stage === now, stopped: x.state === "stopped" && step === null && stage.stage === now, onStage,
      failed: stage.steps.some(s => ["failed", "refused"].includes(x.steps[s]?.name)) }));
  });
  const height = (rows - 1) * box.row + box.height + (slim ? 2 : 16);
  replace(figure, svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": t("pipeline") }, parts));
}

function arrow(box, left, top, reached) {
  const y = top + box.height / 2;
  return svg("path", { d: `M${left - box.gap + 3} ${y} h${box.gap - 7} m-4 -3.5 l4 3.5 l-4 3.5`, class: "arrow" + (reached ? " reached" : "") });
}

function stageBox(stage, o) {
  const elsewhere = o.outside && stage.stage === "call"; // another server was at work
  const name = t(elsewhere ? "stage.outside" : "stage." + stage.stage);
  const time = elsewhere || stage.steps.length && !o.outside ? duration(stage.took_ns) : stage.steps.length ? "✓" : "–";
  const count = stage.steps.length > 1 ? ` ×${stage.steps.length}` : "";
  const more = [o.stopped && t("state.stopped"), !o.reached && t("notReached")].filter(Boolean).join(", ");
  const middle = o.left + o.w / 2, height = o.box.height;
  const pick = () => stage.steps.length && o.onStage(stage);
  return svg("g", {
    class: ["stage", o.reached && "reached", o.here && "here", o.stopped && "stopped", o.failed && "failed"].filter(Boolean).join(" "),
    role: "button", tabindex: stage.steps.length ? 0 : -1, "aria-description": more || undefined, "aria-disabled": stage.steps.length ? undefined : "true",
    "aria-current": o.here ? "step" : undefined, "data-stage": stage.stage, onclick: pick,
    onkeydown: e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); pick(); } },
  },
  svg("rect", { x: o.left, y: o.top, width: o.w, height, rx: o.slim ? 6 : 8, class: "box" }),
  svg("text", { x: middle, y: o.top + (o.slim ? 16 : 21), class: "name" }, name, o.slim && svg("tspan", { class: "time" }, " " + time)),
  o.slim ? null : [svg("text", { x: middle, y: o.top + 38, class: "time" }, " " + time + count),
    svg("rect", { x: o.left + 4, y: o.top + height + 6, width: o.w - 8, height: 3, rx: 1.5, class: "track" }),
    svg("rect", { x: o.left + 4, y: o.top + height + 6, width: Math.max(stage.took_ns ? 2 : 0, (o.w - 8) * stage.took_ns / o.total), height: 3, rx: 1.5, class: "share" })]);
}
