// Lists of any length, of which only those rows are made that can be seen: the bytes of a message, the lines of a text.
import { el, replace, hex } from "./dom.js";

const across = 16, rowHeight = 20, beyond = 8; // bytes of a row; pixels; rows that are made before and after those in view

// virtualList shows count rows; make(index) makes one.
function virtualList(count, make) {
  const space = el("div", { class: "space" }), box = el("div", { class: "rows mono", tabindex: 0 }, space);
  space.style.height = count * rowHeight + "px";
  let first = -1, last = -1;
  const draw = anew => {
    const from = Math.max(0, Math.floor(box.scrollTop / rowHeight) - beyond);
    const to = Math.min(count, Math.ceil((box.scrollTop + (box.clientHeight || 400)) / rowHeight) + beyond);
    if (!anew && from === first && to === last) return;
    [first, last] = [from, to];
    const list = [];
    for (let row = from; row < to; row++) {
      const line = el("div", { class: "row" }, make(row));
      line.style.top = row * rowHeight + "px";
      list.push(line);
    }
    replace(space, list);
  };
  box.addEventListener("scroll", () => draw(false), { passive: true });
  new ResizeObserver(() => draw(true)).observe(box);
  return {
    box, redraw: () => draw(true),
    show(row) {
      const top = row * rowHeight;
      if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - rowHeight) box.scrollTop = Math.max(0, top - box.clientHeight / 2);
    },
  };
}

// virtualRows shows bytes, 16 a row. style gives the class of the byte at an offset, token the number that is put on it.
export function virtualRows(bytes, { style, token }) {
  const list = virtualList(Math.ceil(bytes.length / across), row => {
    const end = Math.min(bytes.length, (row + 1) * across), cells = [], texts = [];
    for (let o = row * across; o < end; o++) {
      const more = { class: style(o), "data-o": o, "data-i": token(o) };
      cells.push(el("b", more, hex(bytes[o])), " ");
      texts.push(el("span", more, bytes[o] >= 0x20 && bytes[o] < 0x7f ? String.fromCharCode(bytes[o]) : "·"));
    }
    return [el("span", { class: "offset" }, (row * across).toString(16).padStart(6, "0")), " ", el("span", { class: "cells" }, cells), el("span", { class: "chars" }, texts)];
  });
  return { ...list, show: offset => list.show(Math.floor(offset / across)) };
}

const longestLine = 2000; // characters; a line beyond goes on in the next row

// virtualLines shows text. found(text) cuts a line into parts, of which the odd ones are marked.
export function virtualLines(text, found) {
  const lines = [];
  for (const line of text.split("\n")) {
    for (let at = 0; at === 0 || at < line.length; at += longestLine) lines.push([at === 0, line.slice(at, at + longestLine)]);
  }
  const numbers = [];
  let number = 0;
  for (const [begins] of lines) numbers.push(begins ? ++number : "");
  const list = virtualList(lines.length, row => [el("span", { class: "offset n" }, String(numbers[row]).padStart(6)), "  ",
    found(lines[row][1]).map((part, i) => i % 2 ? el("mark", {}, part) : part)]);
  return { ...list, lines: lines.map(([, line]) => line) };
}
