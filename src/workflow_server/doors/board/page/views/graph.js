// What waits for what: open items with blockers, in layers from left to right.

import { h, replace, s } from "../text/dom.js";
import { CLOSED, STATUS_NAMES } from "../words.js";
import { isWay, parts } from "./layers.js";
import { HEIGHT, WIDTH, spots } from "./spots.js";
import { moving } from "./pan.js";

const SMALLEST_SCALE = 0.2;
const LARGEST_SCALE = 2;
const TEXT_PX = WIDTH - 20;
const LEGEND = [["is-ready", "can be started"], ["critical", "longest chain"], ["active", "active"], ["blocked", "blocked"]];

export class Graph {
  constructor(context) {
    this.context = context;
    this.scale = 1;
    this.canvas = h("div", { class: "canvas", tabindex: "0", role: "region", "aria-label": "Dependency graph" });
    this.told = h("p", { class: "told" });
    const zoom = (by) => () => this.zoom(by);
    this.element = h("div", { class: "graph" },
      h("div", { class: "bar" }, this.told,
        h("ul", { class: "legend" }, LEGEND.map(([kind, name]) => h("li", {}, h("span", { class: `key ${kind}` }), name))),
        h("button", { onclick: zoom(1.25), "aria-label": "Larger" }, "+"),
        h("button", { onclick: zoom(0.8), "aria-label": "Smaller" }, "−"),
        h("button", { onclick: () => this.fit() }, "Fit")),
      this.canvas);
    this.stop = moving(this.canvas, (by, x, y) => this.zoom(by, x, y));
    for (const kind of ["pointerover", "focusin"]) this.canvas.addEventListener(kind, (event) => this.point(event.target.closest?.(".node")?.dataset.id));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
  }

  show() {
    const { rows, ready } = this.context.work;
    const edges = [];
    const nodes = new Set();
    const parents = new Set();
    for (const row of rows.values()) {
      if (CLOSED.has(row.status)) continue;
      if (rows.has(row.parent_id)) parents.add(row.parent_id);
      for (const blocker of row.blocked_by || []) {
        const other = rows.get(blocker);
        if (!other || CLOSED.has(other.status)) continue;
        edges.push([blocker, row.id]);
        nodes.add(blocker).add(row.id);
      }
    }
    if (!nodes.size) {
      this.told.textContent = "No open item waits for another. What one waits for is said on its page; then the order of work shows here.";
      this.picture = null;
      this.element.classList.add("is-empty");
      replace(this.canvas);
      return;
    }
    this.element.classList.remove("is-empty");
    const laid = parts([...nodes], edges);
    const { critical } = laid[0];
    const readyHere = [...nodes].filter((id) => ready.has(id)).length;
    this.told.textContent = `${nodes.size} items, ${edges.length} ${edges.length === 1 ? "dependency" : "dependencies"}, ${readyHere} can be started; the longest chain has ${critical.size} items.${unseen(parents, nodes)}`;
    this.draw(laid, edges, critical);
  }

