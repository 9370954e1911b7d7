// Node's own HTTP server, with the same answers: serve_node.js PORT MODULE WORKERS
const http = require("http"), cluster = require("cluster"), { Readable } = require("stream");

const [port, name, workers] = process.argv.slice(2);
const BLOCK = Buffer.alloc(65536, "x");
function* blocks() {
  for (let i = 0; i < 160; i++) yield BLOCK;
}

function whole(type, text) {
  const body = Buffer.from(text);
  return (request, response) => response.writeHead(200, { "Content-Type": type, "Content-Length": body.length }).end(body);
}

const handlers = {
  bench_hello: whole("text/plain; charset=utf-8", "Hello, world\n"),
  bench_page: whole("text/html; charset=utf-8", ("<p>" + "x".repeat(1017) + "</p>").repeat(64)),
  bench_stream: (request, response) => Readable.from(blocks()).pipe(response.writeHead(200, { "Content-Type": "application/octet-stream" })),
  async bench_upload(request, response) {
    let size = 0;
    for await (const block of request) size += block.length;
    whole("text/plain", `${size}\n`)(request, response);
  },
};

if (workers > 1 && cluster.isPrimary) {
  for (let i = 0; i < workers; i++) cluster.fork();
} else {
  http.createServer(handlers[name]).listen(Number(port), "127.0.0.1");
}
