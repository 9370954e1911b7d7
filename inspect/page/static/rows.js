// A message of any length as rows of 16 bytes, of which only those are made that can be seen.
import { el, replace, hex } from "./dom.js";

const across = 16, rowHeight = 20, beyond = 8; // bytes of a row; pixels; rows that are made before and after those in view

// virtualRows shows bytes. style gives the class of the byte at an offset, token the number that is put on it.
export function virtualRows(bytes, { style, token }) {
  const count = Math.ceil(bytes.length / across);
  const space = el("div", { class: "space" }), box = el("div", { class: "rows mono", tabindex: -1 }, space);
  space.style.height = count * rowHeight + "px";
  let first = -1, last = -1;
  const draw = anew => {
    const from = Math.max(0, Math.floor(box.scrollTop / rowHeight) - beyond);
    const to = Math.min(count, Math.ceil((box.scrollTop + (box.clientHeight || 400)) / rowHeight) + beyond);
    if (!anew && from === first && to === last) return;
    [first, last] = [from, to];
    const list = [];
    for (let row = from; row < to; row++) list.push(rowOf(row));
    replace(space, list);
  };
  const rowOf = row => {
    const end = Math.min(bytes.length, (row + 1) * across), cells = [], texts = [];
    for (let o = row * across; o < end; o++) {
      const more = { class: style(o), "data-o": o, "data-i": token(o) };
      cells.push(el("b", more, hex(bytes[o])), " ");
      texts.push(el("span", more, bytes[o] >= 0x20 && bytes[o] < 0x7f ? String.fromCharCode(bytes[o]) : "·"));
    }
    const line = el("div", { class: "row" }, el("span", { class: "offset" }, (row * across).toString(16).padStart(6, "0")), " ",
      el("span", { class: "cells" }, cells), el("span", { class: "chars" }, texts));
    line.style.top = row * rowHeight + "px";
    return line;
  };
  box.addEventListener("scroll", () => draw(false), { passive: true });
  new ResizeObserver(() => draw(true)).observe(box);
  return {
    box, redraw: () => draw(true),
    show(offset) {
      const top = Math.floor(offset / across) * rowHeight;
      if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - rowHeight) box.scrollTop = Math.max(0, top - box.clientHeight / 2);
    },
  };
}
