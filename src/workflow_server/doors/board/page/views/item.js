// One item whole: text, criteria, code, notes, history, and its facts beside them.

import { h, replace } from "../text/dom.js";
import { markdown } from "../text/markdown.js";
import { settle, undo } from "../acts.js";
import { create } from "../create.js";
import { ask } from "../dialog.js";
import { dismiss, failed, notice, section } from "../notices.js";
import { draftOf, forget, remember } from "../text/drafts.js";
import { kept, settled, typed } from "../text/keep.js";
import { named } from "../text/named.js";
import { explained, ofTheBoard, STATE_WORDS, when } from "../words.js";
import { editable } from "./editing.js";
import { facts, relations } from "./facts.js";
import { applyRelink, references } from "./references.js";
import { entries } from "./timeline.js";

export class ItemPage {
  constructor(context, id) {
    this.context = context;
    this.id = id;
    this.element = h("article", { class: "item" }, h("p", { class: "empty" }, "Reading…"));
    this.element.addEventListener("input", ({ target }) => this.typing(target));
  }

  /** What is typed is kept through redraws, and in a form, where it waits to be sent, through leaving the page as well. */
  typing(target) {
    const { field } = target.dataset;
    if (!field || target.matches("select, [type=checkbox]")) return;
    typed(target, this.item.version, this.item[field]);
    if (target.form) remember(`${field} ${this.id}`, target.value);
  }

  async show() {
    try {
      const item = await this.context.data.get(this.id);
      const around = [...item.path, ...item.blocked_by, ...item.blocks, ...item.links.map((each) => each.id), ...(item.linked_from || []).map((each) => each.id)];
      await Promise.all(around.map((id) => this.context.work.title(id)));
      this.draw(item);
    } catch (error) {
      if (!this.item) replace(this.element, h("h1", {}, "Not to be shown"), h("p", {}, error.text || error.message, section(error.see)), h("p", {}, h("a", { href: "#/board" }, "Back to the board")));
      else failed(error);
    }
  }

  /** Called for changes by others: a field being edited is left alone, and the change is announced. */
  async refresh() {
    if (this.element.querySelector(".editing")) {
      this.outdated = true;
      notice("This item was changed elsewhere while you edit it.", { topic: `elsewhere ${this.id}`, action: { label: "Show it", run: () => this.show() } });
      return;
    }
    await this.show();
  }

  draw(item) {
    const before = this.item;
    this.item = item;
    const putBack = kept(this.element);
    const scrolled = document.scrollingElement.scrollTop;
    // of what is deleted nothing can be changed until it is restored; it can be read
    replace(this.element, item.deleted_at ? this.deleted(item) : this.head(item), this.warnings(item), h("fieldset", { class: "halves", disabled: Boolean(item.deleted_at) },
      h("div", {}, this.description(item), this.criteria(item), references(item, this.codeActs(item)), this.notes(item)),
      h("aside", { "aria-label": "Facts" }, facts(this, item), relations(this, item), this.history())));
    putBack();
    this.putDrafts();
    // what became of an item that somebody deletes meanwhile stands at its head
    if (before) document.scrollingElement.scrollTop = item.deleted_at && !before.deleted_at ? 0 : scrolled;
    document.title = `${item.title} – ${item.project || "board"}`;
  }

  putDrafts() {
    for (const field of this.element.querySelectorAll("form [data-field]")) {
      const before = field.matches("select") || field.value ? null : draftOf(`${field.dataset.field} ${this.id}`);
      if (before) {
        field.value = before;
        typed(field, this.item.version, null);
      }
    }
  }

  /** The head of a deleted item: what it was, and the way back. */
  deleted(item) {
    return h("header", {}, h("p", { class: "path" }, h("code", {}, item.id), ` version ${item.version}`), h("h1", { dir: "auto" }, item.title),
      h("div", { class: "warnings", role: "note" }, h("p", {}, `Deleted ${when(item.deleted_at)}. It is read here and changed no more.`),
        h("div", { class: "buttons" }, h("button", { class: "main", onclick: () => this.restore() }, "Restore"))));
  }

  async restore() {
    try {
      const answer = await this.context.data.restore(this.id);
      notice(answer.restored?.length > 1 ? `Restored ${answer.restored.length} items` : "Restored");
      await this.context.work.refresh(answer.restored || [this.id]);
      await this.show();
    } catch (error) {
      failed(error, { again: () => this.restore() });
    }
  }

  codeActs(item) {
    return {
      relink: (ref, to) => applyRelink(this.context, item.id, ref, to, () => this.show()),
      add: (reference, input) => this.submit(input, { add_entity_references: [reference] }),
    };
  }

