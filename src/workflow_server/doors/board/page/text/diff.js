// A unified diff as a table of two columns, what was on the left.

import { h } from "./dom.js";
import { highlighted } from "./highlight.js";

const WORD = /\w/;
const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/**
 * Rows of [kind, old line number, old line, new line number, new line] out of a unified diff; kinds: same,
 * changed, gone, come, and gap between two parts. Lines that went and lines that came in one place stand side by side.
 */
export function rowsOf(diff) {
  const rows = [];
  let old = 0;
  let now = 0;
  let gone = [];
  let come = [];
  const settle = () => {
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1) {
      const kind = at >= come.length ? "gone" : at >= gone.length ? "come" : "changed";
      rows.push([kind, gone[at] === undefined ? null : old++, gone[at] ?? null, come[at] === undefined ? null : now++, come[at] ?? null]);
    }
    gone = [];
    come = [];
  };
  for (const line of diff.split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      settle();
      if (rows.length) rows.push(["gap", null, null, null, null]);
      old = Number(hunk[1]);
      now = Number(hunk[2]);
    } else if (old === 0) continue;
    else if (line.startsWith("-")) gone.push(line.slice(1));
    else if (line.startsWith("+")) come.push(line.slice(1));
    else if (line.startsWith(" ")) {
      settle();
      rows.push(["same", old++, line.slice(1), now++, line.slice(1)]);
    }
  }
  settle();
  return rows;
}

/** A number within the chunk as one within its file. */
function counted(number, start) {
  return number === null ? "" : number + start - 1;
}

/** A table of both texts, what was on the left; lines are counted from where each chunk begins in its file. */
export function sideBySide(lines, language, oldStart = 1, newStart = 1) {
  const cell = (number, line, kind, mark, part) => [
    h("td", { class: "line-number" }, number),
    h("td", { class: line === null ? "none" : kind }, line === null ? "" : [mark && h("span", { class: "unseen" }, mark), marked(highlighted(line, language), part)]),
  ];
  const rows = lines.map(([kind, oldNumber, oldLine, newNumber, newLine]) => {
    if (kind === "gap") return h("tr", { class: "gap" }, h("td", { class: "none", colspan: 4 }, "⋯"));
    const same = kind === "same";
    const [oldPart, newPart] = kind === "changed" ? differing(oldLine, newLine) : [null, null];
    return h("tr", { class: kind }, cell(counted(oldNumber, oldStart), oldLine, same ? "same" : "gone", same ? "" : "was: ", oldPart),
      cell(counted(newNumber, newStart), newLine, same ? "same" : "come", same ? "" : "now: ", newPart));
  });
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Difference" },
    h("table", { class: "diff" }, h("colgroup", {}, h("col", { class: "number" }), h("col", {}), h("col", { class: "number" }), h("col", {})),
      h("thead", {}, h("tr", {}, h("th", { colspan: 2, scope: "col" }, "Was"), h("th", { colspan: 2, scope: "col" }, "Now"))), h("tbody", {}, rows)));
}

/** The parts [start, end] in which two lines differ, between what they begin and end with alike; null where that is most. */
function differing(was, now) {
  const most = Math.min(was.length, now.length);
  let head = 0;
  while (head < most && was[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  if ((head + tail) * 2 < most) return [null, null];
  // whole words are read more easily than their ends
  while (head > 0 && WORD.test(was[head - 1])) head -= 1;
  while (tail > 0 && WORD.test(was[was.length - tail])) tail -= 1;
  return [[head, was.length - tail], [head, now.length - tail]];
}

/** Wrap the characters of a part in marks, across the elements that hold them. */
function marked(element, part) {
  if (!part || part[0] === part[1]) return element;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  let at = 0;
  for (const text of texts) {
    const [start, end] = [Math.max(part[0] - at, 0), Math.min(part[1] - at, text.length)];
    at += text.length;
    if (start >= end) continue;
    const inside = start ? text.splitText(start) : text;
    inside.splitText(end - start);
    const mark = h("mark", {});
    inside.replaceWith(mark);
    mark.append(inside);
  }
  return element;
}
