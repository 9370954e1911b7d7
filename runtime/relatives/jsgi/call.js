// One call of the application: its request, and the frames of its response.

class ClientGone extends Error {} // nobody waits for the response any more
const TOO_LATE = "JSGI: the response has ended; what belongs to one request cannot be kept";

class BrokenBody extends Error {} // the client broke the request's body

class Call {
  constructor(worker, number) {
    Object.assign(this, { worker, number, credit: worker.settings.window, out: [], size: 0, aborted: false, input: [], wake: [] });
  }

  // Frames collect in out, and leave when the response is complete, a block has to go out, or the call has to wait.
  async run(application, request) {
    let body, failure, trouble;
    try {
      const response = await application(request);
      body = this.checked(response).body;
      const head = this.head(response), only = Array.isArray(body) && body.length === 1 ? bytesOf(body[0]) : null;
      if (only && head.length + only.length < MAX_BLOCK) return this.finish(ANSWER, Buffer.concat([u32(head.length), head, only]));
      await this.charged(START_RESPONSE, head);
      this.emit(RETURNED, i64(Array.isArray(body) ? body.reduce((sum, block) => sum + bytesOf(block).length, 0) : -1));
      await this.sendBody(body);
    } catch (error) {
      failure = error instanceof ClientGone ? undefined : [error];
    }
    try { // whatever became of the body
      if (typeof body?.close === "function") await body.close();
    } catch (error) {
      trouble = [error];
    }
    if (failure) this.finish(ERROR, tuple(...told(failure), boolean(failure[0] instanceof BrokenBody)));
    else this.finish(END, trouble && tuple(...told(trouble))); // a response that is whole stays so
  }

  checked(response) {
    if (response === null || typeof response !== "object") throw new TypeError(`JSGI: a response is { status, headers, body }, and the application returned ${response}`);
    if (!Number.isInteger(response.status)) throw new TypeError(`JSGI: status is an integer, not ${response.status}`);
    if (!response.body || typeof response.body === "string") throw new TypeError("JSGI: a body has forEach; put what is to be sent into an array");
    return response;
  }

  head({ status, headers }) {
    const fields = [];
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (/^(connection|keep-alive)$/i.test(name)) continue; // that is the server's business
      for (const one of [value].flat()) fields.push(tuple(native(name, name), native(String(one), name)));
    }
    const head = tuple(string(`${status} ${this.worker.settings.reasons[status] ?? ""}`), list(fields), NONE);
    if (head.length > MAX_FRAME) throw new RangeError(`JSGI: status and headers take ${head.length} bytes; the server passes on at most ${MAX_FRAME}`);
    return head;
  }

  // A body is an Array, anything else that can be iterated, or has forEach, which may return a promise.
  async sendBody(body) {
    if (Array.isArray(body)) {
      for (const block of body) await this.block(block, true);
    } else if (body[Symbol.asyncIterator] || body[Symbol.iterator]) {
      for await (const block of body) await this.block(block);
    } else if (typeof body.forEach === "function") {
      let sent = Promise.resolve();
      await body.forEach(block => {
        if (this.over) return console.error(TOO_LATE);
        sent = sent.then(() => this.block(block));
        sent.catch(() => {}); // it is awaited below, or forEach was
        return sent;
      });
      await sent;
    } else throw new TypeError("JSGI: a body has forEach, and this has not");
  }

  // A block of the body: on its way before the application is asked for the next, unless it waits for others.
  async block(block, waits = false) {
    const bytes = bytesOf(block);
    for (let at = 0; at < bytes.length; at += MAX_BLOCK) await this.charged(CHUNK, bytes.subarray(at, at + MAX_BLOCK));
    if (waits) return;
    this.flush();
    if (this.aborted) throw new ClientGone("the client is gone");
  }

  // The next bytes of the request's body; null at its end.
  async readBody() {
    if (this.ended) return null;
    this.emit(READ, u32(MAX_INPUT));
    this.flush();
    while (this.input.length === 0) {
      if (this.aborted) throw new ClientGone("the client is gone");
      await this.change();
    }
    const [kind, payload] = this.input.shift();
    if (kind === DATA) return Buffer.from(payload);
    this.ended = true;
    if (kind === BODY_ERROR) throw new BrokenBody(payload.toString());
    return null;
  }

  receive(kind, payload) {
    if (kind === CREDIT) this.credit += payload.readUInt32LE(0);
    else if (kind === ABORT) this.aborted = true;
    else this.input.push([kind, payload]);
    for (const wake of this.wake.splice(0)) wake();
  }

  change() { return new Promise(wake => this.wake.push(wake)); }

  finish(kind, payload) {
    this.emit(kind, payload);
    this.over = true;
    this.flush();
  }

  emit(kind, payload = Buffer.alloc(0)) {
    if (this.over) throw new Error(TOO_LATE);
    this.out.push(header(this.number, kind, payload.length), payload);
    this.size += payload.length;
  }

  // What costs credit waits while there is none: docs/WORKER.md, "Flow control".
  async charged(kind, payload) {
    while (this.credit <= 0 && !this.aborted) {
      this.flush();
      await this.change();
    }
    if (this.aborted) throw new ClientGone("the client is gone");
    this.credit -= payload.length + FRAME_CHARGE;
    this.emit(kind, payload);
    if (this.size >= MAX_BLOCK) this.flush();
  }

  flush() {
    this.worker.send(...this.out);
    this.out = [];
    this.size = 0;
  }
}

const told = ([error]) => [string(oneLine(error)), string(stackOf(error))];

function native(text, name) {
  if (/[^\0-\xff]/.test(text)) throw new TypeError(`JSGI: the header field ${name} holds characters above U+00FF; encode them first`);
  return string(text);
}

// A block is a string, which is sent in UTF-8, or bytes, or has toByteString.
function bytesOf(block) {
  if (typeof block?.toByteString === "function") block = block.toByteString("utf-8");
  if (typeof block === "string" || block instanceof Uint8Array) return Buffer.from(block);
  throw new TypeError(`JSGI: a body yields strings and bytes, not ${block}`);
}
