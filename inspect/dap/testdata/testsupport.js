// Drives `glass dap --stdio` and `glass --dap=127.0.0.1:PORT` with the client that adapters for VS Code are tested with.
// TestDAPTestsupport runs it: node testsupport.js GLASS APP PORT URL, NODE_PATH being where the package is installed.
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { DebugClient } = require('@vscode/debugadapter-testsupport');

const [glass, app, port, url] = process.argv.slice(2);
const patience = 60000;

// fetchText asks until somebody listens and answers.
const fetchText = async (from) => (await fetch(from)).text();

// launched: the adapter as VS Code starts it. Breakpoint, locals, change, evaluation, steps, end.
async function launched() {
  // The client runs [runtime, executable] with no more arguments; node passes them on.
  const adapter = spawn(glass, ['dap', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => adapter.on('exit', resolve));
  const client = new DebugClient('', '', 'glass');
  client.defaultTimeout = patience;
  client.connect(adapter.stdout, adapter.stdin);

  let serving;
  const address = new Promise((resolve) => { serving = resolve; });
  client.on('output', (event) => {
    const match = /address=(http:\S+)/.exec(event.body.output);
    if (match) serving(match[1]);
  });
  const configured = client.waitForEvent('initialized').then(async () => {
    const set = await client.setBreakpointsRequest({ source: { path: app }, breakpoints: [{ line: 3 }] });
    assert.deepStrictEqual([set.body.breakpoints[0].verified, set.body.breakpoints[0].line], [true, 3]);
    await client.configurationDoneRequest();
  });
  await Promise.all([configured, client.launch({ app: path.basename(app), cwd: path.dirname(app), bind: '127.0.0.1:0' })]);

  const stop = client.assertStoppedLocation('breakpoint', { path: app, line: 3 });
  const page = fetchText(`${await address}/bob`);
  const frames = (await stop).body.stackFrames;
  assert.deepStrictEqual(frames.slice(0, 2).map((f) => f.name), ['shout', 'application']);
  const thread = (await client.threadsRequest()).body.threads[0];
  assert.match(thread.name, /^#\d+ 127\.0\.0\.1:\d+ GET \/bob$/);
  const scope = (await client.scopesRequest({ frameId: frames[0].id })).body.scopes.find((s) => s.name === 'Locals');
  await client.setVariableRequest({ variablesReference: scope.variablesReference, name: 'loud', value: "'MENDED'" });
  const value = await client.evaluateRequest({ expression: 'loud.lower()', frameId: frames[0].id, context: 'watch' });
  assert.strictEqual(value.body.result, "'mended'");
  await Promise.all([client.assertStoppedLocation('step', { path: app }), client.stepOutRequest({ threadId: thread.id })]);
  await client.continueRequest({ threadId: thread.id });
  assert.strictEqual(await page, 'MENDED!');

  await client.disconnectRequest({});
  assert.strictEqual(await ended, 0);
}

// attached: a server that runs already, over TCP; its own source, its steps, and its bytes.
async function attached() {
  const client = new DebugClient('', '', 'glass');
  client.defaultTimeout = patience;
  await client.start(Number(port));
  const initialized = client.waitForEvent('initialized');
  await client.initializeRequest();
  await client.attachRequest({ stopOnEntry: true });
  await initialized;
  const sources = (await client.customRequest('loadedSources')).body.sources;
  const exchange = sources.find((s) => (s.path || s.name).endsWith('server/exchange.go'));
  const set = await client.setBreakpointsRequest({ source: exchange, breakpoints: [{ line: 1 }] });
  assert.ok(set.body.breakpoints[0].verified && set.body.breakpoints[0].line > 1);
  await client.configurationDoneRequest();

  const entry = client.waitForEvent('stopped');
  const page = fetchText(url);
  const threadId = (await entry).body.threadId;
  const [stop] = await Promise.all([
    client.assertStoppedLocation('breakpoint', { line: set.body.breakpoints[0].line }),
    client.continueRequest({ threadId }),
  ]);
  const frame = stop.body.stackFrames[0];
  if (frame.source.sourceReference) {
    const text = await client.sourceRequest({ sourceReference: frame.source.sourceReference });
    assert.match(text.body.content.split('\n')[frame.line - 1], /saw/);
  }
  const scopes = (await client.scopesRequest({ frameId: frame.id })).body.scopes;
  const bytes = scopes.find((s) => s.name === 'Bytes');
  const streams = (await client.variablesRequest({ variablesReference: bytes.variablesReference })).body.variables;
  const read = await client.customRequest('readMemory', { memoryReference: streams[0].memoryReference, offset: 0, count: 5 });
  assert.strictEqual(Buffer.from(read.body.data, 'base64').toString(), 'GET /');
  await Promise.all([client.waitForEvent('stopped'), client.stepBackRequest({ threadId })]);
  await client.stop(); // disconnects: what it stopped goes on
  assert.strictEqual(await page, '!');
}

(async () => {
  await launched();
  await attached();
  console.log('well');
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
