// JSGI 0.3: an application is a function, which takes a request and returns status, header fields and a body, or a promise of them.
//
// Run:  go run . examples/relatives/hello.js
// Try:  curl http://127.0.0.1:8888/any/path

exports.app = async request => {
  const body = await request.input.read();
  const path = decodeURIComponent(request.pathInfo); // JSGI leaves it as it is in the request
  const text = `Hello from JSGI: ${request.method} ${path} with ${body.length} bytes\n`;
  return { status: 200, headers: { "content-type": "text/plain" }, body: [text] };
};
