// Columns by status. Cards move by mouse, touch, keyboard (Alt and arrows), or on the item's own page.

import { h, replace } from "../text/dom.js";
import { move } from "../acts.js";
import { create } from "../create.js";
import { STATUSES, STATUS_NAMES } from "../words.js";
import { card } from "./card.js";
import { dragging } from "./drag.js";
import { nothing } from "./nothing.js";

const CHUNK = 60;
const STARTS = new Set(["planned", "active"]);

export class Columns {
  constructor(context) {
    this.context = context;
    this.columns = new Map();
    this.element = h("div", { class: "columns" }, STATUSES.map((status) => this.column(status)));
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusin", (event) => this.entered(event.target));
    this.stopDragging = dragging(this.element, (id, status) => this.moved(id, status));
  }

  column(status) {
    const count = h("span", { class: "count" });
    const list = h("ul", { "aria-labelledby": `column-${status}` });
    const sentinel = h("div", { class: "more" });
    const hint = h("div", {});
    const cards = h("div", { class: "cards", tabindex: "-1" }, hint, list, sentinel);
    const add = h("button", { class: "quiet add", "aria-label": `Add to ${STATUS_NAMES[status].toLowerCase()}`, onclick: () => create(this.context, { status }) }, "+");
    const element = h("section", { class: `column ${status}`, "data-status": status },
      h("header", {}, h("h2", { id: `column-${status}` }, STATUS_NAMES[status], " ", count), STARTS.has(status) ? add : null), cards);
    const column = { element, hint, list, count, rows: [], shown: 0 };
    column.watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.extend(column), { root: cards, rootMargin: "600px" });
    column.watch.observe(sentinel);
    this.columns.set(status, column);
    return element;
  }

  show() {
    const { work } = this.context;
    this.progress = work.progress();
    const byStatus = new Map(STATUSES.map((status) => [status, []]));
    for (const row of work.rows.values()) byStatus.get(row.status)?.push(row);
    const held = document.activeElement?.closest?.(".card")?.dataset.id;
    replace(this.columns.get(STATUSES[0]).hint, work.complete && !work.rows.size ? nothing(this.context) : null);
    for (const [status, column] of this.columns) {
      const rows = byStatus.get(status);
      if (status === "completed" || status === "cancelled") rows.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
      // what is searched for stands in the order of its relevance, as it was answered
      else if (!work.filters.text && !work.filters.similar_to) rows.sort((a, b) => a.priority - b.priority || work.ready.has(b.id) - work.ready.has(a.id) || (a.id < b.id ? -1 : 1));
      this.fill(column, rows);
    }
    if (held) this.element.querySelector(`.card[data-id="${held}"] a`)?.focus({ preventScroll: true });
  }

  /** Put the rows into a column, keeping the elements that have not changed, so that nothing jumps. */
  fill(column, rows) {
    column.rows = rows;
    column.count.textContent = rows.length;
    column.shown = Math.max(CHUNK, Math.min(column.shown, rows.length));
    const have = new Map([...column.list.children].map((entry) => [entry.firstChild.dataset.id, entry]));
    const wanted = rows.slice(0, column.shown).map((row) => {
      const entry = have.get(row.id);
      const mark = this.mark(row);
      return entry?.dataset.mark === mark ? entry : this.entry(row, mark);
    });
    const same = wanted.length === column.list.children.length && wanted.every((entry, at) => entry === column.list.children[at]);
    if (!same) column.list.replaceChildren(...wanted);
    this.reachable(column.list);
  }

  /** Of a column one card is reached by Tab, the one last looked at; arrows go on from there. */
  reachable(list) {
    if (list.querySelector('a.title[tabindex="0"]')) return;
    list.querySelector("a.title")?.setAttribute("tabindex", "0");
  }

  entered(link) {
    if (!link.matches("a.title")) return;
    for (const other of link.closest("ul").querySelectorAll('a.title[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    link.setAttribute("tabindex", "0");
  }

  extend(column) {
    if (column.shown >= column.rows.length) return;
    const next = column.rows.slice(column.shown, column.shown + CHUNK);
    column.shown += next.length;
    column.list.append(...next.map((row) => this.entry(row, this.mark(row))));
  }

  entry(row, mark) {
    const { work } = this.context;
    const known = { ready: work.ready.has(row.id), parent: work.rows.get(row.parent_id)?.title, progress: this.progress.get(row.id) };
    return h("li", { "data-mark": mark }, card(row, known));
  }

  mark(row) {
    const { work } = this.context;
    const { done = 0, all = 0 } = this.progress.get(row.id) || {};
    return [row.version, row.status, row.claimed_by, (row.blocked_by || []).length, work.ready.has(row.id), done, all, work.rows.get(row.parent_id)?.title].join(" ");
  }

  async moved(id, status) {
    const row = this.context.work.rows.get(id);
    if (row) await move(this.context, row, status);
  }

  async key(event) {
    const from = event.target.closest?.(".card");
    if (!from) return;
    const row = this.context.work.rows.get(from.dataset.id);
    const at = STATUSES.indexOf(row.status);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.altKey && step && STATUSES[at + step]) {
      event.preventDefault();
      await move(this.context, row, STATUSES[at + step]);
      this.element.querySelector(`.card[data-id="${row.id}"] a`)?.focus();
    } else if (!event.altKey && /^(Arrow|Home$|End$)/.test(event.key)) {
      const target = this.neighbour(from, event.key);
      if (target) {
        event.preventDefault();
        target.focus();
      }
    }
  }

  neighbour(from, key) {
    const entry = from.parentElement;
    if (key === "ArrowDown") return entry.nextElementSibling?.querySelector("a");
    if (key === "Home") return entry.parentElement.querySelector("a");
    if (key === "End") return entry.parentElement.lastElementChild.querySelector("a");
    if (key === "ArrowUp") return entry.previousElementSibling?.querySelector("a");
    const columns = [...this.element.children];
    const step = key === "ArrowLeft" ? -1 : 1;
    const place = [...entry.parentElement.children].indexOf(entry);
    for (let at = columns.indexOf(from.closest(".column")) + step; columns[at]; at += step) {
      const links = columns[at].querySelectorAll(".card a.title");
      if (links.length) return links[Math.min(place, links.length - 1)];
    }
    return null;
  }

  close() {
    this.stopDragging();
    for (const column of this.columns.values()) column.watch.disconnect();
    replace(this.element);
  }
}
