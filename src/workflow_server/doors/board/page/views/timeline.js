// What happened in the project, newest first, each with its undo.

import { h, replace } from "../text/dom.js";
import { undo } from "../acts.js";
import { failed } from "../notices.js";
import { when } from "../words.js";

const PAGE = 150;
const PAST = {
  create: "created", update: "changed", complete: "completed", cancel: "cancelled", reopen: "reopened", claim: "claimed", release: "released",
  renew: "renewed", delete: "deleted", restore: "restored", undo: "took back a change of", move: "moved", relink: "relinked", note: "noted on",
};
const NOT_TOLD = new Set(["completed_at", "deleted_at", "deleted_by"]);

export class Timeline {
  constructor(context) {
    this.context = context;
    this.list = h("ol", { class: "events" });
    this.older = h("button", { onclick: () => this.more() }, "Older");
    this.element = h("div", { class: "timeline" }, this.list, this.older);
    this.from = null;
  }

  async show() {
    try {
      const head = await this.head();
      this.from = Math.max(0, head - PAGE);
      const answer = await this.context.data.history(null, this.from, PAGE);
      replace(this.list, entries(answer.events, this.context));
      if (!answer.events.length) this.list.append(h("li", { class: "empty" }, "Nothing has happened yet."));
      this.older.hidden = this.from === 0;
    } catch (error) {
      failed(error);
    }
  }

  async head() {
    if (this.context.seq) return this.context.seq;
    return (await this.context.data.history(null, 0, 500)).next_cursor ?? 0;
  }

  async more() {
    const to = this.from;
    this.from = Math.max(0, to - PAGE);
    try {
      const answer = await this.context.data.history(null, this.from, to - this.from);
      this.list.append(...entries(answer.events.filter((event) => event.seq <= to), this.context));
      this.older.hidden = this.from === 0;
    } catch (error) {
      failed(error);
    }
  }

  close() {}
}

/** Events as list entries, newest first; `context` offers the undo. */
export function entries(events, context, afterwards = () => {}) {
  return [...events].reverse().map((event) => {
    const undone = Boolean(event.undone_by);
    const changes = fields(event);
    return h("li", { class: undone ? "undone" : null },
      h("time", { datetime: event.at }, when(event.at)), " ",
      h("strong", {}, event.actor), ` ${PAST[event.action] || event.action.replaceAll("_", " ")} `,
      event.item_id && h("a", { href: `#/item/${event.item_id}` }, context.work.rows.get(event.item_id)?.title || event.item_id),
      event.override_reason && h("em", {}, ` because ${event.override_reason}`),
      undone ? " (taken back)" : h("button", { class: "quiet", onclick: async () => (await undo(context, { event: event.event })) && afterwards() }, "Undo"),
      h("span", { class: "door" }, `via ${event.door}`),
      changes.length ? h("dl", {}, changes) : null);
  });
}

function fields(event) {
  const before = event.before || {};
  const after = event.after || {};
  if (!event.before) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !NOT_TOLD.has(name)).slice(0, 8).map((name) =>
    h("div", {}, h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, h("del", {}, shown(before[name])), " → ", h("ins", {}, shown(after[name])))));
}

function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  const text = typeof value === "object" ? (value.text ?? value.by ?? JSON.stringify(value)) : String(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
