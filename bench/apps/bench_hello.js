// The smallest answer.
const BODY = Buffer.from("Hello, world\n");
exports.app = () => ({ status: 200, headers: { "content-type": "text/plain; charset=utf-8", "content-length": BODY.length }, body: [BODY] });
