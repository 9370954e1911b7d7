// Reads the body of the request block by block, and says how much it was.
exports.app = async request => {
  let size = 0;
  for await (const block of request.input) size += block.length;
  const body = `${size}\n`;
  return { status: 200, headers: { "content-type": "text/plain", "content-length": body.length }, body: [body] };
};
