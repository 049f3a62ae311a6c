// One item whole: text, criteria, code, notes, history, and its facts beside them.

import { h, replace } from "../text/dom.js";
import { markdown } from "../text/markdown.js";
import { change, create, undo } from "../acts.js";
import { ask, failed, notice, section } from "../notices.js";
import { kept, settled, typed } from "../text/keep.js";
import { explained, ofTheBoard, STATE_WORDS, when } from "../words.js";
import { facts, relations } from "./facts.js";
import { applyRelink, references } from "./references.js";
import { entries } from "./timeline.js";

export class ItemPage {
  constructor(context, id) {
    this.context = context;
    this.id = id;
    this.element = h("article", { class: "item" }, h("p", { class: "empty" }, "Reading…"));
    this.element.addEventListener("input", ({ target }) => target.dataset.field && !target.matches("select, [type=checkbox]") && typed(target, this.item.version, this.item[target.dataset.field]));
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
      notice("This item was changed elsewhere while you edit it.", { action: { label: "Show it", run: () => this.show() } });
      return;
    }
    await this.show();
  }

  draw(item) {
    const before = this.item;
    this.item = item;
    const putBack = kept(this.element);
    const scrolled = document.scrollingElement.scrollTop;
    replace(this.element, this.head(item), this.warnings(item), h("div", { class: "halves" },
      h("div", {}, this.description(item), this.criteria(item), references(item, this.codeActs(item)), this.notes(item)),
      h("aside", { "aria-label": "Facts" }, facts(this, item), relations(this, item), this.history())));
    putBack();
    if (before) document.scrollingElement.scrollTop = scrolled;
    document.title = `${item.title} – ${item.project || "board"}`;
  }

  codeActs(item) {
    return {
      relink: (ref, to) => applyRelink(this.context, item.id, ref, to, () => this.show()),
      add: (reference, input) => this.submit(input, { add_entity_references: [reference] }),
    };
  }

  head(item) {
    const path = item.path.slice(0, -1).map((id) => [h("a", { href: `#/item/${id}` }, this.name(id)), " › "]);
    return h("header", {}, h("p", { class: "path" }, path, h("code", {}, item.id), this.copying(item.id), ` version ${item.version}`),
      this.editable("title", item.title, h("h1", {}, item.title), () => h("input", { value: item.title, maxlength: 300, "aria-label": "Title" })),
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
    return item.warnings.length ? h("div", { class: "warnings", role: "note" }, item.warnings.map((warning) => h("p", {}, ofTheBoard(warning), section(explained(warning))))) : null;
  }

  name(id) {
    return this.context.work.titles.get(id) || id;
  }

  description(item) {
    const shown = h("div", { class: "text" }, item.description ? markdown(item.description) : h("p", { class: "empty" }, "No description."));
    return h("section", {}, h("h2", {}, "Description"), this.editable("description", item.description, shown, () => h("textarea", { rows: 14, "aria-label": "Description, Markdown", value: item.description })));
  }

  criteria(item) {
    const box = (criterion, index) => h("li", {}, h("label", {},
      h("input", { type: "checkbox", "data-field": `criterion-${index}`, checked: criterion.done, onchange: (event) => this.tick(index, event.target) }), h("span", {}, criterion.text)),
      criterion.evidence ? h("span", { class: "evidence" }, criterion.evidence, criterion.evidence_state ? h("span", { class: `pill ${criterion.evidence_state}` }, STATE_WORDS[criterion.evidence_state]) : null) : null);
    const add = h("form", { class: "line", onsubmit: (event) => { event.preventDefault(); this.addCriterion(event.target.elements.text); } },
      h("input", { name: "text", "data-field": "new-criterion", "aria-label": "New criterion", placeholder: "What must hold when it is done", required: true }), h("button", {}, "Add"));
    return h("section", { class: "criteria" }, h("h2", {}, "Criteria"), h("ul", {}, item.acceptance_criteria.map(box)), add);
  }

  async tick(index, input) {
    const changed = { index, done: input.checked };
    if (input.checked) {
      const answer = await ask("What shows that it holds?", h("label", {}, "Evidence: a text or a reference to a test", h("input", { name: "evidence" })), "Tick");
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
      h("textarea", { name: "note", "data-field": "note", rows: 2, placeholder: "Markdown", "aria-label": "New note", required: true }), h("button", {}, "Add note"));
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

  /** A part that becomes a form when asked; saving says which version was seen, so that a conflict is noticed. */
  editable(name, value, shown, make) {
    const edit = h("button", { class: "quiet", "data-field": `edit-${name}`, "aria-label": `Edit the ${name}`, onclick: () => open() }, "Edit");
    const frame = h("div", { class: "editable" }, shown, edit);
    const open = () => {
      const input = make();
      const version = this.item.version;
      const close = () => { replace(frame, shown, edit); edit.focus(); if (this.outdated) { this.outdated = false; this.show(); } };
      const form = h("form", { class: "editing", onsubmit: async (event) => {
        event.preventDefault();
        if (input.value === value) return close();
        await this.save({ [name]: input.value, expected_version: version }, { form, base: value });
      } }, input, h("div", { class: "buttons" }, h("button", { class: "main" }, "Save"), h("button", { type: "button", onclick: close }, "Cancel")));
      form.addEventListener("keydown", (event) => event.key === "Escape" && close());
      replace(frame, form);
      input.focus();
    };
    return frame;
  }

  /** Save what was typed into a field that is then empty again; when it is refused the text stays. */
  async submit(input, changes) {
    const { value } = input;
    const { field } = input.dataset;
    settled(input);
    input.value = "";
    if (await this.save(changes)) return;
    const now = this.element.querySelector(`[data-field="${field}"]`);
    now.value = value;
    typed(now, this.item.version, null);
  }

  /** Save; `form` is the one being edited, `base` the value of the field when the editing began. */
  async save(changes, { form = null, base } = {}) {
    const token = this.token();
    try {
      const item = await change(this.context, this.id, token ? { ...changes, claim_token: token } : changes);
      form?.classList.remove("editing");
      this.outdated = false;
      await this.show();
      return item;
    } catch (error) {
      if (error.code === "version_conflict") return this.conflict(error, changes, form, base);
      failed(error);
      if (!form) await this.show();
      return null;
    }
  }

  /** Someone else was faster. Another field's change is no conflict; of one field both texts are shown, and the second decides. */
  async conflict(error, changes, form, base) {
    const [name] = Object.keys(changes);
    const theirs = await this.context.data.get(this.id);
    if (base !== undefined && same(theirs[name], base)) return this.save({ ...changes, expected_version: theirs.version }, { form, base });
    const answer = await ask("Somebody else changed this", [h("p", {}, error.message),
      h("div", { class: "pair" }, h("div", {}, h("h3", {}, "Theirs"), h("pre", {}, readable(theirs[name]))), h("div", {}, h("h3", {}, "Yours"), h("pre", {}, readable(changes[name]))))], "Use mine", "Keep theirs");
    form?.classList.remove("editing");
    this.outdated = false;
    if (answer) return this.save({ ...changes, expected_version: theirs.version }, { base: theirs[name] });
    this.draw(theirs);
    return null;
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
      failed(error);
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

function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function readable(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}
