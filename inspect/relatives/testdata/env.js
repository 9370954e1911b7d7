// Says what its request holds: a key, a tab and the value, a line each.
const text = value => typeof value === "string" ? value : Array.isArray(value) ? `[${value.join(", ")}]` : JSON.stringify(value);

exports.app = ({ headers, jsgi, env, ...rest }) => {
  const all = {
    ...rest,
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`headers["${name}"]`, value])),
    ...Object.fromEntries(Object.entries(jsgi).map(([name, value]) => ["jsgi." + name, value])),
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => ["env." + name, value])),
  };
  const lines = Object.entries(all).map(([key, value]) => `${key}\t${text(value)}\n`);
  return { status: 200, headers: { "content-type": "text/plain" }, body: [Buffer.from(lines.join(""), "latin1")] };
};