  head(item) {
    const path = item.path.slice(0, -1).map((id) => [h("a", { href: `#/item/${id}`, dir: "auto" }, this.name(id)), " › "]);
    return h("header", {}, h("p", { class: "path" }, path, h("code", {}, item.id), this.copying(item.id), ` version ${item.version}`),
      editable(this, "title", item.title, h("h1", { dir: "auto" }, item.title), () => h("input", { value: item.title, maxlength: 300, required: true, "aria-label": "Title", dir: "auto" })),
      h("div", { class: "buttons" },
        item.claim ? h("span", { class: "who" }, `⚑ held by ${item.claim.by}${item.claim.lease_until ? ` until ${when(item.claim.lease_until)}` : ""}`) : h("button", { onclick: () => this.claim() }, "Claim"),
        this.token() ? h("button", { onclick: () => this.release() }, "Release") : null,
        item.claim && !item.claim.lease_until && !this.token() ? h("button", { onclick: () => this.takeBack(item.claim.by) }, "Take back") : null,
        h("button", { onclick: () => create(this.context, { parentId: item.id }) }, "New item below"),
        h("button", { onclick: () => this.context.alike(item.id) }, "More like this"),
        h("button", { onclick: () => undo(this.context, { id: item.id }).then((done) => done && this.show()) }, "Undo last change"),
        h("button", { class: "danger", onclick: () => this.remove() }, "Delete")));
  }

  /** Agents are told of an item by its id. A host's sandbox may forbid the clipboard; there the id is read. */
  copying(id) {
    if (document.documentElement.dataset.data === "host" || !navigator.clipboard) return null;
    return h("button", { class: "quiet copy", "aria-label": `Copy ${id}`, title: "Copy the id", onclick: () => navigator.clipboard.writeText(id).then(() => notice(`Copied ${id}`), failed) }, "Copy");
  }

  warnings(item) {
    // that it is deleted, its head says
    const told = item.deleted_at ? item.warnings.filter((warning) => !warning.startsWith(`${item.id} was deleted`)) : item.warnings;
    return told.length ? h("div", { class: "warnings", role: "note" }, told.map((warning) => h("p", {}, named(ofTheBoard(warning), (id) => this.name(id)), section(explained(warning))))) : null;
  }

  name(id) {
    return this.context.work.titles.get(id) || id;
  }

  description(item) {
    const shown = h("div", { class: "text" }, item.description ? markdown(item.description) : h("p", { class: "empty" }, "No description."));
    return h("section", {}, h("h2", {}, "Description"), editable(this, "description", item.description, shown, () => h("textarea", { rows: 14, "aria-label": "Description, Markdown", dir: "auto", value: item.description })));
  }

  criteria(item) {
    const box = (criterion, index) => h("li", {}, h("label", {},
      h("input", { type: "checkbox", "data-field": `criterion-${index}`, checked: criterion.done, onchange: (event) => this.tick(index, event.target) }), h("span", { dir: "auto" }, criterion.text)),
      criterion.evidence ? h("span", { class: "evidence" }, h("bdi", {}, criterion.evidence), criterion.evidence_state ? h("span", { class: `pill ${criterion.evidence_state}` }, STATE_WORDS[criterion.evidence_state]) : null) : null);
    const add = h("form", { class: "line", onsubmit: (event) => { event.preventDefault(); this.addCriterion(event.target.elements.text); } },
      h("input", { name: "text", "data-field": "new-criterion", "aria-label": "New criterion", placeholder: "What must hold when it is done", required: true, dir: "auto", autocomplete: "off" }), h("button", {}, "Add"));
    return h("section", { class: "criteria" }, h("h2", {}, "Criteria"), h("ul", {}, item.acceptance_criteria.map(box)), add);
  }

  async tick(index, input) {
    const changed = { index, done: input.checked };
    if (input.checked) {
      const answer = await ask("What shows that it holds?", h("label", {}, "Evidence: a text or a reference to a test", h("input", { name: "evidence", dir: "auto" })), "Tick");
      if (!answer) {
        input.checked = false;
        return;
      }
      if (answer.get("evidence")) changed.evidence = answer.get("evidence");
    }
    await this.save({ criteria: [changed] });
  }

  addCriterion(input) {
    return this.submit(input, { acceptance_criteria: [...this.item.acceptance_criteria.map(({ text, done, evidence }) => (evidence ? { text, done, evidence } : { text, done })), input.value] });
  }

  notes(item) {
    const form = h("form", { class: "line", onsubmit: (event) => { event.preventDefault(); this.submit(event.target.elements.note, { note: event.target.elements.note.value }); } },
      h("textarea", { name: "note", "data-field": "note", rows: 2, placeholder: "Markdown", "aria-label": "New note", required: true, dir: "auto" }), h("button", {}, "Add note"));
    return h("section", { class: "notes" }, h("h2", {}, "Notes"), (item.notes || []).map((note) => h("article", {}, h("p", { class: "where" }, `${note.by}, ${when(note.at)}`), h("div", { class: "text" }, markdown(note.text)))), form);
  }

