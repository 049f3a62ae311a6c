// The hierarchy: lists in lists, each opened by a button that says so to a screen reader.

import { h, replace } from "../text/dom.js";
import { CLOSED, dayOf, isLate, STATUS_NAMES } from "../words.js";
import { nothing } from "./nothing.js";

export class Tree {
  constructor(context) {
    this.context = context;
    this.open = new Map();
    this.list = h("div", {});
    this.element = h("div", { class: "tree" },
      h("div", { class: "bar" }, h("p", { class: "told" }, "What belongs to what, open items first."),
        h("button", { onclick: () => this.all(true) }, "Open all"), h("button", { onclick: () => this.all(false) }, "Close all")),
      this.list);
  }

  /** Open or close every item that has something below it. */
  all(open) {
    for (const id of this.below.keys()) this.open.set(id, open);
    this.show();
  }

  show() {
    const { rows } = this.context.work;
    const held = this.element.contains(document.activeElement) ? document.activeElement.closest("[data-id]")?.dataset.id : null;
    const inButton = document.activeElement?.matches?.("button");
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
    replace(this.list, top.length ? this.level(top, 0) : this.context.work.complete && nothing(this.context));
    if (held) this.element.querySelector(`[data-id="${held}"] ${inButton ? "button" : "a"}`)?.focus({ preventScroll: true });
  }

  level(rows, depth) {
    return h("ul", {}, rows.map((row) => h("li", {}, this.node(row, depth))));
  }

  node(row, depth) {
    const children = this.below.get(row.id);
    const line = [
      h("span", { class: `dot ${row.status}`, title: STATUS_NAMES[row.status] }),
      h("a", { class: CLOSED.has(row.status) ? "title closed" : "title", href: `#/item/${row.id}`, dir: "auto" }, row.title),
      h("span", { class: "unseen" }, STATUS_NAMES[row.status]),
      row.item_type && row.item_type !== "task" && h("span", { class: "type" }, row.item_type),
      h("span", { class: "facts" }, this.facts(row), children && this.progress(row)),
    ];
    if (!children) return h("div", { class: "row", "data-id": row.id }, h("span", { class: "opener" }), line);
    const inner = h("div", { id: `below-${row.id}` });
    const button = h("button", { class: "quiet opener", "aria-label": `What is below ${row.title}`, "aria-controls": inner.id });
    const set = (open) => {
      button.setAttribute("aria-expanded", open);
      button.textContent = open ? "▾" : "▸";
      inner.hidden = !open;
      // children are made when they are first looked at: a tree may hold thousands
      if (open && !inner.firstChild) inner.append(this.level(children, depth + 1));
      this.open.set(row.id, open);
    };
    button.addEventListener("click", () => set(inner.hidden));
    set(this.open.get(row.id) ?? depth < 1);
    return [h("div", { class: "row", "data-id": row.id }, button, line), inner];
  }

  facts(row) {
    if (CLOSED.has(row.status)) return [];
    return [
      row.priority < 2 && h("span", { class: `priority p${row.priority}` }, `P${row.priority}`),
      this.context.work.ready.has(row.id) && h("span", { class: "ready" }, "ready"),
      row.due && h("span", { class: isLate(row) ? "late" : null }, `${isLate(row) ? "overdue" : "due"} ${dayOf(row.due)}`),
      row.blocked_by?.length > 0 && h("span", { class: "waits" }, `waits for ${row.blocked_by.length}`),
      (row.claimed_by || row.assignee) && h("span", { class: "who" }, row.claimed_by ? `⚑ ${row.claimed_by}` : `@${row.assignee}`),
    ];
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
