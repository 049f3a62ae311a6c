// Changes that the server did not take because it did not answer: told above every view, until they are tried again or
// given up. The view shows what is stored; what was wanted stands here, so that nothing looks stored that is not.

import { h, replace } from "./text/dom.js";
import { settle } from "./acts.js";
import { failed, speak } from "./notices.js";
import { PRIORITY_NAMES, STATUS_NAMES } from "./words.js";

const MOST_LETTERS = 200;

export class Unsaved {
  constructor(context) {
    this.context = context;
    this.entries = [];
    this.list = h("ul", {});
    this.again = h("button", { type: "button", class: "main", onclick: () => this.retry() }, "Try again");
    const give = h("button", { type: "button", onclick: () => this.discard() }, "Give them up");
    this.element = h("div", { class: "unsaved", role: "alert", hidden: true },
      h("p", {}, h("strong", {}, "Not saved:"), " the server did not answer. The view below shows what is stored, as far as is known."), this.list, h("div", { class: "line" }, this.again, give));
    addEventListener("beforeunload", (event) => this.entries.length && event.preventDefault());
  }

  /** Keep a change of one field of an item {id, title, version}; `base` is the value it had when it was changed. */
  add(item, changes, { base, token } = {}) {
    const [name] = Object.keys(changes);
    // a field that is changed again while nothing can be stored is wanted as it is last
    this.entries = this.entries.filter((each) => each.id !== item.id || each.name !== name || Array.isArray(changes[name]));
    this.entries.push({ id: item.id, title: item.title, name, changes, base, token, version: item.version, project: this.context.work.project });
    this.draw();
  }

  /** Whether a change of this field of an item waits. */
  has(id, name) {
    return this.entries.some((each) => each.id === id && each.name === name);
  }

  draw() {
    const { work } = this.context;
    this.element.hidden = !this.entries.length;
    replace(this.list, this.entries.map(({ id, title, changes, project }) => h("li", {},
      h("a", { href: `#/item/${id}`, dir: "auto" }, title), project === work.project ? "" : ` in ${project}`, `: ${words(changes, work.titles)}`)));
  }

  /** Send them again, in the order in which they were made; what is refused now is told, what is not answered stays. */
  async retry() {
    if (this.busy) return;
    this.busy = true;
    const left = [];
    let answers = true;
    for (const entry of this.entries) {
      if (!answers || entry.project !== this.context.work.project) left.push(entry);
      else answers = await this.send(entry, left);
    }
    const saved = this.entries.length - left.length;
    this.entries = left;
    this.busy = false;
    this.draw();
    speak(left.length ? "Still not saved" : "Saved");
    if (saved) this.context.show();
  }

  /** Send one; answers whether the server answered. */
  async send({ id, title, changes, base, token, version, ...rest }, left) {
    const claim = token ? { claim_token: token } : {};
    const seen = base === undefined ? {} : { expected_version: version };
    try {
      await settle(this.context, id, { ...changes, ...claim, ...seen }, base);
    } catch (error) {
      if (error.code === "offline") left.push({ id, title, changes, base, token, version, ...rest });
      else failed(error, { what: title });
      return error.code !== "offline";
    }
    return true;
  }

  discard() {
    this.entries = [];
    this.draw();
    speak("Given up");
    document.getElementById("main").focus({ preventScroll: true });
  }
}

const NAMES = { parent_id: "part of", add_blocked_by: "waits for", remove_blocked_by: "no longer waits for", criteria: "criterion", add_links: "link", remove_links: "no link" };

/** A change as a person reads it; `titles` of items by their ids. */
function words(changes, titles) {
  return Object.entries(changes).map(([name, value]) => `${NAMES[name] || name.replaceAll("_", " ")} ${clipped(told(name, value, titles))}`).join(", ");
}

function told(name, value, titles) {
  if (value === null || value === "") return "nothing";
  if (name === "priority") return PRIORITY_NAMES[value];
  if (name === "status") return STATUS_NAMES[value].toLowerCase();
  const one = (each) => each.index === undefined ? `“${titles.get(each.id ?? each) || each.text || each.id || each}”` : `${each.index + 1}: ${each.done ? "met" : "open"}`;
  return [value].flat().map(one).join(", ");
}

function clipped(text) {
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text;
}
