// What the page knows, and where it comes from: a server, or a recording.

export const state = {
  recording: JSON.parse(document.getElementById("recording").textContent),
  connected: false, session: "", name: "", controller: "", pauseNext: false, breakpoints: [], server: false, wsgiref: false,
  list: [], filter: "", id: 0, view: null, step: null, line: null, tab: "environ", frame: null, place: null, steps: [], address: "",
};

// kept is what this tab remembers when it is loaded again: its session, with control and breakpoints, and what it looks at.
export function kept(name, value) {
  try {
    if (value === undefined) return sessionStorage.getItem("glass." + name);
    sessionStorage.setItem("glass." + name, value);
  } catch { /* no storage: a page that is loaded again begins anew */ }
  return null;
}

const listeners = {};
export function on(name, listener) { (listeners[name] ??= []).push(listener); }
export function emit(name, value) { for (const listener of listeners[name] ?? []) listener(value); }

export const live = () => state.recording === null;
export const inControl = () => live() && state.connected && state.controller !== "" && state.controller === state.name;

async function ask(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok || answer?.error) throw new Error(answer.error);
  return answer;
}

export async function command(what, more = {}) {
  const answer = await ask("api/command", { session: state.session, do: what, exchange: state.id, ...more });
  return answer.result;
}

export const replayTo = to => ask("api/replay", { session: state.session, exchange: state.id, to });
export const sendDraft = (exchange, bytes, to) => ask("api/replay", { session: state.session, exchange, to, bytes });
export const parseDraft = bytes => ask("api/draft", { bytes });
export const findText = text => ask("api/find?text=" + encodeURIComponent(text));
export const curlOf = id => ask(`api/exchanges/${id}/curl`);
export const relativesOf = id => ask(`api/exchanges/${id}/relatives`);

const sources = new Map();
export async function sourceOf(file) {
  if (!live()) return state.recording.sources[file] ?? null;
  if (!sources.has(file)) sources.set(file, ask("api/source?file=" + encodeURIComponent(file)).catch(() => null));
  return sources.get(file);
}

const restTime = 150; // ms between two questions of a kind: a busy server makes many events
const longestRest = 2000; // ms

// fresh asks again when something happened while it was asking, and never twice at a time. share is how many times as long as
// an answer takes it rests: of a busy server, or by a slow browser, less is asked.
function fresh(load, share) {
  let busy = false, again = false;
  return async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    const rest = took => new Promise(done => setTimeout(done, Math.min(longestRest, Math.max(restTime, share * took))));
    try { do { again = false; const began = performance.now(); await load(); if (again) await rest(performance.now() - began); } while (again); } catch { /* the stream tells when the server is back */ } finally { busy = false; }
  };
}

export const refreshList = fresh(async () => {
  state.list = live() ? await ask("api/exchanges") : state.recording.views.map(summaryOf);
  emit("list");
}, 10);

export const refreshView = fresh(async () => {
  const id = state.id;
  if (!id) return;
  const view = live() ? await ask("api/exchanges/" + id) : state.recording.views.find(v => v.exchange.id === id);
  if (id !== state.id || !view) return;
  state.view = view;
  emit("view");
}, 1);

function summaryOf({ exchange: x, status, took_ns }) {
  return {
    id: x.id, number: x.number, method: x.method, target: x.target, status, state: x.state, took_ns,
    began_us: Date.parse(x.began) * 1000, lasts_ns: x.took_ns, connection: x.connection.id, ...callOf(x),
    failure: x.failure?.kind, rule: x.failure?.rule, peer: x.connection.peer, worker: x.worker?.pid, bytes: x.response.length, edited: (x.edits ?? []).length > 0,
  };
}

function callOf(x) {
  const inCall = x.steps.filter(s => s.stage === "call");
  return inCall.length ? { before_ns: inCall[0].at_ns, call_ns: inCall.at(-1).at_ns - inCall[0].at_ns } : {};
}

export function select(id) {
  if (id === state.id) return;
  Object.assign(state, { id, view: null, step: null, line: null, frame: null, place: null });
  kept("id", id);
  emit("selected");
  refreshView();
}

// showRecording opens a recording that was saved or dropped. What it holds is not trusted: it is shown as text.
export function showRecording(recording) {
  if (recording?.format !== "glass recording" || recording.version !== 1 || !Array.isArray(recording.views)) throw new Error("format");
  stream?.close();
  Object.assign(state, { recording, connected: false, controller: "", list: [], id: 0, view: null });
  start();
}

let stream = null;

export function start() {
  emit("mode");
  if (!live()) {
    refreshList().then(() => { if (state.recording.views.length) select(state.recording.views[0].exchange.id); });
    return;
  }
  connect();
}

const againTime = 2000; // ms until a page asks whether the server is back

function connect() {
  stream = new EventSource("api/events?session=" + encodeURIComponent(kept("session") ?? ""));
  stream.addEventListener("hello", e => {
    const hello = JSON.parse(e.data);
    kept("session", hello.session);
    Object.assign(state, { connected: true, session: hello.session, name: hello.name, controller: hello.controller,
      breakpoints: hello.breakpoints ?? [], server: hello.server, wsgiref: hello.wsgiref, steps: hello.steps, address: hello.address,
      pauseNext: hello.pauseNext && hello.controller === hello.name });
    emit("control");
    refreshList();
    refreshView();
  });
  stream.addEventListener("happened", e => happened(JSON.parse(e.data)));
  stream.onerror = () => {
    stream.close(); // by itself it would come back without its session
    state.connected = false;
    state.controller = "";
    emit("control");
    setTimeout(connect, againTime);
  };
}

function happened(events) {
  for (const e of events) {
    if (e.kind === "control") { state.controller = e.text ?? ""; emit("control"); }
    if (e.kind === "output") emit("output", e.text);
    if (e.kind === "stopped") {
      if (state.pauseNext && e.stop.reason === "entry") { state.pauseNext = false; emit("control"); }
      const following = state.view?.exchange.state;
      if (inControl() && (!state.id || following !== "stopped" || e.exchange === state.id)) { state.step = null; state.line = null; state.frame = null; state.place = null; select(e.exchange); emit("stopped"); }
    }
    if (e.exchange === state.id || e.kind === "resync") refreshView();
  }
  refreshList();
}
