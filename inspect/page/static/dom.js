// Elements and numbers. What comes from a request or an application becomes text nodes here, and never HTML.

export const byId = id => document.getElementById(id);

function fill(e, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false).map(c => c instanceof Node ? c : String(c)));
  return e;
}

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
export const replace = (e, ...children) => e.replaceChildren(...children.flat(Infinity).filter(Boolean));

// duration writes nanoseconds for people.
export function duration(ns) {
  if (ns < 1e3) return ns + " ns";
  if (ns < 1e6) return short(ns / 1e3) + " µs";
  if (ns < 1e9) return short(ns / 1e6) + " ms";
  return short(ns / 1e9) + " s";
}

function short(n) { return n < 9.95 ? n.toFixed(1) : String(Math.round(n)); }

// bytesOf puts the pieces of a stream together, up to the first that is not kept.
export function bytesOf(stream) {
  const pieces = [];
  let length = 0;
  for (const piece of stream.pieces ?? []) {
    if (piece.start !== length) break;
    const data = decode64(piece.data ?? "");
    pieces.push(data);
    length += data.length;
    if (data.length < piece.size) break;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) { all.set(piece, at); at += piece.length; }
  return all;
}

export function decode64(text) { return Uint8Array.from(atob(text), c => c.charCodeAt(0)); }

export function encode64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

// readable makes text of bytes: UTF-8 where they are that, else \xNN for what is no ASCII; control characters too.
export function readable(bytes) {
  let text;
  try { text = utf8.decode(bytes); } catch { text = Array.from(bytes, b => b < 0x80 ? String.fromCharCode(b) : "\\x" + hex(b)).join(""); }
  return text.replace(/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/g, c => c === "\t" ? "\\t" : "\\x" + hex(c.charCodeAt(0)));
}

export function hex(b) { return b.toString(16).padStart(2, "0"); }

let toastTimer = 0;
export function toast(text) {
  const e = byId("toast");
  e.textContent = text;
  e.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => e.classList.remove("shown"), 6000);
}

// latinText undoes a native string: byte n of the wire is code point n, and most are UTF-8 underneath.
export function latinText(native) {
  if (!/[\x80-\xff]/.test(native) || /[^\x00-\xff]/.test(native)) return null;
  try { return utf8.decode(Uint8Array.from(native, c => c.charCodeAt(0))); } catch { return null; }
}

// nearest scrolls a row into its panel's view, and nothing else of the page.
export function nearest(e) {
  const box = e?.closest("[role=tabpanel], .grid, pre");
  if (!box || box.scrollHeight <= box.clientHeight) return;
  const row = e.getBoundingClientRect(), frame = box.getBoundingClientRect();
  if (row.top < frame.top + 30) box.scrollTop -= frame.top + 30 - row.top;
  if (row.bottom > frame.bottom) box.scrollTop += row.bottom - frame.bottom;
}
