// The contract of PEP 3333 as a picture: who says what to whom, from the call to close(), with the time, the line and the rule.
// The server hears what comes to it; what layers of middleware say to each other is known where a worker told of it.
import { el, svg, byId, replace, duration } from "./dom.js";
import { t } from "./strings.js";
import { state } from "./store.js";
import { placeLink, tracebackText, withoutLines } from "./places.js";

const counted = ["start_response", "iterable", "block", "write()"]; // the server's steps that Said.after counts
const mostSaid = 300; // rows

export function drawContract() {
  const panel = byId("panel-contract"), x = state.view.exchange;
  const key = JSON.stringify([x.id, x.steps.length, (x.said ?? []).length, (x.errors ?? []).length, x.failure, document.documentElement.lang]);
  if (panel.dataset.drawn === key) return;
  panel.dataset.drawn = key;
  const call = x.steps.find(s => s.name === "call");
  if (!call) { replace(panel, el("p", { class: "muted none" }, t(x.outside ? "contract.outside" : "contract.none"))); return; }
  const who = parties(x), rows = conversation(x, call, who);
  replace(panel, withoutLines(x), el("div", { class: "contract" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", {}, t("at")), el("th", {}, lifelines(who)))),
    el("tbody", {}, rows.slice(0, mostSaid).map(row => rowOf(row, who))))),
  rows.length > mostSaid && el("p", { class: "muted none" }, t("rows", { n: rows.length - mostSaid })));
}

// parties are the server and the layers that were called, the outermost first; without any that is known, the application.
function parties(x) {
  const layers = (x.said ?? []).filter(s => s.what === "call").map(s => s.to.function);
  return [t("contract.server"), ...(layers.length ? layers : [t("contract.application")])];
}

// conversation is everything that is said, in its order: { from, to, text, at, place, spec, more, bad }; from and to are
// indexes of parties.
function conversation(x, call, who) {
  const last = who.length - 1, rows = [];
  const said = [...x.said ?? [], ...(x.without_lines ? [] : x.errors ?? []).map(e => ({ what: "errors", after: e.after, since_ns: e.since_ns, by: e.python, text: e.text }))]
    .map((s, i) => [s, i]).sort(([a, i], [b, j]) => a.after - b.after || a.since_ns - b.since_ns || i - j).map(([s]) => s);
  const wrappers = said.filter(s => s.what === "start_response").length;
  let next = 0, heard = 0, layer = 0, wrapper = 0, headers = null;
  const since = ns => ns === undefined ? null : ns - call.at_ns;
  const sayBetween = after => {
    for (; next < said.length && said[next].after <= after; next++) {
      const s = said[next], at = s.since_ns;
      if (s.what === "call") {
        if (layer++ > 0) rows.push({ from: layer - 1, to: layer, at, text: "app(environ, start_response)", place: s.by, more: changes(s.changed) });
        continue;
      }
      if (s.what === "read") { rows.push({ from: last, to: 0, at, text: `wsgi.input.${s.text} → ${t("bytes", { n: s.size ?? 0 })}`, place: s.by }); continue; }
      if (s.what === "errors") { rows.push({ from: last, to: 0, at, text: "wsgi.errors.write(…)", place: s.by, more: el("pre", { tabindex: 0 }, tracebackText(s.text.slice(0, 4000))) }); continue; }
      const from = Math.max(1, last - wrapper), to = Math.max(1, from - 1);
      wrapper++;
      rows.push({ from, to: from === to ? 0 : to, at, text: `start_response("${s.text}", …)`, place: s.by, more: fields(headers, s.headers) });
      headers = s.headers ?? [];
    }
  };
  for (const step of x.steps.filter(s => s.stage === "call")) {
    if (step.name === "close()" || step.name === "failed") sayBetween(Infinity);
    if (counted.includes(step.name)) sayBetween(heard++);
    const row = heardOf(x, step, who, last);
    if (step.name === "start_response" && wrappers && x.head) { row.from = Math.max(1, last - wrapper); row.more = fields(headers, x.head.headers); }
    rows.push({ ...row, at: since(step.at_ns), spec: step.spec });
    if (step.name === "call") sayBetween(-1);
  }
  sayBetween(Infinity);
  return rows;
}

