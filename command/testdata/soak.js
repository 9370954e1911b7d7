// Answers the requests of TestSoak, as soak.py does.
const crypto = require("crypto");
const fs = require("fs");

const ledger = fs.openSync(process.env.SOAK_LEDGER, "a");
const note = line => fs.writeSync(ledger, line + "\n");
const block = (id, n) => `${n} of ${id} ${"x".repeat((37 * n) % 5000)}\n`;
const all = (id, count) => Array.from({ length: count }, (_, n) => block(id, n));

async function* failing(blocks) {
  yield* blocks;
  throw new Error("in the middle of a response");
}

async function sum(id, input) {
  let length = 0;
  const digest = crypto.createHash("sha256");
  for await (const bytes of input) {
    length += bytes.length;
    digest.update(bytes);
  }
  return `${id} ${length} ${digest.digest("hex")}`;
}

// The body of a response that is written by a function, and waits between two blocks.
const written = blocks => ({
  async forEach(write) {
    for (const block of blocks) await write(block);
  },
});

async function* streamed(blocks) { yield* blocks; }

async function body(kind, id, count, input) {
  switch (kind) {
    case "write": return written(all(id, count));
    case "sum": return [await sum(id, input)];
    case "pid": return [String(process.pid)];
    case "hello": return ["hello ", id];
  }
  const blocks = kind === "break" ? failing(all(id, count)) : streamed(all(id, count));
  return Object.assign(blocks, { close: () => note(`closed ${id}`) });
}

exports.app = async request => {
  const [, kind, id, count] = request.pathInfo.split("/");
  note(`called ${id}`);
  if (kind === "raise") throw new Error("before the response");
  const headers = { "content-type": "text/plain", "x-id": request.headers["x-id"] };
  if (kind === "sized") headers["content-length"] = all(id, Number(count)).join("").length;
  return { status: 200, headers, body: await body(kind, id, Number(count), request.input) };
};
