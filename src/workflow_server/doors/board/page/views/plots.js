// Plots in SVG, each with its numbers in a table for those who do not see it.

import { h, s } from "../text/dom.js";

const WIDE = 380;
const HIGH = 190;
const LEFT = 34;
const FOOT = 24;
const TOP = 14;
const WIDEST_BAR = 44;
const NARROWEST_LABEL = 42;
const LETTER = 7; // pixels that a letter of a label and the gap to the next one take

/** Bars of [name, count, kind] with `kind` choosing the colour; `of` heads the names in the table. */
export function bars(title, of, list, told = "") {
  const scale = scaled(Math.max(...list.map(([, count]) => count), 1));
  const step = (WIDE - LEFT) / Math.max(1, list.length);
  const wide = Math.min(step * 0.7, WIDEST_BAR);
  const every = Math.ceil(NARROWEST_LABEL / step);
  const drawn = list.map(([name, count, kind], at) => {
    const x = LEFT + (at + 0.5) * step;
    return [
      s("rect", { class: `bar-${kind || "plain"}`, x: x - wide / 2, y: scale.y(count), width: wide, height: HIGH - FOOT - scale.y(count), rx: 2 }, s("title", {}, `${name}: ${count}`)),
      count && step > 24 ? s("text", { x, y: scale.y(count) - 4, "text-anchor": "middle" }, count) : null,
      at % every === 0 ? lines(name, x, step * every) : null,
    ];
  });
  return figure(title, told, s("svg", { viewBox: `0 0 ${WIDE} ${HIGH + 12}`, "aria-hidden": "true" }, scale.grid, drawn), [of, "Number"], list.map(([name, count]) => [name, count]));
}

/** Areas stacked one on the other: `names` from the bottom up, `rows` of [label, {name: count}]. */
export function areas(title, names, rows, told = "") {
  const total = rows.map(([, counts]) => names.reduce((sum, [name]) => sum + (counts[name] || 0), 0));
  const scale = scaled(Math.max(...total, 1));
  const x = (at) => LEFT + (at / Math.max(1, rows.length - 1)) * (WIDE - LEFT - 8);
  const floor = rows.map(() => 0);
  const drawn = names.map(([name, label]) => {
    const below = floor.map((count, at) => `${x(at)} ${scale.y(count)}`).reverse();
    rows.forEach(([, counts], at) => { floor[at] += counts[name] || 0; });
    const above = floor.map((count, at) => `${x(at)} ${scale.y(count)}`);
    return s("path", { class: `area-${name}`, d: `M${[...above, ...below].join(" L")} Z` }, s("title", {}, label));
  });
  const ends = [[0, "start"], [rows.length - 1, "end"]].map(([at, anchor]) => s("text", { class: "small", x: x(at), y: HIGH - 8, "text-anchor": anchor }, rows[at][0]));
  const legend = h("ul", { class: "legend", "aria-hidden": "true" }, [...names].reverse().map(([name, label]) => h("li", {}, h("span", { class: `key area-${name}` }), label)));
  const picture = [s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, scale.grid, drawn, ends), legend];
  return figure(title, told, picture, ["Week", ...names.map(([, label]) => label)], rows.map(([label, counts]) => [label, ...names.map(([name]) => counts[name] || 0)]));
}

/** A name under a bar, in two lines where one is too long. */
function lines(name, x, room) {
  const words = String(name).split(" ");
  const most = Math.max(4, Math.floor(room / LETTER));
  if (String(name).length <= most || words.length === 1) return s("text", { class: "small", x, y: HIGH - 8, "text-anchor": "middle" }, name);
  const longer = (at) => Math.max(words.slice(0, at).join(" ").length, words.slice(at).join(" ").length);
  const half = words.map((_, at) => at).slice(1).reduce((best, at) => (longer(at) < longer(best) ? at : best), 1);
  return [words.slice(0, half), words.slice(half)].map((part, at) => s("text", { class: "small", x, y: HIGH - 10 + at * 12, "text-anchor": "middle" }, part.join(" ")));
}

/** Where a count lies on the vertical, and the lines that say so: 1, 2 or 5 times a power of ten apart. */
function scaled(most) {
  const raw = most / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(raw, 1)));
  const step = Math.max(1, [1, 2, 5, 10].find((each) => each * power >= raw) * power);
  const end = Math.ceil(most / step) * step;
  const y = (count) => TOP + (1 - count / end) * (HIGH - FOOT - TOP);
  const marks = Array.from({ length: Math.round(end / step) + 1 }, (_, at) => at * step);
  const grid = s("g", { class: "grid" }, marks.map((count) => [
    s("line", { x1: LEFT, x2: WIDE, y1: y(count), y2: y(count) }),
    s("text", { class: "small", x: LEFT - 5, y: y(count) + 4, "text-anchor": "end" }, count),
  ]));
  return { y, grid };
}

function figure(title, told, picture, heads, rows) {
  return h("figure", {}, h("figcaption", {}, title, told && h("span", { class: "told" }, ` ${told}`)), picture,
    // a table takes no width below that of its cells: what hides it is around it
    h("div", { class: "unseen" }, h("table", {}, h("caption", {}, title), h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map(([name, ...counts]) => h("tr", {}, h("th", { scope: "row" }, name), counts.map((count) => h("td", {}, count))))))));
}