// heardOf is a step of the server.
function heardOf(x, step, who, last) {
  const block = step.block && (x.blocks ?? []).find(b => b.number === step.block);
  switch (step.name) {
    case "call": return { from: 0, to: 1, text: "application(environ, start_response)" };
    case "close()": return { from: 0, to: 1, text: "close()" };
    case "start_response": return { from: last, to: 0, text: x.head ? `start_response("${x.head.status}", …)` : "start_response(…)", place: step.python };
    case "failed": return { from: last > 1 ? 1 : last, to: 0, text: t("failure." + (x.failure?.kind ?? "runtime")), bad: true, place: step.python, more: failed(x.failure) };
    case "iterable": return { from: 1, to: 0, text: `return … (${step.text ?? ""})`, place: step.python };
    case "write()": return { from: last, to: 0, text: `write(${t("bytes", { n: block?.size ?? 0 })})`, place: step.python };
  }
  return { from: last, to: 0, text: `yield ${t("bytes", { n: block?.size ?? 0 })}`, place: step.python };
}

const failed = f => f && el("div", {}, f.spec && el("span", { class: "spec" }, f.spec), el("p", {}, f.rule && el("strong", {}, f.rule, ": "), f.text), f.traceback && el("pre", { tabindex: 0 }, tracebackText(f.traceback)));

const changes = list => (list ?? []).length > 0 && el("ul", { class: "edits" }, list.map(c =>
  el("li", {}, el("strong", { class: "mono" }, c.name), " ", c.before !== null && el("del", {}, c.before), " → ", c.after === null ? el("em", {}, t("remove")) : el("ins", {}, c.after))));

// fields are those that a layer has added, changed or taken away on the way back.
function fields(before, after) {
  if (!before) return null;
  const text = f => `${f.name}: ${f.value}`, had = before.map(text), has = (after ?? []).map(text);
  const list = [...has.filter(f => !had.includes(f)).map(f => el("li", {}, el("ins", {}, f))), ...had.filter(f => !has.includes(f)).map(f => el("li", {}, el("del", {}, f)))];
  return list.length > 0 && el("ul", { class: "edits" }, list);
}

const lane = 56, margin = 8; // pixels between two lifelines, and before the first

function lifelines(who) {
  return el("ol", { class: "parties" }, who.map((name, i) => el("li", {}, el("b", {}, String(i)), " ", name)));
}

function rowOf(row, who) {
  const width = margin * 2 + lane * (who.length - 1), x = i => margin + lane * i;
  const [a, b] = [x(row.from), x(row.to)], way = b > a ? 1 : -1;
  const picture = svg("svg", { width, height: 18, viewBox: `0 0 ${width} 18`, "aria-hidden": "true" }, who.map((_, i) => svg("line", { x1: x(i), x2: x(i), y1: 0, y2: 18, class: "life" })),
    svg("path", { d: `M${a} 9 H${b - way * 2} m${-way * 5} -4 l${way * 5} 4 l${-way * 5} 4`, class: "say" + (row.bad ? " bad" : "") }));
  const numbers = `${row.from} → ${row.to}`;
  return el("tr", { class: row.bad ? "bad" : "" }, el("td", { class: "muted n" }, row.at === null ? "" : duration(Math.max(0, Math.round(row.at)))),
    el("td", {}, el("span", { class: "said" }, picture, el("span", { class: "hidden" }, numbers), " ", el("code", {}, row.text), " ", placeLink(row.place), row.spec && [" ", el("span", { class: "spec" }, row.spec)]), row.more || null));
}
