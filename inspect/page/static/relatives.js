// Relatives: the request in the words of WSGI's relatives, and in the bytes of gateways' protocols.
import { el, byId, replace, decode64, hex } from "./dom.js";
import { t } from "./strings.js";
import { state, live, relativesOf } from "./store.js";
import { light, pinnedNow } from "./bytes.js";

const shownHex = 8; // bytes of a token
let chosenForm = "keys", relativesDrawn = "";

export async function drawRelatives() {
  const view = state.view, x = view.exchange, panel = byId("panel-relatives");
  const key = JSON.stringify([x.id, x.environ, x.request.length, document.documentElement.lang]);
  if (state.tab !== "relatives" || key === relativesDrawn) return;
  relativesDrawn = key;
  try {
    const forms = live() ? await relativesOf(x.id) : view.relatives;
    if (key === relativesDrawn) showForms(panel, forms ?? []);
  } catch (error) { relativesDrawn = ""; replace(panel, el("p", { class: "error", role: "alert" }, error.message)); }
}

function showForms(panel, forms) {
  if (!forms.length) { replace(panel, el("p", { class: "muted none" }, t("noEnviron"))); return; }
  const dictionaries = forms.filter(f => !f.length && !f.problem), messages = forms.filter(f => f.length || f.problem);
  if (chosenForm !== "keys" && !messages.some(f => f.name === chosenForm)) chosenForm = "keys";
  const pick = name => { chosenForm = name; showForms(panel, forms); panel.querySelector("[aria-pressed=true]").focus(); };
  const choice = (name, title) => el("button", { "aria-pressed": String(name === chosenForm), onclick: () => pick(name) }, title);
  replace(panel,
    el("div", { class: "choices", role: "group", "aria-label": t("relatives.choose") }, choice("keys", t("relatives.keys")), messages.map(f => choice(f.name, f.title))),
    chosenForm === "keys" ? keysOf(dictionaries) : messageOf(messages.find(f => f.name === chosenForm)));
}

// keysOf is a table with a row for each key of the WSGI environ, and what the others call it.
function keysOf(forms) {
  const rows = new Map();
  forms.forEach((form, i) => { for (const e of form.entries) { if (!rows.has(e.of)) rows.set(e.of, []); rows.get(e.of)[i] ??= e; } });
  return [el("p", { class: "hint" }, t("relatives.keys.hint")), el("table", { class: "relatives" },
    el("thead", {}, el("tr", {}, el("th", {}, forms[0].title), el("th", {}, t("relatives.others")))),
    el("tbody", {}, Array.from(rows, ([of, cells]) => el("tr", pointsAt(of), el("th", { scope: "row" }, cells[0]?.key ?? "–"), el("td", {}, others(forms, cells))))))];
}

// others names the relatives that have the same key with one sign, and gives the keys of those that have another.
function others(forms, cells) {
  const same = [], different = [];
  forms.forEach((form, i) => {
    const e = cells[i], first = cells[0];
    if (i === 0 || !e) return;
    if (e.key === first?.key) same.push(form.title);
    else different.push(el("span", { class: "named" }, el("span", { class: "muted" }, form.title), ` ${e.key}`, e.value !== first?.value && el("code", {}, e.literal ? e.value : JSON.stringify(e.value))));
  });
  return [same.length > 0 && el("span", { class: "named muted" }, "= " + same.join(", ")), different];
}

// messageOf is a table with a row for each token.
function messageOf(form) {
  if (form.problem) return el("p", { class: "muted none" }, form.problem);
  const bytes = decode64(form.message);
  const cut = form.length > bytes.length && el("p", { class: "muted none" }, t("cut", { n: bytes.length, all: form.length }));
  return [el("p", { class: "hint" }, t("relatives.message.hint", { name: form.title, n: form.length })), el("table", { class: "relatives" },
    el("thead", {}, el("tr", {}, el("th", {}, t("relatives.range")), el("th", {}, t("relatives.token")), el("th", {}, t("relatives.hex")))),
    el("tbody", {}, form.tokens.map(token => el("tr", pointsAt(token.of),
      el("td", { class: "muted n" }, `${token.start}–${token.end - 1}`),
      el("td", { class: "meaning", title: token.spec }, el("span", { class: token.text ? "muted" : "" }, token.name), token.text && el("div", {}, token.text)),
      el("td", { class: "muted n" }, hexes(bytes.subarray(token.start, token.end))))))), cut];
}

const hexes = part => Array.from(part.subarray(0, shownHex), hex).join(" ") + (part.length > shownHex ? " …" : "");

// pointsAt lights up what became of the same bytes of the request.
function pointsAt(key) {
  if (!key) return {};
  return { "data-key": key, tabindex: 0, onpointerover: e => { if (e.pointerType === "mouse") light({ key }); }, onpointerout: () => light(pinnedNow()), onfocus: () => light({ key }) };
}
