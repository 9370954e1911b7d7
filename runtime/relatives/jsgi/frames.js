// Frames, as docs/WORKER.md has them: a header (payload length, call, kind), and a payload, whose values are in the format of
// Python's marshal.

"use strict";

const REQUEST = 1, DATA = 2, EOF = 3, BODY_ERROR = 4, CREDIT = 5, ABORT = 6, QUIT = 7, CONSTANTS = 8; // from the server
const READY = 16, LOAD_ERROR = 17, START_RESPONSE = 18, RETURNED = 19, CHUNK = 20; // to the server
const READ = 22, END = 23, ERROR = 24, ANSWER = 27, WHERE = 31;
const BODY_FOLLOWS = 1; // flag of REQUEST
const HEADER_SIZE = 9, MAX_FRAME = 128 << 10, MAX_BLOCK = 64 << 10, MAX_INPUT = 256 << 10, FRAME_CHARGE = 64;

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function i64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

function header(call, kind, size) {
  const bytes = Buffer.alloc(HEADER_SIZE);
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt32LE(call, 4);
  bytes[8] = kind;
  return bytes;
}

const frame = (call, kind, payload) => Buffer.concat([header(call, kind, payload.length), payload]);

// unmarshal reads a value. A native string has a character for each byte, and is one here, too.
function unmarshal(bytes) {
  let at = 0;
  const size = () => bytes.readUInt32LE((at += 4) - 4);
  const text = (length, encoding) => bytes.toString(encoding, (at += length) - length, at);
  function value() {
    const type = String.fromCharCode(bytes[at++]);
    switch (type) {
      case "N": return null;
      case "T": return true;
      case "F": return false;
      case "i": return bytes.readInt32LE((at += 4) - 4);
      case "z": return text(bytes[at++], "latin1");
      case "a": return text(size(), "latin1");
      case "u": return text(size(), "utf8");
      case "(": case "[": return Array.from({ length: size() }, value);
      case "{": return pairs();
      default: throw new Error(`the server sent a value of type ${type}`);
    }
  }
  function pairs() {
    const all = {};
    while (bytes[at] !== 48) { // "0"
      const name = value();
      all[name] = value();
    }
    at++;
    return all;
  }
  return value();
}

function string(text) {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([Buffer.from("u"), u32(bytes.length), bytes]);
}

const NONE = Buffer.from("N");
const number = value => Buffer.concat([Buffer.from("i"), u32(value)]);
const boolean = value => Buffer.from(value ? "T" : "F");
const tuple = (...items) => Buffer.concat([Buffer.from("("), u32(items.length), ...items]);
const list = items => Buffer.concat([Buffer.from("["), u32(items.length), ...items]);

// Frames cuts what arrives into frames, and hands each on.
class Frames {
  constructor(onStart, onFrame) {
    this.rest = Buffer.alloc(0);
    this.onStart = onStart;
    this.onFrame = onFrame;
  }

  take(bytes) {
    this.rest = this.rest.length ? Buffer.concat([this.rest, bytes]) : bytes;
    if (this.onStart && !this.takeStart()) return;
    while (this.rest.length >= HEADER_SIZE) {
      const size = HEADER_SIZE + this.rest.readUInt32LE(0);
      if (this.rest.length < size) return;
      const [call, kind, payload] = [this.rest.readUInt32LE(4), this.rest[8], this.rest.subarray(HEADER_SIZE, size)];
      this.rest = this.rest.subarray(size);
      this.onFrame(kind, call, payload);
    }
  }

  // The settings come before any frame.
  takeStart() {
    if (this.rest.length < 4 || this.rest.length < 4 + this.rest.readUInt32LE(0)) return false;
    const size = 4 + this.rest.readUInt32LE(0), onStart = this.onStart;
    const [, settings] = unmarshal(this.rest.subarray(4, size));
    this.rest = this.rest.subarray(size);
    this.onStart = null;
    onStart(settings);
    return true;
  }
}