  draw(laid, edges, critical) {
    const held = document.activeElement?.closest?.(".node")?.dataset.id;
    const { spot, width, height } = spots(laid, this.canvas.clientWidth);
    const routes = new Map(laid.flatMap((part) => [...part.routes]));
    const onChain = ([from, to]) => critical.has(from) && critical.has(to);
    this.lines = [...edges].sort((a, b) => onChain(a) - onChain(b)).map((edge) => [edge, s("path", { class: onChain(edge) ? "critical" : null, d: line(edge, routes, spot) })]);
    this.boxes = new Map([...spot].filter(([id]) => !isWay(id)).map(([id, place]) => [id, this.box(id, place, critical.has(id))]));
    this.size = { width, height };
    this.picture = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Items and what they wait for" },
      s("g", { class: "edges", "aria-hidden": "true" }, this.lines.map(([, line]) => line)), [...this.boxes.values()]);
    const { scrollLeft, scrollTop } = this.canvas;
    replace(this.canvas, this.picture);
    this.zoom(1);
    this.canvas.scrollTo(scrollLeft, scrollTop);
    if (held) this.boxes.get(held)?.focus({ preventScroll: true });
  }

  box(id, { x, y }, critical) {
    const { rows, ready } = this.context.work;
    const row = rows.get(id);
    const name = `${row.title}, ${STATUS_NAMES[row.status]}${ready.has(id) ? ", ready" : ""}${critical ? ", on the longest chain" : ""}`;
    const classes = ["node", row.status, ready.has(id) && "is-ready", critical && "critical"].filter(Boolean).join(" ");
    const who = row.claimed_by || row.assignee;
    const facts = [`P${row.priority}`, ready.has(id) ? `${row.status}, ready` : row.status, who && `@${who}`].filter(Boolean).join(" · ");
    return s("a", { href: `#/item/${id}`, class: classes, "data-id": id, "aria-label": name, draggable: "false", transform: `translate(${x} ${y})` },
      s("title", {}, name), s("rect", { width: WIDTH, height: HEIGHT, rx: 6 }),
      s("text", { x: 10, y: 18 }, clipped(row.title, "13px system-ui, sans-serif")), s("text", { x: 10, y: 34, class: "small" }, clipped(facts, "11px system-ui, sans-serif")));
  }

  /** Let what an item waits for, and what waits for it, stand out from the rest. */
  point(id) {
    if (id === this.pointed || !this.picture) return;
    this.pointed = id;
    this.picture.classList.toggle("is-pointed", Boolean(id));
    const lit = id ? new Set([...reached(id, this.lines, 0), ...reached(id, this.lines, 1)]) : new Set();
    for (const [each, box] of this.boxes) box.classList.toggle("lit", lit.has(each));
    for (const [[from, to], line] of this.lines) line.classList.toggle("lit", lit.has(from) && lit.has(to));
  }

  /** Larger or smaller, with the point at (x, y) of the canvas staying where it is. */
  zoom(by, x = 0, y = 0) {
    if (!this.picture) return;
    const before = this.scale;
    this.scale = Math.min(LARGEST_SCALE, Math.max(SMALLEST_SCALE, this.scale * by));
    this.picture.setAttribute("width", this.size.width * this.scale);
    this.picture.setAttribute("height", this.size.height * this.scale);
    const grown = this.scale / before;
    this.canvas.scrollTo((this.canvas.scrollLeft + x) * grown - x, (this.canvas.scrollTop + y) * grown - y);
  }

  fit() {
    if (!this.picture) return;
    this.scale = Math.min(this.canvas.clientWidth / this.size.width, this.canvas.clientHeight / this.size.height, 1);
    this.zoom(1);
  }

  close() {
    this.stop();
  }
}

/** What also waits and is not drawn: an item for all that is below it. */
function unseen(parents, nodes) {
  const few = [...parents].filter((id) => !nodes.has(id)).length;
  if (!few) return "";
  return few === 1 ? " An item that waits only for what is below it is not drawn; the tree shows it." : ` ${few} items that wait only for what is below them are not drawn; the tree shows them.`;
}

/** Everything on the ways from an item: against the arrows with `end` 0, along them with 1. */
function reached(start, lines, end) {
  const next = new Map();
  for (const [edge] of lines) {
    const from = edge[1 - end];
    if (!next.has(from)) next.set(from, []);
    next.get(from).push(edge[end]);
  }
  const found = new Set([start]);
  for (const id of found) for (const other of next.get(id) || []) found.add(other);
  return found;
}

/** The path of an edge's line: between the layers it bends, past the boxes of a layer it goes straight. */
function line([from, to], routes, spot) {
  const start = spot.get(from);
  const points = [{ x: start.x + WIDTH, y: start.y + HEIGHT / 2 }];
  for (const way of routes.get(`${from} ${to}`)) points.push(spot.get(way), { x: spot.get(way).x + WIDTH, y: spot.get(way).y });
  points.push({ x: spot.get(to).x, y: spot.get(to).y + HEIGHT / 2 });
  const drawn = [`M${points[0].x} ${points[0].y}`];
  for (let at = 1; at < points.length; at += 1) {
    const [a, b] = [points[at - 1], points[at]];
    const bend = (b.x - a.x) / 2;
    drawn.push(at % 2 ? `C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}` : `H${b.x}`);
  }
  return drawn.join(" ");
}

let ruler = null;

/** A text cut to the width of a box, measured in its own letters. */
function clipped(text, font) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = font;
  if (ruler.measureText(text).width <= TEXT_PX) return text;
  let few = 0;
  let many = text.length;
  while (few < many) {
    const middle = Math.ceil((few + many) / 2);
    if (ruler.measureText(`${text.slice(0, middle)}…`).width <= TEXT_PX) few = middle;
    else many = middle - 1;
  }
  // not in the middle of a sign of two units, as most pictures are
  return `${text.slice(0, few).replace(/[\uD800-\uDBFF]$/, "").trimEnd()}…`;
}
