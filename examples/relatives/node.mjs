// A JSGI application with what Node has: modules, streams, async generators.
//
// Run:  go run . examples/relatives/node.mjs
// Try:  curl http://127.0.0.1:8888/hello/Ada

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";

const TEXT = { "content-type": "text/plain; charset=utf-8" };
const STATIC = new URL("../frameworks/static/", import.meta.url);

const text = (...body) => ({ status: 200, headers: TEXT, body });
const json = value => ({ status: 200, headers: { "content-type": "application/json" }, body: [JSON.stringify(value)] });

async function upload(request) {
  const form = await new Response(await request.input.read(), { headers: request.headers }).formData(); // Node's, of fetch
  const file = form.get("file"), content = Buffer.from(await file.arrayBuffer());
  return json({ filename: file.name, size: content.length, sha256: createHash("sha256").update(content).digest("hex") });
}

async function* lines() {
  for (let number = 0; number < 5; number++) yield `line ${number}\n`;
}

const routes = [
  ["GET", /^\/$/, () => text("Hello from JSGI")],
  ["GET", /^\/hello\/(.*)$/, (request, name) => text("Hello ", name)],
  ["POST", /^\/form$/, async request => json(Object.fromEntries(new URLSearchParams(String(await request.input.read()))))],
  ["POST", /^\/json$/, async request => json(JSON.parse(await request.input.read()))],
  ["POST", /^\/bytes$/, request => ({ status: 200, headers: { "content-type": "application/octet-stream" }, body: request.input })], // block by block
  ["POST", /^\/upload$/, upload],
  ["GET", /^\/stream$/, () => ({ status: 200, headers: TEXT, body: lines() })],
  ["GET", /^\/cookies$/, () => ({ status: 200, headers: { ...TEXT, "set-cookie": ["a=1", "b=2"] }, body: ["two cookies"] })],
  ["GET", /^\/redirect$/, () => ({ status: 302, headers: { location: "/" }, body: [] })],
  ["GET", /^\/error$/, () => { throw new Error("raised in a route"); }],
  ["GET", /^\/static\/(.*)$/, (request, name) => ({ status: 200, headers: { "content-type": "text/css" }, body: createReadStream(new URL(basename(name), STATIC)) })],
];

export async function app(request) {
  const path = decodeURIComponent(request.pathInfo);
  for (const [method, pattern, respond] of routes) {
    const match = method === request.method && pattern.exec(path);
    if (match) return respond(request, ...match.slice(1));
  }
  return { status: 404, headers: TEXT, body: ["Not found\n"] };
}
