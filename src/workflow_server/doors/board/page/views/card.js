// One item as a card.

import { h } from "../text/dom.js";
import { CLOSED, dayOf, isLate, STATE_WORDS, when } from "../words.js";

const LOST = ["stale", "unresolved"]; // states of a reference that somebody has to see to

/** The card of a row; `ready` marks what can be started now, `parent` is its title, `progress` what is done below it. */
export function card(row, { ready = false, parent = "", progress = null } = {}) {
  const waits = row.blocked_by?.length && !CLOSED.has(row.status) ? row.blocked_by.length : 0;
  const facts = [
    h("span", { class: `priority p${row.priority}`, title: `Priority ${row.priority}, 0 is the most urgent` }, `P${row.priority}`),
    row.item_type && row.item_type !== "task" && h("span", { class: "type" }, row.item_type),
    ready && h("span", { class: "ready" }, "ready"),
    waits > 0 && h("span", { class: "waits", title: `Waits for ${row.blocked_by.join(", ")}` }, `waits for ${waits}`),
    row.due && h("span", { class: isLate(row) ? "late" : null, title: row.due.includes("T") ? when(row.due) : null }, `${isLate(row) ? "overdue" : "due"} ${dayOf(row.due)}`),
    row.criteria && h("span", { title: "Criteria met" }, `✓ ${row.criteria}`),
    row.references && h("span", { title: "Code references" }, `‹› ${row.references}`),
    LOST.map((state) => row[state] && h("span", { class: `pill ${state}`, title: "Of its code references, when they were last checked" }, `${row[state]} ${STATE_WORDS[state]}`)),
    (row.claimed_by || row.assignee) && h("span", { class: "who", title: row.claimed_by ? "Held by" : "Assigned to" }, row.claimed_by ? `⚑ ${row.claimed_by}` : `@${row.assignee}`),
  ];
  return h("article", { class: "card", "data-id": row.id, "data-version": row.version },
    parent && h("p", { class: "crumb", dir: "auto" }, parent),
    h("a", { class: "title", href: `#/item/${row.id}`, draggable: "false", dir: "auto", tabindex: "-1", "aria-keyshortcuts": "Alt+ArrowLeft Alt+ArrowRight" }, row.title),
    row.labels?.length ? h("div", { class: "labels" }, row.labels.map((label) => h("span", { class: "label", dir: "auto" }, label))) : null,
    progress && h("div", { class: "below" }, h("progress", { max: progress.all, value: progress.done, "aria-label": `${progress.done} of ${progress.all} below it done` }), ` ${progress.done}/${progress.all}`),
    h("div", { class: "facts" }, facts));
}
