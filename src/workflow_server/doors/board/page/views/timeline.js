// What happened in the project, newest first by day, each with its undo.

import { h, replace } from "../text/dom.js";
import { undo } from "../acts.js";
import { failed } from "../notices.js";
import { day, timeOf, when } from "../words.js";

const PAST = {
  create: "created", create_plan: "planned", update: "changed", complete: "completed", cancel: "cancelled", reopen: "reopened", claim: "claimed", release: "released",
  renew: "renewed", delete: "deleted", restore: "restored", undo: "took back a change of", move: "moved", relink: "relinked", note: "noted on", import: "imported", define_type: "defined a type",
};
const NOT_TOLD = new Set(["completed_at", "deleted_at", "deleted_by"]);
const FEW_ITEMS = 3;

export class Timeline {
  constructor(context) {
    this.context = context;
    this.days = h("div", {});
    this.older = h("button", { hidden: true, onclick: () => this.more() }, "Older");
    this.element = h("div", { class: "timeline" }, this.days, this.older);
    this.events = [];
    this.before = 0;
  }

  /** Read the newest page; what was read of older ones stays where it is. */
  async show() {
    try {
      const page = await this.context.data.newest(0);
      const first = page.events[0]?.seq ?? 0;
      const kept = this.events.filter((event) => event.seq < first);
      // pages that no longer meet are not patched together
      const meets = kept.length > 0 && this.events.at(-1).seq >= first;
      this.events = meets ? [...kept, ...page.events] : page.events;
      if (!meets) this.before = page.older;
      this.draw();
    } catch (error) {
      failed(error);
    }
  }

  async more() {
    try {
      const page = await this.context.data.newest(this.before);
      this.events = merged(page.events, this.events);
      this.before = page.older;
      this.draw();
    } catch (error) {
      failed(error);
    }
  }

  draw() {
    const held = this.element.contains(document.activeElement);
    const days = new Map();
    for (const event of [...this.events].reverse()) {
      const name = day(event.at);
      if (!days.has(name)) days.set(name, []);
      days.get(name).push(event);
    }
    const sections = [...days].map(([name, events]) => h("section", { class: "day" }, h("h2", {}, name), h("ol", { class: "events" }, entries(events.reverse(), this.context, { time: timeOf }))));
    replace(this.days, sections.length ? sections : h("p", { class: "empty" }, "Nothing has happened yet."));
    this.older.hidden = this.before === 0;
    // the button that was pressed may be gone
    if (held && !this.element.contains(document.activeElement)) document.getElementById("main").focus({ preventScroll: true });
  }

  close() {}
}

/** Two pages as one, in the order in which it happened; an event that both have is told once. */
function merged(one, other) {
  const found = new Map([...one, ...other].map((event) => [`${event.seq} ${event.item_id}`, event]));
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

/** Events as list entries, newest first; one that touched many items is one entry. `afterwards` is called after an undo. */
export function entries(events, context, { afterwards = () => {}, time = when } = {}) {
  const together = new Map();
  for (const event of [...events].reverse()) {
    if (!together.has(event.event)) together.set(event.event, []);
    together.get(event.event).push(event);
  }
  return [...together.values()].map((lines) => entry(lines, context, afterwards, time));
}

function entry(lines, context, afterwards, time) {
  const [event] = lines;
  const undone = Boolean(event.undone_by);
  const take = async () => (await undo(context, { event: event.event })) && afterwards();
  const many = lines.length > FEW_ITEMS;
  const name = (line) => context.work.titles.get(line.item_id) || line.after?.title || line.before?.title || line.item_id;
  const link = (line) => line.item_id && h("a", { href: `#/item/${line.item_id}`, dir: "auto" }, name(line));
  const items = many ? `${lines.length} items` : lines.flatMap((line, at) => (at ? [", ", link(line)] : [link(line)]));
  const changes = fields(lines.length === 1 ? event : shared(lines));
  return h("li", { class: undone ? `event ${event.action} undone` : `event ${event.action}` },
    h("time", { datetime: event.at, title: when(event.at) }, time(event.at)),
    h("div", { class: "told-of" },
      h("p", {}, h("strong", {}, event.actor), ` ${PAST[event.action] || event.action.replaceAll("_", " ")} `, items,
        event.override_reason && h("em", {}, " because ", h("bdi", {}, event.override_reason)), undone && " (taken back)", h("span", { class: "door" }, ` via ${event.door}`)),
      changes.length ? h("dl", {}, changes) : null,
      many && h("details", {}, h("summary", {}, "Which"), h("ul", {}, lines.map((line) => h("li", {}, link(line)))))),
    undone ? null : h("button", { class: "quiet", "aria-label": `Undo: ${PAST[event.action] || event.action} ${many ? items : name(event)}`, onclick: take }, "Undo"));
}

/** Of an event that changed several items what it did to each of them alike. */
function shared(lines) {
  const same = (side, name) => lines.every((line) => JSON.stringify(line[side]?.[name]) === JSON.stringify(lines[0][side]?.[name]));
  const alike = Object.keys(lines[0].after || {}).filter((name) => same("after", name) && same("before", name));
  const of = (side) => lines[0][side] && Object.fromEntries(alike.map((name) => [name, lines[0][side][name]]));
  return { ...lines[0], before: of("before"), after: of("after") };
}

function fields(event) {
  const before = event.before || {};
  const after = event.after || {};
  if (!event.before) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !NOT_TOLD.has(name)).slice(0, 8).map((name) =>
    h("div", {}, h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, change(event, name, before[name], after[name]))));
}

function change(event, name, was, now) {
  if (name === "note" && now) return shown(now);
  // a release keeps who gave the item back; the claim itself has ended
  if (name === "claim" && event.action === "release") now = null;
  return [h("del", { dir: "auto" }, shown(was)), " → ", h("ins", { dir: "auto" }, shown(now))];
}

function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  const text = Array.isArray(value) ? value.map(brief).join(", ") || "–" : brief(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function brief(value) {
  if (typeof value !== "object" || value === null) return String(value);
  if (value.text !== undefined) return value.done === undefined ? value.text : `${value.done ? "☑" : "☐"} ${value.text}`;
  if (value.by) return value.lease_minutes ? `${value.by} for ${value.lease_minutes} min` : value.by;
  return String(value.ref ?? JSON.stringify(value));
}
