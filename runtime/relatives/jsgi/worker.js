// The worker: it loads app.js, and calls the application in it for each request that the server sends.
//
// REQUEST comes in; START_RESPONSE, RETURNED, a CHUNK for each block and END go out. There is one thread, and many calls at a
// time: what waits, waits for a promise.

const net = require("net");

class Worker {
  constructor() {
    this.calls = new Map();
    this.constants = Buffer.from("{0");
    this.loading = true;
    this.channel = new net.Socket({ fd: 3, readable: true, writable: true });
    const frames = new Frames(settings => this.start(settings), (kind, call, payload) => this.receive(kind, call, payload));
    this.channel.on("data", bytes => frames.take(bytes)).on("close", () => process.exit(0)).on("error", () => process.exit(0));
    this.listen(new net.Socket({ fd: 4, readable: true, writable: true }));
    process.on("exit", code => this.ended(code));
  }

  // The parts of whole frames, in one system call.
  send(...parts) {
    this.channel.cork();
    for (const part of parts) if (part.length) this.channel.write(part);
    this.channel.uncork();
  }

  tell(kind, ...values) { this.send(frame(0, kind, tuple(...values))); }

  async start(settings) {
    this.settings = settings;
    process.title = settings.title;
    process.argv[1] = require("path").resolve(settings.application); // it was the title
    try {
      this.application = await load(settings.application);
      this.tell(READY, string(process.versions.node));
    } catch (failure) {
      this.channel.end(frame(0, LOAD_ERROR, tuple(...failure.values.map(string))));
    }
    this.loading = false;
  }

  receive(kind, number, payload) {
    switch (kind) {
      case REQUEST: return void this.serve(number, payload);
      case CONSTANTS: this.constants = Buffer.from(payload); return;
      case QUIT: return process.exit(0);
      default: this.calls.get(number)?.receive(kind, payload); // else the call has ended meanwhile
    }
  }

  async serve(number, payload) {
    const call = new Call(this, number);
    this.calls.set(number, call);
    await call.run(this.application, this.request(payload, call));
    this.calls.delete(number);
  }

  // The Request of JSGI 0.3, out of WSGI's environ.
  request(payload, call) {
    const size = payload.readUInt32LE(1);
    const { "wsgi.url_scheme": scheme, "wsgi.multiprocess": multiprocess, ...env } = { ...unmarshal(this.constants), ...unmarshal(payload.subarray(5, 5 + size)) };
    for (const name of Object.keys(env)) if (name.startsWith("wsgi.")) delete env[name];
    const body = payload[0] & BODY_FOLLOWS ? null : Buffer.from(payload.subarray(5 + size));
    return {
      method: env.REQUEST_METHOD,
      ...paths(env),
      queryString: env.QUERY_STRING,
      host: env.SERVER_NAME,
      port: Number(env.SERVER_PORT),
      scheme,
      version: (env.SERVER_PROTOCOL ?? "").replace("HTTP/", "").split(".").map(Number),
      remoteAddr: env.REMOTE_ADDR,
      serverSoftware: env.SERVER_SOFTWARE,
      headers: fields(env),
      input: new Input(call, body),
      jsgi: { version: [0, 3], errors: ERRORS, multithread: false, multiprocess, runOnce: false, async: true, ext: {} },
      env,
    };
  }

  // The lifeline: the server holds it open as long as it lives, and says "?" or "x".
  listen(lifeline) {
    lifeline.on("data", orders => {
      if (orders.includes("x")) process.exit(0); // what listens for exit runs
      if (orders.includes("?")) this.tellWhere();
    });
    lifeline.on("error", () => {}).on("close", () => {
      try { process.kill(-process.pid, "SIGKILL"); } catch { process.exit(0); } // the processes that the application started go with us
    });
  }

  // Where a call hangs: nothing tells which line would settle a promise. A loop that keeps the thread is not told at all.
  tellWhere() {
    if (this.loading) {
      const detail = "the application was still being loaded when the time was up (--start-timeout)";
      return this.tell(LOAD_ERROR, ...["timeout", detail, "a promise that it awaits at the top is not settled", ""].map(string));
    }
    for (const call of this.calls.keys()) this.tell(WHERE, number(call), string("a promise that is not settled"), string(""));
  }

  // The process ends. While the application is loaded, nothing else tells why.
  ended(code) {
    if (!this.loading || !this.settings) return;
    const values = ["exit", `${this.settings.application} called process.exit(${code}) while it was loaded`, "an app.js exports the application, and the server calls it", ""];
    fs.writeSync(3, frame(0, LOAD_ERROR, tuple(...values.map(string)))); // a stream would send it later
    process.exitCode = 0;
  }
}

// scriptName and pathInfo "MUST NOT be decoded": they are as the request-target has them.
function paths(env) {
  const [raw] = (env.REQUEST_URI ?? "").replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "").split("?");
  const depth = (env.SCRIPT_NAME.match(/\//g) ?? []).length;
  const parts = raw.split("/");
  const scriptName = parts.slice(0, depth + 1).join("/");
  if (!raw.startsWith("/") || unescape(scriptName) !== env.SCRIPT_NAME) return { scriptName: encode(env.SCRIPT_NAME), pathInfo: encode(env.PATH_INFO) };
  return { scriptName, pathInfo: raw.slice(scriptName.length) };
}

// unescape and encode are between percent-encoding and native strings, which have a character for each byte.
const unescape = text => text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
const encode = text => text.replace(/[^!$&-;=@A-Z_a-z~]/g, byte => "%" + byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));

function fields(env) {
  const all = {};
  for (const [name, value] of Object.entries(env)) if (name.startsWith("HTTP_")) all[name.slice(5).toLowerCase().replaceAll("_", "-")] = value;
  if (env.CONTENT_TYPE) all["content-type"] = env.CONTENT_TYPE;
  if (env.CONTENT_LENGTH) all["content-length"] = env.CONTENT_LENGTH;
  return all;
}

// Input is the request's body, in blocks: for await, forEach, or read for all of it. Each returns a promise.
class Input {
  constructor(call, whole) { Object.assign(this, { call, whole }); }

  async *[Symbol.asyncIterator]() {
    if (this.whole) {
      if (this.whole.length) yield this.whole;
      this.whole = Buffer.alloc(0);
      return;
    }
    for (let block; (block = await this.call.readBody()); ) yield block;
  }

  async forEach(take) { for await (const block of this) await take(block); }

  async read() {
    const blocks = [];
    await this.forEach(block => { blocks.push(block); });
    return Buffer.concat(blocks);
  }
}

const ERRORS = {
  print(...values) { process.stderr.write(values.join(" ") + "\n"); },
  write(text) { process.stderr.write(text); },
  flush() {},
};

new Worker();
