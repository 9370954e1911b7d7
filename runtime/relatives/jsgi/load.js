// From the name of a file to the application that it exports, or to an error that says what to do.

const fs = require("fs"), path = require("path"), url = require("url");

const EXAMPLE = 'an application is exports.app = request => ({ status: 200, headers: {}, body: ["..."] })';

class LoadFailure extends Error {
  constructor(kind, detail, hint = "", trace = "") {
    super(detail);
    this.values = [kind, detail, hint, trace];
  }
}

async function load(file) {
  if (!fs.existsSync(file)) throw missingFile(file);
  let exported;
  try {
    exported = await importModule(url.pathToFileURL(path.resolve(file)).href);
  } catch (error) {
    throw failure(file, error);
  }
  const application = exported.app ?? exported.default?.app ?? exported.default;
  if (typeof application === "function") return checkParameters(file, application);
  const names = Object.keys(exported.default ?? exported).filter(name => name !== "default");
  if (names.length === 0 || application === exported.default)
    throw new LoadFailure("attribute-missing", `${file} exports no app`, names.length ? `it exports ${names.slice(0, 8).join(", ")}; ${EXAMPLE}` : EXAMPLE);
  throw new LoadFailure("not-callable", `app in ${file} is no function, but ${String(application).slice(0, 60)}`, EXAMPLE);
}

function checkParameters(file, application) {
  if (application.length <= 1) return application;
  throw new LoadFailure("wrong-parameters", `app in ${file} takes ${application.length} parameters; it is called with one: the request`,
    "handlers of node's http take request and response, and serve themselves; " + EXAMPLE);
}

function missingFile(file) {
  let there = [];
  try {
    there = fs.readdirSync(path.dirname(file)).filter(name => /\.[cm]?js$/.test(name));
  } catch { /* there is no such folder either */ }
  return new LoadFailure("file-not-found", `there is no file ${file}`,
    there.length ? `that folder holds ${there.sort().slice(0, 8).join(", ")}` : "that folder holds no *.js; a path is relative to the working directory");
}

function failure(file, error) {
  const trace = stackOf(error);
  const [, name] = /^Cannot find (?:module|package) '([^']+)'/.exec(error?.message ?? "") ?? [];
  if (name && /^(\.|\/|file:)/.test(name)) return new LoadFailure("module-not-found", `${file} requires ${name}, and there is no such file`, "", trace);
  if (name) {
    const [top] = /^(@[^/]+\/)?[^/]+/.exec(name);
    const debian = "node-" + top.replace("@", "").replace("/", "-");
    return new LoadFailure("import-missing", `${file} requires ${name}, which is not installed`, `npm install ${top}, or on Debian: apt install ${debian}`, trace);
  }
  const [, where, line] = /^(?:file:\/\/)?(\/.*):(\d+)\n/.exec(error?.stack ?? "") ?? [];
  if (error instanceof SyntaxError && where) return new LoadFailure("syntax-error", `${path.relative("", where)}, line ${line}: ${error.message}`, "", trace);
  return new LoadFailure("exception", `${file} raised ${oneLine(error)}`, "", trace);
}

function oneLine(error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `${String(error)}, which is no Error`;
  return text.split("\n")[0].slice(0, 2048);
}

const LIMIT = 12 << 10; // characters of a stack; the two ends of a longer one are kept

// stackOf is what Node prints of an error, without our lines and its own.
function stackOf(error) {
  const lines = String(error?.stack ?? error).split("\n").filter(line => !/<glass worker>|\[eval\]|\(?node:internal/.test(line));
  const text = lines.join("\n") + "\n" + (error?.cause ? "Caused by: " + stackOf(error.cause) : "");
  return text.length <= LIMIT ? text : text.slice(0, LIMIT / 2) + "\n  ...\n" + text.slice(-LIMIT / 2);
}
