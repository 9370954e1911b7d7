// A page of 64 KB, as a template would have made it.
const BODY = Buffer.from(("<p>" + "x".repeat(1017) + "</p>").repeat(64));
exports.app = () => ({ status: 200, headers: { "content-type": "text/html; charset=utf-8", "content-length": BODY.length }, body: [BODY] });
