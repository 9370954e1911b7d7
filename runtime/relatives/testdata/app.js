// The application of the tests: what app.ru has, in JavaScript.
const fs = require("fs");

const TEXT = { "content-type": "text/plain" };

// What is noted must be seen in every worker.
const file = id => `${process.env.RECORDS}/r${id}`;
const add = (id, event) => process.env.RECORDS && fs.appendFileSync(file(id), event + "\n");
const of = id => {
  try {
    return fs.readFileSync(file(id), "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
};

const argument = (request, name) => unescape(new RegExp(`(?:^|&)${name}=([^&]*)`).exec(request.queryString)?.[1]?.replaceAll("+", " ") ?? "");
const later = ms => new Promise(done => setTimeout(done, ms));

function whole(text, type = "text/plain") {
  const body = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  return { status: 200, headers: { "content-type": type, "content-length": body.length }, body: [body] };
}

function environ(request) {
  const all = { "wsgi.url_scheme": { type: "str", value: request.scheme } };
  for (const [name, value] of Object.entries(request.env)) all[name] = { type: "str", value };
  return whole(Buffer.from(JSON.stringify({ environ: all, type: "builtins.dict", keys: ["str"], cgi: ["str"] })), "application/json");
}

async function events(request) {
  const id = argument(request, "id"), until = argument(request, "until");
  for (let i = 0; i < 300 && until && !of(id).includes(until); i++) await later(10);
  return whole(JSON.stringify(of(id)), "application/json");
}

async function* blocks(n, block) {
  for (let i = 0; i < n; i++) yield block(i);
}

let kept;

const routes = {
  probe: () => whole('{"probe": 1}', "application/json"),
  hello: () => whole("Hello, world\n"),
  echo: async request => whole(await request.input.read(), "application/octet-stream"),
  say: request => whole(argument(request, "text")),
  environ,
  note: request => (add(argument(request, "id"), argument(request, "event")), whole("noted\n")),
  receive: async request => (add(argument(request, "id"), `read ${(await request.input.read()).length} bytes`), whole("received\n")),
  events,
  cookies: () => ({ status: 200, headers: { "set-cookie": ["a=1", "b=2"], Connection: "close" }, body: [] }),
  stream: request => ({ status: 200, headers: TEXT, body: blocks(argument(request, "n"), i => String(i).repeat(argument(request, "size"))) }),
  close: request => ({ status: 200, headers: TEXT, body: Object.assign(blocks(argument(request, "n"), () => "x".repeat(100_000)), { close: () => add(argument(request, "id"), "closed") }) }),
  whole: request => ({ status: 200, headers: TEXT, body: ["x".repeat(argument(request, "n")), "x".repeat(argument(request, "n"))] }),
  raise: () => { throw new RangeError("oh no"); },
  late: () => ({ status: 200, headers: TEXT, body: blocks(2, i => { if (i) throw new Error("too late"); return "first"; }) }),
  notbytes: () => ({ status: 200, headers: TEXT, body: [1] }),
  closefails: () => ({ status: 200, headers: TEXT, body: Object.assign(blocks(1, () => "all"), { close() { throw new Error("no close"); } }) }),
  largehead: () => ({ status: 200, headers: { "x-large": "x".repeat(200_000) }, body: [] }),
  emptyfield: () => ({ status: 200, headers: { "x-empty": "" }, body: [] }),
  binary: () => { throw "oh \ud800 no \u00e9"; },
  keep: request => ((kept = request.input), whole("kept")),
  kept: async () => whole(await kept.read().catch(error => error.message)),
  latewrite: () => ({ status: 200, headers: TEXT, body: { forEach(write) { write("a"); setTimeout(() => write("late"), 1); } } }),
  fork: () => { // a child that keeps nothing of ours open
    require("child_process").spawn("sleep", ["600"], { stdio: "ignore" }).unref();
    return whole("parent");
  },
  hang: () => new Promise(() => {}),
  busy: () => { for (const end = Date.now() + 4200; Date.now() < end; ); return whole("late"); }, // no worker can be asked meanwhile
  end: () => process.reallyExit(3),
  constant: request => whole(request.env.SERVER_NAME += "changed"),
  pid: () => whole(String(process.pid)),
  foreach: () => ({ status: 200, headers: TEXT, body: { forEach(write) { write("a"); return later(1).then(() => write(Buffer.from("b"))); } } }),
  bytestring: () => ({ status: 200, headers: TEXT, body: [{ toByteString: () => Buffer.from("bytes") }] }),
  request: ({ input, env, ...request }) => whole(JSON.stringify(request)),
  nothing: () => undefined,
  text: () => ({ status: 200, headers: TEXT, body: "not in an array" }),
  wide: () => ({ status: 200, headers: { "x-wide": "\u263a" }, body: [] }),
  status: () => ({ status: "200 OK", headers: {}, body: [] }),
};

process.on("exit", () => add("exit", "at_exit"));

exports.app = request => {
  const route = routes[request.pathInfo.split("/").filter(Boolean)[0]];
  return route ? route(request) : { status: 404, headers: TEXT, body: ["Not found\n"] };
};
