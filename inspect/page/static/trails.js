// The way of a value: from bytes of the request to a variable, to the lines that read it, to texts in the application, and to the
// same bytes in the response. It is known which bytes are the same, and not why.
import { el, byId, replace } from "./dom.js";
import { t } from "./strings.js";
import { state } from "./store.js";
import { placeLink } from "./places.js";

const mostPlaces = 4, mostRanges = 6, longestValue = 40; // of one kind, in the path

const all = () => state.view?.trails ?? [];

// trailsOf are the indexes of the trails that what is pointed at lies on; a variable lies on those of all its parts.
export function trailsOf(what, token) {
  const of = key => all().flatMap((trail, i) => trail.name === key ? [i] : []);
  if (what?.trail !== undefined) return [what.trail];
  if (what?.key) return of(what.key);
  if (!token) return [];
  return token.trails ?? (what.side === "request" ? (token.keys ?? []).flatMap(of) : []);
}

export const isOnTrail = (token, trails) => (token.trails ?? []).some(i => trails.includes(i));

// readsOf are the lines that have looked a variable up; of wsgi.input, those that have read from it.
export function readsOf(x, name) {
  if (name !== "wsgi.input") return (x.reads ?? []).filter(r => r.name === name);
  return (x.said ?? []).filter(s => s.what === "read" && s.by).map(s => ({ name, place: s.by }));
}

// placesOf are lines without doubles, the application's own first: for a library's line, that which led there.
function placesOf(reads) {
  const places = [...reads.filter(r => !r.library).map(r => r.place), ...reads.filter(r => r.by).map(r => r.by), ...reads.filter(r => r.library && !r.by).map(r => r.place)];
  return places.filter((p, i) => places.findIndex(o => o.file === p.file && o.line === p.line) === i);
}

function links(places, most = mostPlaces) {
  return [places.slice(0, most).map((p, i) => [i > 0 && " ", placeLink(p)]), places.length > most && el("span", { class: "muted" }, " +" + (places.length - most))];
}

// readersOf says in the row of a variable who has read it.
export function readersOf(name) {
  const places = placesOf(readsOf(state.view.exchange, name));
  return places.length > 0 && el("div", { class: "readers" }, el("span", { class: "muted" }, t("path.readShort"), " "), links(places));
}

const clipped = text => text.length > longestValue ? text.slice(0, longestValue - 1) + "…" : text;
const range = wire => wire.End - wire.Start > 1 ? `${wire.Start}–${wire.End - 1}` : String(wire.Start);
const part = (label, ...more) => el("li", {}, el("span", { class: "muted" }, label, " "), more);

// drawPath says the whole way of what is pinned, as a sentence.
export function drawPath(what, token, go) {
  const box = byId("path"), parts = what && state.view ? pathOf(what, token, go) : null;
  box.hidden = !parts;
  replace(box, parts && el("ol", { "aria-label": t("path") }, parts));
}

function pathOf(what, token, go) {
  const x = state.view.exchange, trails = trailsOf(what, token).map(i => all()[i]);
  const names = trails.length ? [...new Set(trails.map(trail => trail.name))] : what.key ? [what.key] : what.side === "request" ? token?.keys ?? [] : [];
  if (!names.length) return null;
  const value = trails.length === 1 && trails[0].text;
  const request = what.key || !trails.length ? [] : trails;
  const reads = names.flatMap(name => readsOf(x, name)), places = placesOf(reads);
  const held = trails.flatMap(trail => trail.held ?? []);
  const reached = trails.flatMap(trail => trail.response ?? []);
  const goTo = (side, wire) => el("button", { type: "button", class: "range", onclick: () => go({ wireSide: side, wire, say: "" }) }, range(wire));
  return [
    value && el("li", {}, el("code", {}, clipped(value)), request.length > 0 && [" ", el("span", { class: "muted" }, t("path.from")), " ", goTo("request", request[0].wire)]),
    el("li", {}, names.map((name, i) => [i > 0 && " ", el("button", { type: "button", class: "key", "data-go": name }, name)])),
    places.length ? part(t("path.read"), links(places)) : el("li", { class: "muted" }, t(x.without_lines ? "path.without" : x.worker ? "path.unread" : "path.unseen", { n: x.most_calls ?? 0 })),
    held.length > 0 && part(t("path.held"), held.slice(0, mostPlaces).map((s, i) => [i > 0 && " ", el("code", {}, s.name === "return" ? "return" : s.name), " ", placeLink(s.place)]), held.length > mostPlaces && ` +${held.length - mostPlaces}`),
    reached.length ? part(t("path.same"), reached.slice(0, mostRanges).map((r, i) => [i > 0 && " ", goTo("response", r.wire), r.form && el("span", { class: "muted" }, " " + t("form." + r.form))]), reached.length > mostRanges && ` +${reached.length - mostRanges}`)
      : el("li", { class: "muted" }, t("path.nowhere")),
  ];
}

// usesOf are the variables that a line has read, and the texts that it held of them: { key, name }.
export function usesOf(file, line) {
  const x = state.view.exchange, here = p => p && p.file === file && p.line === line;
  const uses = [...(x.reads ?? []).filter(r => here(r.place) || here(r.by)).map(r => ({ key: r.name })),
    ...(x.said ?? []).filter(s => s.what === "read" && here(s.by)).map(() => ({ key: "wsgi.input" })),
    ...all().flatMap((trail, i) => (trail.held ?? []).filter(s => here(s.place)).map(s => ({ key: trail.name, trail: i, name: s.name })))];
  return uses.filter((u, i) => uses.findIndex(o => o.key === u.key && o.name === u.name) === i);
}
