// One item as a card.

import { h } from "../text/dom.js";
import { CLOSED } from "../words.js";

function isLate(row) {
  return !CLOSED.has(row.status) && row.due.slice(0, 10) < new Date().toISOString().slice(0, 10);
}

/** The card of a row; `ready` marks what can be started now. */
export function card(row, ready) {
  const facts = [
    h("span", { class: `priority p${row.priority}`, title: `Priority ${row.priority}` }, `P${row.priority}`),
    row.item_type && row.item_type !== "task" && h("span", { class: "type" }, row.item_type),
    ready && h("span", { class: "ready" }, "ready"),
    row.blocked_by?.length && !CLOSED.has(row.status) && h("span", { class: "waits", title: `Waits for ${row.blocked_by.join(", ")}` }, `waits for ${row.blocked_by.length}`),
    row.criteria && h("span", { title: "Criteria met" }, `✓ ${row.criteria}`),
    row.references && h("span", { title: "Code references" }, `‹› ${row.references}`),
    (row.claimed_by || row.assignee) && h("span", { class: "who" }, row.claimed_by ? `⚑ ${row.claimed_by}` : `@${row.assignee}`),
    row.due && h("span", { class: isLate(row) ? "late" : null }, `due ${row.due.slice(0, 10)}`),
  ];
  return h("article", { class: "card", "data-id": row.id, "data-version": row.version },
    h("a", { class: "title", href: `#/item/${row.id}`, draggable: "false", "aria-keyshortcuts": "Alt+ArrowLeft Alt+ArrowRight" }, row.title),
    row.labels?.length ? h("div", { class: "labels" }, row.labels.map((label) => h("span", { class: "label" }, label))) : null,
    h("div", { class: "facts" }, facts));
}
