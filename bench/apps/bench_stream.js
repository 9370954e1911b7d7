// 10 MB in blocks of 64 KB, of a length that nobody was told.
const BLOCK = Buffer.alloc(65536, "x");
function* blocks() {
  for (let i = 0; i < 160; i++) yield BLOCK;
}
exports.app = () => ({ status: 200, headers: { "content-type": "application/octet-stream" }, body: blocks() });
