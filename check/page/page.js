"use strict";
// The results of glass check, in a browser. What servers sent becomes text on the page, never HTML.

const marks = { passed: "+", failed: "fails", "cannot tell": "?", skipped: "–" };
const classes = { passed: "passed", failed: "failed", "cannot tell": "unclear", skipped: "skipped" };
const outcomes = { differs: "not all pass", failed: "fails", "cannot tell": "cannot tell", passed: "passes on all", "": "all" };

function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}

const $ = id => document.getElementById(id);

async function load() {
  const packed = Uint8Array.from(atob($("data").textContent.trim()), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

function showGrades({ servers, matters }) {
  const versions = servers.some(s => s.version);
  const head = element("tr", {}, ...["server", ...(versions ? ["version"] : []), "grade", ...matters, "cannot tell"].map(t => element("th", { scope: "col", textContent: t })));
  const rows = servers.map(s => {
    const cells = matters.map(name => {
      const mark = s.marks.find(m => m.matter === name);
      if (!mark) return element("td", { textContent: "-" });
      const failed = mark.must_failed + mark.should_failed;
      return element("td", { className: mark.grade, title: `MUST: ${mark.must_failed} of ${mark.must} fail. SHOULD: ${mark.should_failed} of ${mark.should} fail.` },
        mark.grade, ...(failed ? [" ", element("small", { textContent: failed })] : []));
    });
    const unclear = s.marks.reduce((n, m) => n + m.cannot_tell, 0);
    return element("tr", {}, element("th", { scope: "row", textContent: s.name }), ...(versions ? [element("td", { textContent: s.version })] : []),
      element("td", { className: s.grade, textContent: s.grade }), ...cells, element("td", { textContent: unclear || "-" }));
  });
  $("grades").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
}

function showFilters({ servers, matters }, changed) {
  const form = $("filters");
  form.matter.append(...["", ...matters].map(m => element("option", { value: m, textContent: m || "all" })));
  form.outcome.append(...Object.entries(outcomes).map(([value, text]) => element("option", { value, textContent: text })));
  if (servers.length === 1) $("servers").hidden = true;
  servers.forEach((s, i) => $("servers").append(element("label", {}, element("input", { type: "checkbox", name: "server", value: i, checked: true }), " " + s.name)));
  form.addEventListener("input", changed);
  form.addEventListener("submit", event => event.preventDefault());
}

// wanted says whether a probe is to be shown, with the servers that are.
function wanted(form, probe, of) {
  const text = form.text.value.trim().toLowerCase();
  const all = [probe.id, probe.rule, probe.what, probe.why].join(" ").toLowerCase();
  const outcome = form.outcome.value;
  return text.split(/\s+/).every(word => all.includes(word)) &&
    (!form.matter.value || probe.matter === form.matter.value) &&
    (!form.keyword.value || probe.keyword === form.keyword.value) &&
    (!outcome || (outcome === "differs" ? of.some(r => r.outcome !== "passed") :
      outcome === "passed" ? of.every(r => r.outcome === "passed") : of.some(r => r.outcome === outcome)));
}

function showTable(data, choose) {
  const form = $("filters");
  const columns = [...form.querySelectorAll("[name=server]")].filter(box => box.checked).map(box => Number(box.value));
  const rows = [];
  data.probes.forEach((probe, row) => {
    if (!wanted(form, probe, columns.map(i => data.servers[i].results[row]))) return;
    const cells = columns.map(i => {
      const r = data.servers[i].results[row];
      const button = element("button", { type: "button", textContent: marks[r.outcome], ariaLabel: `${probe.id}, ${data.servers[i].name}: ${r.outcome}` });
      const cell = element("td", { className: classes[r.outcome] }, button);
      button.addEventListener("click", () => choose(probe, data.servers[i], r, cell));
      return cell;
    });
    rows.push(element("tr", {}, element("th", { scope: "row" }, element("span", { className: "id", textContent: probe.id }),
      element("small", { textContent: `${probe.what} (${probe.rule}, ${probe.keyword})` })), ...cells));
  });
  $("count").textContent = `${rows.length} of ${data.probes.length} probes`;
  const head = element("tr", {}, element("th", { scope: "col", textContent: "probe" }), ...columns.map(i => element("th", { scope: "col", textContent: data.servers[i].name })));
  $("table").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
}

// visible shows bytes as glass check prints them: code point n is byte n.
function visible(text) {
  return text.replace(/[^\x20-\x7e]|\\/g, c => ({ "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\" })[c] ?? "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0"));
}

function lines(event) {
  const on = event.on ? event.on + " " : "";
  if (event.note) return [element("span", { className: "note", textContent: `${on}* ${event.note}` })];
  const [kind, text, mark] = event.sent !== undefined ? ["sent", event.sent, ">"] : ["received", event.received ?? "", "<"];
  const shown = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const all = shown.map(line => element("span", { className: kind, textContent: `${on}${mark} ${visible(line)}` }));
  if (event.more) all.push(element("span", { className: "note", textContent: `${on}${mark} … and ${event.more} bytes more` }));
  return all;
}

function showCell(probe, server, result, cell) {
  document.querySelector("td.chosen")?.classList.remove("chosen");
  cell.classList.add("chosen");
  const close = element("button", { type: "button", className: "close", textContent: "Close" });
  close.addEventListener("click", () => { $("cell").hidden = true; cell.classList.remove("chosen"); cell.firstChild.focus(); });
  const facts = element("dl");
  for (const [name, text] of [["wrong", result.outcome === "failed" && result.wrong], ["because", result.outcome === "cannot tell" && result.wrong], ["why it matters", probe.why], ["what to do", probe.hint]]) {
    if (text) facts.append(element("dt", { textContent: name }), element("dd", { textContent: text }));
  }
  const bytes = element("pre", {}, ...result.events.flatMap(lines));
  $("cell").replaceChildren(close, element("h2", { textContent: probe.id }),
    element("p", { textContent: `${probe.what} (${probe.rule}, ${probe.keyword}). ${[server.name, server.version].filter(Boolean).join(" ")}: ${result.outcome}.` }), bytes, facts);
  $("cell").hidden = false;
  $("cell").scrollTop = 0;
}

load().then(data => {
  showGrades(data);
  const draw = () => showTable(data, showCell);
  showFilters(data, draw);
  draw();
}, error => $("table").append(element("p", { textContent: "The results cannot be unpacked: " + error.message + ". This page needs a browser with DecompressionStream." })));
