// What waits for what: open items with blockers, in layers from left to right.

import { h, replace, s } from "../text/dom.js";
import { CLOSED, STATUS_NAMES } from "../words.js";
import { parts } from "./layers.js";

const WIDTH = 190;
const HEIGHT = 40;
const GAP_X = 70;
const GAP_Y = 12;
const GAP_PARTS = 18;
const SHORTEST_SCALE = 0.3;

export class Graph {
  constructor(context) {
    this.context = context;
    this.scale = 1;
    this.canvas = h("div", { class: "canvas", tabindex: "0", role: "region", "aria-label": "Dependency graph" });
    this.told = h("p", { class: "told" });
    const zoom = (by) => () => this.zoom(by);
    this.element = h("div", { class: "graph" },
      h("div", { class: "bar" }, this.told,
        h("button", { onclick: zoom(1.25), "aria-label": "Larger" }, "+"),
        h("button", { onclick: zoom(0.8), "aria-label": "Smaller" }, "−"),
        h("button", { onclick: () => this.fit() }, "Fit")),
      this.canvas);
  }

  show() {
    const { rows, ready } = this.context.work;
    const edges = [];
    const nodes = new Set();
    for (const row of rows.values()) {
      if (CLOSED.has(row.status)) continue;
      for (const blocker of row.blocked_by || []) {
        const other = rows.get(blocker);
        if (!other || CLOSED.has(other.status)) continue;
        edges.push([blocker, row.id]);
        nodes.add(blocker).add(row.id);
      }
    }
    if (!nodes.size) {
      this.told.textContent = "No open item waits for another.";
      replace(this.canvas);
      return;
    }
    const laid = parts([...nodes], edges);
    const { critical } = laid[0];
    const readyHere = [...nodes].filter((id) => ready.has(id)).length;
    this.told.textContent = `${nodes.size} items, ${edges.length} dependencies, ${readyHere} can be started; the longest chain has ${critical.size} items.`;
    this.draw(laid, edges, critical);
  }

  draw(laid, edges, critical) {
    const { rows, ready } = this.context.work;
    const { spot, width, height } = spots(laid);
    const onChain = ([from, to]) => critical.has(from) && critical.has(to);
    const lines = [...edges].sort((a, b) => onChain(a) - onChain(b)).map((edge) => s("path", { class: onChain(edge) ? "critical" : null, d: curve(spot.get(edge[0]), spot.get(edge[1])) }));
    const boxes = [...spot].map(([id, { x, y }]) => {
      const row = rows.get(id);
      const name = `${row.title}, ${STATUS_NAMES[row.status]}${ready.has(id) ? ", ready" : ""}`;
      const classes = ["node", row.status, ready.has(id) && "is-ready", critical.has(id) && "critical"].filter(Boolean).join(" ");
      return s("a", { href: `#/item/${id}`, class: classes, "aria-label": name, transform: `translate(${x} ${y})` },
        s("title", {}, name), s("rect", { width: WIDTH, height: HEIGHT, rx: 6 }),
        s("text", { x: 10, y: 17 }, clipped(row.title, 24)), s("text", { x: 10, y: 32, class: "small" }, `${id} P${row.priority}`));
    });
    this.size = { width, height };
    this.picture = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Items and what they wait for" }, s("g", { class: "edges", "aria-hidden": "true" }, lines), boxes);
    replace(this.canvas, this.picture);
    this.zoom(1);
  }

  zoom(by) {
    this.scale = Math.min(2, Math.max(SHORTEST_SCALE, this.scale * by));
    if (!this.picture) return;
    this.picture.setAttribute("width", this.size.width * this.scale);
    this.picture.setAttribute("height", this.size.height * this.scale);
  }

  fit() {
    if (!this.picture) return;
    this.scale = Math.min(this.canvas.clientWidth / this.size.width, this.canvas.clientHeight / this.size.height, 1);
    this.zoom(1);
  }

  close() {}
}

/** Where each box goes: the parts one below the other, each centred on its tallest layer. */
function spots(laid) {
  const spot = new Map();
  let top = 10;
  let width = 0;
  for (const { layers } of laid) {
    const tallest = Math.max(...layers.map((layer) => layer.length));
    layers.forEach((layer, x) => layer.forEach((id, y) => {
      const offset = ((tallest - layer.length) * (HEIGHT + GAP_Y)) / 2;
      spot.set(id, { x: x * (WIDTH + GAP_X) + 10, y: top + y * (HEIGHT + GAP_Y) + offset });
    }));
    top += tallest * (HEIGHT + GAP_Y) + GAP_PARTS;
    width = Math.max(width, layers.length * (WIDTH + GAP_X) - GAP_X + 20);
  }
  return { spot, width, height: top };
}

function curve(from, to) {
  const x1 = from.x + WIDTH;
  const y1 = from.y + HEIGHT / 2;
  const y2 = to.y + HEIGHT / 2;
  const bend = Math.max(30, (to.x - x1) / 2);
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`;
}

function clipped(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