  history() {
    const list = h("ol", { class: "events" });
    const details = h("details", {}, h("summary", {}, h("h2", {}, "History")), list);
    details.addEventListener("toggle", async () => {
      this.historyOpen = details.open;
      if (!details.open) return;
      try {
        const answer = await this.context.data.history(this.id, 0, 200);
        replace(list, entries(answer.events, this.context, { afterwards: () => this.show() }));
      } catch (error) {
        failed(error);
      }
    });
    details.open = Boolean(this.historyOpen);
    return details;
  }

  /** Save what was typed into a field that is then empty again; when it is refused the text stays. */
  async submit(input, changes) {
    const { value } = input;
    const { field } = input.dataset;
    const now = () => this.element.querySelector(`[data-field="${field}"]`);
    settled(input);
    input.value = "";
    const doubtful = value === this.unanswered && (await this.noted(value));
    if (doubtful || (await this.save(changes, { again: () => now()?.form.requestSubmit() }))) {
      forget(`${field} ${this.id}`);
      settled(now());
      now().value = "";
      return;
    }
    now().value = value;
    typed(now(), this.item.version, null);
  }

  /** Whether a note came to the server although its answer did not come back. */
  async noted(text) {
    const item = await this.context.data.get(this.id).catch(() => null);
    this.unanswered = null;
    const stored = item?.notes.some((note) => note.text === text) ?? false;
    if (stored) this.draw(item);
    return stored;
  }

  /**
   * Save; `form` is the one being edited, `base` the value of the field when the editing began, `again` sends once more what
   * stays in its field. Answers the item, or null when it was not saved: what has no field that keeps it is told above.
   */
  async save(changes, { form = null, base, again = form && (() => form.requestSubmit()) } = {}) {
    try {
      const item = await this.stored(changes, { base });
      for (const topic of ["save", "elsewhere"]) dismiss(`${topic} ${this.id}`);
      form?.classList.remove("editing");
      this.outdated = false;
      await this.show();
      return item;
    } catch (error) {
      if (error.code === "offline" && !again) {
        const { expected_version: seen = this.item.version, ...wanted } = changes;
        const [name] = Object.keys(wanted);
        this.context.unsaved.add({ ...this.item, version: seen }, wanted, { base: base === undefined && name in this.item ? this.item[name] : base, token: this.token() });
        this.draw(this.item);
        return null;
      }
      if (error.code === "offline") this.unanswered = changes.note;
      failed(error, { what: error.code === "offline" ? "Not saved" : "", again, topic: `save ${this.id}` });
      if (!again) await this.show();
      return null;
    }
  }

  /** The item after a change, or as others have made it meanwhile and it was left. */
  stored(changes, { base } = {}) {
    const token = this.token();
    return settle(this.context, this.id, token ? { ...changes, claim_token: token } : changes, base);
  }

  token() {
    return this.context.tokens.get(this.id);
  }

  async claim() {
    try {
      const answer = await this.context.data.claim(this.id, {});
      if (answer.claimed) this.context.tokens.set(this.id, answer.claim_token);
      else notice(answer.reason || "Not claimed", { kind: "error" });
      await this.context.work.refresh([this.id]);
      await this.show();
    } catch (error) {
      failed(error, { again: () => this.claim() });
    }
  }

  async release() {
    try {
      await this.context.data.claim(this.id, { action: "release", claim_token: this.token() });
      this.context.tokens.delete(this.id);
      await this.show();
    } catch (error) {
      failed(error);
    }
  }

  /** For a claim without a lease whose holder is gone: nothing else would ever end it. */
  async takeBack(holder) {
    const text = h("p", {}, `${holder} took it without a lease. Do this if ${holder} is gone. Once somebody else holds it, a late write under the old claim is refused.`);
    if (await ask("Take this item back?", text, "Take back")) await this.save({ status: "planned" });
  }

  async remove() {
    const answer = await ask("Delete this item?", h("p", {}, "Everything below it goes too. It can be taken back."), "Delete");
    if (!answer) return;
    try {
      const done = await this.context.data.remove(this.id);
      for (const id of done.deleted) this.context.work.rows.delete(id);
      location.hash = "#/board";
      notice(`Deleted ${done.deleted.length}`, { action: { label: "Undo", run: () => undo(this.context, { event: done.event }).then(() => this.context.work.load()) } });
    } catch (error) {
      failed(error);
    }
  }

  close() {
    document.title = "Board";
  }
}
