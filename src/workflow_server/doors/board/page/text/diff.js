// Two texts side by side: the longest common sequence of lines, and what stands between.

import { h } from "./dom.js";
import { highlighted } from "./highlight.js";

const MOST_CELLS = 4_000_000;

/** Rows of [kind, old line number, old line, new line number, new line]; kinds: same, changed, gone, come. */
export function rowsOf(before, after) {
  const old = before.split("\n");
  const now = after.split("\n");
  const common = commonLines(old, now);
  const rows = [];
  let a = 0;
  let b = 0;
  const between = (toA, toB) => {
    while (a < toA || b < toB) {
      if (a < toA && b < toB) rows.push(["changed", a + 1, old[a++], b + 1, now[b++]]);
      else if (a < toA) rows.push(["gone", a + 1, old[a++], null, null]);
      else rows.push(["come", null, null, b + 1, now[b++]]);
    }
  };
  for (const [toA, toB] of common) {
    between(toA, toB);
    rows.push(["same", a + 1, old[a++], b + 1, now[b++]]);
  }
  between(old.length, now.length);
  return rows;
}

function commonLines(old, now) {
  if (old.length * now.length > MOST_CELLS) return [];
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let a = old.length - 1; a >= 0; a -= 1)
    for (let b = now.length - 1; b >= 0; b -= 1)
      lengths[a * width + b] =
        old[a] === now[b] ? lengths[(a + 1) * width + b + 1] + 1 : Math.max(lengths[(a + 1) * width + b], lengths[a * width + b + 1]);
  const common = [];
  for (let a = 0, b = 0; a < old.length && b < now.length; ) {
    if (old[a] === now[b]) common.push([a++, b++]);
    else if (lengths[(a + 1) * width + b] >= lengths[a * width + b + 1]) a += 1;
    else b += 1;
  }
  return common;
}

/** A table of both texts, what was on the left. */
export function sideBySide(before, after, language) {
  const cell = (number, line, kind, mark) => [
    h("td", { class: "line-number" }, number ?? ""),
    h("td", { class: line === null ? "none" : kind }, line === null ? "" : [h("span", { class: "unseen" }, mark), highlighted(line, language)]),
  ];
  const rows = rowsOf(before, after).map(([kind, oldNumber, oldLine, newNumber, newLine]) =>
    h("tr", {}, cell(oldNumber, oldLine, kind === "same" ? "same" : "gone", kind === "same" ? "" : "was: "),
      cell(newNumber, newLine, kind === "same" ? "same" : "come", kind === "same" ? "" : "now: ")),
  );
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Difference" },
    h("table", { class: "diff" }, h("thead", {}, h("tr", {}, h("th", { colspan: 2, scope: "col" }, "Was"), h("th", { colspan: 2, scope: "col" }, "Now"))), h("tbody", {}, rows)));
}
