// The hierarchy: lists in lists, each opened by a button that says so to a screen reader.

import { h, replace } from "../text/dom.js";
import { CLOSED, STATUS_NAMES } from "../words.js";

export class Tree {
  constructor(context) {
    this.context = context;
    this.open = new Map();
    this.element = h("div", { class: "tree" });
  }

  show() {
    const { rows } = this.context.work;
    const below = new Map();
    for (const row of rows.values()) {
      const parent = rows.has(row.parent_id) ? row.parent_id : "";
      if (!below.has(parent)) below.set(parent, []);
      below.get(parent).push(row);
    }
    for (const list of below.values()) list.sort((a, b) => CLOSED.has(a.status) - CLOSED.has(b.status) || a.priority - b.priority || (a.id < b.id ? -1 : 1));
    this.below = below;
    const top = below.get("") || [];
    // items with something below them first: they are what a tree is looked at for
    top.sort((a, b) => below.has(b.id) - below.has(a.id));
    replace(this.element, top.length ? this.list(top, 0) : h("p", { class: "empty" }, "Nothing here yet."));
  }

  list(rows, depth) {
    return h("ul", {}, rows.map((row) => h("li", {}, this.node(row, depth))));
  }

  node(row, depth) {
    const children = this.below.get(row.id);
    const line = [
      h("span", { class: `dot ${row.status}`, title: STATUS_NAMES[row.status] }),
      h("a", { href: `#/item/${row.id}` }, row.title),
      h("span", { class: "unseen" }, STATUS_NAMES[row.status]),
      row.item_type && row.item_type !== "task" && h("span", { class: "type" }, row.item_type),
      children && this.progress(row),
    ];
    if (!children) return h("div", { class: "row leaf" }, line);
    const inner = h("div", { id: `below-${row.id}` });
    const button = h("button", { class: "quiet opener", "aria-label": `What is below ${row.title}`, "aria-controls": inner.id });
    const set = (open) => {
      button.setAttribute("aria-expanded", open);
      button.textContent = open ? "▾" : "▸";
      inner.hidden = !open;
      // children are made when they are first looked at: a tree may hold thousands
      if (open && !inner.firstChild) inner.append(this.list(children, depth + 1));
      this.open.set(row.id, open);
    };
    button.addEventListener("click", () => set(inner.hidden));
    set(this.open.get(row.id) ?? depth < 1);
    return [h("div", { class: "row" }, button, line), inner];
  }

  progress(row) {
    let all = 0;
    let done = 0;
    const stack = [...(this.below.get(row.id) || [])];
    while (stack.length) {
      const each = stack.pop();
      if (each.status !== "cancelled") all += 1;
      if (each.status === "completed") done += 1;
      stack.push(...(this.below.get(each.id) || []));
    }
    return all ? h("span", { class: "progress" }, h("progress", { max: all, value: done, "aria-label": `${done} of ${all} done` }), ` ${done}/${all}`) : null;
  }

  close() {}
}
