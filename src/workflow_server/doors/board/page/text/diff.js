// A unified diff as a table of two columns, what was on the left.

import { h } from "./dom.js";
import { highlighted } from "./highlight.js";

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
  const cell = (number, line, kind, mark) => [
    h("td", { class: "line-number" }, number),
    h("td", { class: line === null ? "none" : kind }, line === null ? "" : [h("span", { class: "unseen" }, mark), highlighted(line, language)]),
  ];
  const rows = lines.map(([kind, oldNumber, oldLine, newNumber, newLine]) =>
    kind === "gap" ? h("tr", {}, h("td", { class: "none", colspan: 4 }, "⋯")) : h("tr", {}, cell(counted(oldNumber, oldStart), oldLine, kind === "same" ? "same" : "gone", kind === "same" ? "" : "was: "),
      cell(counted(newNumber, newStart), newLine, kind === "same" ? "same" : "come", kind === "same" ? "" : "now: ")),
  );
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Difference" },
    h("table", { class: "diff" }, h("thead", {}, h("tr", {}, h("th", { colspan: 2, scope: "col" }, "Was"), h("th", { colspan: 2, scope: "col" }, "Now"))), h("tbody", {}, rows)));
}
