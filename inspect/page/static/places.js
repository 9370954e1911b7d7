// Lines of source, as links to where they can be read.
import { el } from "./dom.js";
import { t } from "./strings.js";
import { emit } from "./store.js";

// placeLink is "app.py:12"; it leads to the code. extra is said beside it.
export const placeLink = place => place?.file && el("button", { type: "button", class: "place-link", title: `${place.file}:${place.line}`,
  onclick: e => { e.stopPropagation(); emit("show-place", place); } }, `${place.file.split("/").pop()}:${place.line}`);

// withoutLines says why nothing of the application is known.
export const withoutLines = x => x.without_lines && el("p", { class: "hint without-lines" }, t("withoutLines.why", { n: x.most_calls ?? 0 }));

// tracebackText makes links of the lines of a traceback that name a file of Python.
export function tracebackText(text) {
  return text.split("\n").map(line => {
    const found = /^(\s*File ")([^"<]+\.py)(", line )(\d+)(.*)$/.exec(line);
    if (!found) return line + "\n";
    const place = { file: found[2], line: Number(found[4]) };
    return [found[1], found[2], found[3], placeLink(place), found[5], "\n"];
  });
}
