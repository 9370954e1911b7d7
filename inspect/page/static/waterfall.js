// The waterfall: the exchanges of the list over time, a lane for each connection or each worker. What lies in one lane shares
// it, and what overlaps in time but stands in different rows of a lane ran at the same time.
import { el, svg, byId, replace, duration } from "./dom.js";
import { t } from "./strings.js";
import { on } from "./store.js";
import { visible, open } from "./list.js";

const mostBars = 300; // exchanges, the latest ones
const bar = 18, gap = 4, label = 130, tickCount = 6; // pixels, and how many times are written
let by = "connection";

const endOf = s => s.began_us + s.lasts_ns / 1000;

export function openWaterfall() {
  drawWaterfall();
  if (!byId("waterfall-panel").open) byId("waterfall-panel").showModal();
}

function drawWaterfall() {
  const panel = byId("waterfall-panel"), list = visible().slice(0, mostBars).reverse();
  const pick = what => el("button", { "aria-pressed": String(what === by), "data-by": what, onclick: () => { by = what; drawWaterfall(); } }, t("waterfall." + what));
  replace(panel, el("header", {}, el("h2", { id: "waterfall-title" }, t("waterfall")), el("button", { class: "quiet", "aria-label": t("close"), onclick: () => panel.close() }, "×")),
    el("div", { class: "body-bar" }, pick("connection"), pick("worker"), el("span", { class: "muted" }, t("waterfall.text"))),
    list.length ? el("div", { class: "waterfall", tabindex: 0, role: "group", "aria-label": t("waterfall") }, picture(list)) : el("p", { class: "muted none" }, t("empty")));
}

// lanesOf puts exchanges into rows of lanes: each row holds what does not overlap.
function lanesOf(list) {
  const lanes = new Map();
  for (const s of list) {
    const name = by === "worker" ? (s.worker ? t("waterfall.pid", { pid: s.worker }) : t("waterfall.none")) : t("waterfall.number", { n: s.connection });
    const rows = lanes.get(name) ?? lanes.set(name, []).get(name);
    const row = rows.find(r => endOf(r.at(-1)) <= s.began_us) ?? rows[rows.push([]) - 1];
    row.push(s);
  }
  return lanes;
}

function picture(list) {
  const first = Math.min(...list.map(s => s.began_us)), last = Math.max(...list.map(endOf)), span = Math.max(1, last - first);
  const width = Math.max(640, Math.min(1100, innerWidth - 90)), scale = (width - label - 10) / span, at = us => label + (us - first) * scale;
  const parts = [];
  let top = 24;
  for (let i = 0; i < tickCount; i++) {
    const us = first + span * i / (tickCount - 1);
    parts.push(svg("line", { x1: at(us), x2: at(us), y1: 18, y2: "100%", class: "arrow" }), svg("text", { x: at(us), y: 12, class: "tick", "text-anchor": i === tickCount - 1 ? "end" : i ? "middle" : "start" }, duration(Math.round(1000 * (us - first)))));
  }
  for (const [name, rows] of lanesOf(list)) {
    parts.push(svg("text", { x: 4, y: top + 13, class: "lane" }, name));
    for (const row of rows) {
      for (const s of row) parts.push(barOf(s, at, scale, top));
      top += bar + gap;
    }
    top += gap;
  }
  return svg("svg", { width, height: top, viewBox: `0 0 ${width} ${top}` }, parts);
}

function barOf(s, at, scale, top) {
  const x = at(s.began_us), w = Math.max(3, s.lasts_ns / 1000 * scale), name = `#${s.id} ${s.method ?? ""} ${s.target ?? ""} ${s.status ?? ""}`;
  const pick = () => { byId("waterfall-panel").close(); open(s.id); };
  const inside = Math.max(0, (s.call_ns ?? 0) / 1000 * scale);
  return svg("g", { class: "wbar" + (/^[45]/.test(s.status ?? "") || s.failure ? " bad" : ""), role: "button", tabindex: 0, "aria-label": `${name}, ${duration(s.lasts_ns)}`, "data-bar": s.id, onclick: pick,
    onkeydown: e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); pick(); } } },
  svg("rect", { x, y: top, width: w, height: bar, rx: 3, class: "whole" }),
  inside > 0 && svg("rect", { x: at(s.began_us + s.before_ns / 1000), y: top + 3, width: Math.max(2, Math.min(inside, w)), height: bar - 6, rx: 2, class: "inside" }),
  w > 90 && svg("text", { x: x + 5, y: top + 13, "aria-hidden": "true" }, name.slice(0, Math.floor(w / 7))));
}

on("list", () => { if (byId("waterfall-panel").open) drawWaterfall(); });
