// Markdown to elements: headings, lists, check-lists, quotes, code, emphasis, links. HTML in it stays text.

import { h, safeAddress } from "./dom.js";
import { highlighted } from "./highlight.js";

// Whoever wrote the text may have made it to keep a window busy: no pattern here tries a run of signs in two ways, and
// nesting ends.
const RULER = /^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$/;
const DEEPEST = 20;
const IN_PAGE = /^#\/[\w/-]+$/;
const INLINE = /(`+)([\s\S]+?)\1|\*\*([^*]+?)\*\*|\*([^*\s][^*]*?)\*|_([^_\s][^_]*?)_(?!\w)|\[([^[\]]+)\]\(([^)\s]{1,1000})\)|(https?:\/\/[^\s<>)]+)|\b(wi_[a-z2-7]{7})\b/g;

/**
 * The elements of a Markdown text. `top` is how much lower its headings stand than they say: the page has its own h1 and h2;
 * `depth` in how many quotes and lists it stands.
 */
export function markdown(text, { top = 2, depth = 0 } = {}) {
  if (depth > DEEPEST) return [h("p", { dir: "auto" }, text)];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = /^\s*(```+|~~~+)\s*([\w+#.-]*)/.exec(line);
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (fence) {
      const last = endOf(lines, at, (each) => !each.trim().startsWith(fence[1]));
      blocks.push(h("pre", { tabindex: "0" }, highlighted(lines.slice(at + 1, last).join("\n"), fence[2])));
      at = last + 1;
    } else if (heading) {
      blocks.push(h(`h${Math.min(6, heading[1].length + top)}`, { dir: "auto" }, inline(heading[2])));
      at += 1;
    } else if (/^\s*([-*+]|\d+[.)])\s+/.test(line) && !/^\s*([-*])(\s*\1){2,}\s*$/.test(line)) {
      const end = endOf(lines, at, (each) => /^\s*([-*+]|\d+[.)])\s+/.test(each) || /^\s+\S/.test(each));
      blocks.push(list(lines.slice(at, end), depth));
      at = end;
    } else if (line.startsWith(">")) {
      const end = endOf(lines, at, (each) => each.startsWith(">"));
      blocks.push(h("blockquote", { dir: "auto" }, markdown(lines.slice(at, end).map((each) => each.replace(/^> ?/, "")).join("\n"), { depth: depth + 1 })));
      at = end;
    } else if (line.includes("|") && RULER.test((lines[at + 1] || "").trim())) {
      const end = endOf(lines, at + 1, (each) => each.includes("|"));
      blocks.push(table(lines[at], lines[at + 1], lines.slice(at + 2, end)));
      at = end;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      blocks.push(h("hr", {}));
      at += 1;
    } else if (!line.trim()) {
      at += 1;
    } else {
      const end = endOf(lines, at, (each) => each.trim() && !/^(#{1,6}\s|\s*(```|~~~)|>|\s*([-*+]|\d+[.)])\s)/.test(each));
      blocks.push(h("p", { dir: "auto" }, inline(lines.slice(at, end).join("\n"))));
      at = end;
    }
  }
  return blocks;
}

function endOf(lines, start, goesOn) {
  let end = start + 1;
  while (end < lines.length && goesOn(lines[end])) end += 1;
  return end;
}

/** A table of pipes; the ruler below its head says how columns stand. */
function table(head, ruler, rows) {
  const sides = cells(ruler).map((each) => (/^:-+:$/.test(each) ? "middle" : /-:$/.test(each) ? "right" : null));
  const row = (tag, line) => h("tr", {}, cells(line).slice(0, sides.length).map((cell, at) => h(cell ? tag : "td", { class: sides[at], scope: cell && tag === "th" ? "col" : null, dir: "auto" }, inline(cell))));
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {}, h("thead", {}, row("th", head)), h("tbody", {}, rows.map((line) => row("td", line)))));
}

function cells(line) {
  return line.trim().replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function list(lines, depth) {
  const ordered = /^\s*\d/.test(lines[0]);
  const entries = [];
  const indent = /^\s*/.exec(lines[0])[0].length;
  for (const line of lines) {
    const marked = /^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line);
    if (marked && marked[1].length <= indent) entries.push([marked[2]]);
    else entries.at(-1).push(line.slice(Math.min(indent + 2, /^\s*/.exec(line)[0].length)));
  }
  const items = entries.map(([first, ...rest]) => {
    const box = /^\[([ xX])\]\s+(.*)$/.exec(first);
    const mark = box ? h("span", { class: "box", "aria-label": box[1] === " " ? "open" : "done" }, box[1] === " " ? "☐ " : "☑ ") : null;
    return h("li", { class: box ? "boxed" : null, dir: "auto" }, mark, inline(box ? box[2] : first), rest.length ? markdown(rest.join("\n"), { depth: depth + 1 }) : null);
  });
  return h(ordered ? "ol" : "ul", {}, items);
}

function inline(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > last) parts.push(text.slice(last, match.index));
    parts.push(element(match));
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

function element([whole, , code, strong, starred, lined, label, target, bare, item]) {
  if (code !== undefined) return h("code", {}, code.trim());
  if (strong !== undefined) return h("strong", {}, inline(strong));
  if (starred !== undefined || lined !== undefined) return h("em", {}, inline(starred ?? lined));
  if (item !== undefined) return h("a", { href: `#/item/${item}` }, item);
  if (target && IN_PAGE.test(target)) return h("a", { href: target }, label);
  const address = safeAddress(target ?? bare);
  return address ? h("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, label ?? bare) : whole;
}
