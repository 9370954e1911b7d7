// Replay: the recorded bytes once more, to this server or another, and what differs.
import { el, byId, replace, decode64, readable, duration } from "./dom.js";
import { t } from "./strings.js";
import { state, emit, replayTo, live } from "./store.js";

let drawnFor = "";

export function drawReplay() {
  const panel = byId("panel-replay");
  const outside = Boolean(state.view.exchange.outside), withoutHTTP = Boolean(state.view.without_http);
  const key = [state.id, state.server, outside, withoutHTTP, state.wsgiref, document.documentElement.lang].join();
  if (!live() || key === drawnFor) return;
  drawnFor = key;
  if (withoutHTTP) { replace(panel, el("p", { class: "muted none" }, t("replay.withoutHTTP"))); return; }
  const result = el("div", { role: "status", class: "replayed" });
  const address = el("input", { placeholder: "127.0.0.1:8000", "aria-label": t("replay.address"), spellcheck: "false", class: "mono" });
  const server = outside ? "glass" : t("replay.server");
  const send = async (to, name) => {
    replace(result, el("p", { class: "muted" }, t("replay.wait", { name })));
    try { replace(result, show(await replayTo(to), name)); } catch (error) { replace(result, el("p", { class: "error" }, error.message)); }
  };
  replace(panel, el("p", { class: "hint" }, t(outside ? "replay.outside" : "replay.hint")),
    el("div", { class: "targets" },
      state.server && el("button", { "data-replay": "server", onclick: () => send("server", server) }, server),
      state.wsgiref && el("button", { "data-replay": "wsgiref", onclick: () => send("wsgiref", "wsgiref") }, "wsgiref"),
      el("button", { "data-replay": "edit", onclick: () => emit("draft", true) }, t("draft.open")),
      el("form", { onsubmit: e => { e.preventDefault(); if (address.value) send(address.value, address.value); } }, address, el("button", {}, t("replay.send")))),
    result);
}

function show(r, name) {
  const body = decode64(r.right.raw ?? "");
  return [
    el("p", {}, el("strong", {}, name), ": ", r.right.status || r.right.problem, el("span", { class: "muted" }, ` ${t("bytes", { n: body.length })}, ${duration(r.right.took_ns)}`)),
    r.differences.length ? differences(r.differences, name, (state.view.exchange.edits ?? []).length > 0) : el("p", { class: "same" }, t("replay.same")),
    el("details", {}, el("summary", {}, t("replay.answer")), el("pre", { class: "text" }, readable(body.subarray(0, 8192)).replaceAll("\r\n", "\n"))),
  ];
}

// differences are those of two answers. edited says that they are due to what the user changed, where no rule decides.
export function differences(list, name, edited) {
  return el("table", { class: "differences" },
    el("thead", {}, el("tr", {}, el("th", {}, t("what")), el("th", {}, t("replay.recorded")), el("th", {}, name))),
    el("tbody", {}, list.map(d => [
      el("tr", { class: d.verdict },
        el("th", { scope: "row" }, t("where." + d.where, {}, d.where), d.name && [" ", el("span", { class: "mono" }, d.name)], d.offset >= 0 && el("span", { class: "muted" }, " " + t("replay.byte", { n: d.offset }))),
        el("td", {}, el("code", {}, d.left)), el("td", {}, el("code", {}, d.right))),
      el("tr", { class: "why" }, el("td", { colspan: 3 }, el("span", { class: "verdict " + d.verdict }, t(edited && d.verdict === "open" ? "verdict.edited" : "verdict." + d.verdict)), " ", d.spec && el("span", { class: "spec" }, d.spec), " ", el("span", { class: "muted" }, d.why ?? ""))),
    ])));
}
