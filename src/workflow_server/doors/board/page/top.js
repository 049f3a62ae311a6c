// The bar above every view: where one is, search and filters, the project, whether the page is live.

import { h, replace } from "./text/dom.js";
import { create } from "./create.js";
import { tell } from "./keys.js";
import { ask } from "./dialog.js";
import { failed, section } from "./notices.js";
import { STATUSES, STATUS_NAMES, VIEW_NAMES } from "./words.js";
import { NO_FILTERS } from "./work.js";

const TYPED = [["label", "Label"], ["assignee", "Assignee"], ["reference", "Path"], ["parent_id", "Part of"], ["metadata", "Metadata"]];
const RARE = new Set(["parent_id", "metadata"]);
const HINTS = { parent_id: "part of (id)", metadata: "metadata: name=value" };
const CHOSEN = [
  ["item_type", "Type", [["", "any type"]]],
  ["view", "Readiness", [["all", "ready or not"], ["ready", "ready"], ["blocked", "waiting"]]],
  ["status", "Status", [["", "any status"], ...STATUSES.map((status) => [status, STATUS_NAMES[status].toLowerCase()])]],
];
const PAUSE_MS = 180;
const ID = /^wi_[a-z2-7]{7}$/;

export class Top {
  constructor(context, actions) {
    this.context = context;
    this.actions = actions;
    this.names = []; // of the projects there are
    this.heard = "";
    this.types = []; // of items, as far as they are told
    this.live = h("span", { class: "live", role: "status" }, "connecting");
    this.links = Object.entries(VIEW_NAMES).map(([name, label]) => h("a", { href: `#/${name}`, "data-view": name }, label));
    this.projects = h("select", { "aria-label": "Project", onchange: (event) => this.chosen(event.target.value) });
    this.counted = h("span", { class: "counted" });
    this.like = h("button", { class: "chip", hidden: true, onclick: () => this.set("similar_to", "") });
    this.clear = h("button", { class: "quiet", type: "button", hidden: true, onclick: () => this.clearAll() }, "Clear");
    this.lists = { item_type: h("datalist", { id: "item-types" }), label: h("datalist", { id: "known-labels" }), assignee: h("datalist", { id: "known-people" }), parent_id: h("datalist", { id: "known-parents" }) };
    this.lost = h("p", { class: "lost", role: "alert", hidden: true }, "The server does not answer. What you see may be old; the board tries again by itself.", section("docs/troubleshooting.md#the-board-is-not-connected"));
  }

  draw(element) {
    const { filters } = this.context.work;
    const typed = TYPED.map(([name, label]) => h("label", { class: RARE.has(name) ? "rare" : null }, h("span", { class: "unseen" }, `Filter by ${label.toLowerCase()}`),
      h("input", { name, placeholder: HINTS[name] || label.toLowerCase(), value: filters[name], list: this.lists[name]?.id, autocomplete: "off", oninput: (event) => this.later(name, event.target.value) })));
    const chosen = CHOSEN.map(([name, label, values]) => h("select", { name, "aria-label": `Filter by ${label.toLowerCase()}`, onchange: (event) => this.later(name, event.target.value) },
      values.map(([value, text]) => h("option", { value, selected: filters[name] === value }, text))));
    const more = h("div", { class: "more-filters", id: "more-filters" }, typed, chosen);
    this.opener = h("button", { type: "button", class: "opener", "aria-expanded": "false", "aria-controls": "more-filters", onclick: () => this.open(this.opener.getAttribute("aria-expanded") !== "true") }, "More filters");
    this.form = h("form", { class: "line filters", role: "search", onsubmit: (event) => event.preventDefault() },
      h("label", { class: "search" }, h("span", { class: "unseen" }, "Search"), h("input", { type: "search", name: "text", placeholder: "Search titles, texts, notes… ( / )", value: filters.text, oninput: (event) => this.later("text", event.target.value), onkeydown: (event) => this.leave(event) })),
      more, this.opener, this.like, this.clear, this.counted, Object.values(this.lists));
    replace(element,
      h("div", { class: "line" }, h("nav", { "aria-label": "Views" }, this.links), this.projects, this.live,
        h("button", { class: "main", onclick: () => create(this.context) }, "New item"),
        h("button", { class: "quiet", onclick: () => this.actions.theme(), "aria-label": "Light or dark", title: "Light or dark" }, "◐"),
        h("button", { class: "quiet", onclick: () => tell(this.context), "aria-label": "Keys and help", title: "Keys and help" }, "?")),
      this.form, this.lost, this.context.unsaved.element);
  }

  open(wanted) {
    this.opener.setAttribute("aria-expanded", wanted);
    this.form.classList.toggle("is-open", wanted);
  }

  later(name, value) {
    if (name === "parent_id" && value && !ID.test(value)) return; // half an id is none
    this.context.work.filters[name] = value;
    clearTimeout(this.timer);
    const view = location.hash;
    this.timer = setTimeout(() => {
      // who has gone on to another view in the meantime is not taken away from it
      if (value !== NO_FILTERS[name] && location.hash === view) this.actions.list();
      this.actions.load();
    }, PAUSE_MS);
  }

  /** Escape in the search: nothing is searched for any more, and single keys are keys again. */
  leave(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    clearTimeout(this.timer);
    if (event.target.value) this.set("text", "");
    document.getElementById("main").focus({ preventScroll: true });
  }

  /** Set a filter from elsewhere than its own field, and read again. */
  set(name, value) {
    this.context.work.filters[name] = value;
    const field = this.form.elements[name];
    if (field) field.value = value;
    return this.actions.load();
  }

  clearAll() {
    this.put(NO_FILTERS);
    return this.actions.load();
  }

  /** Set all filters and their fields; what was typed a moment ago is gone as well. */
  put(filters) {
    clearTimeout(this.timer);
    for (const [name, value] of Object.entries(filters)) {
      this.context.work.filters[name] = value;
      if (this.form.elements[name]) this.form.elements[name].value = value;
    }
  }

  at(view) {
    this.counted.hidden = view === "timeline" || view === "statistics"; // they tell of all, whatever is chosen
    for (const link of this.links) {
      if (link.dataset.view === view) {
        link.setAttribute("aria-current", "page");
        uncover(link);
      } else link.removeAttribute("aria-current");
    }
  }

  /** Say how many items are shown, and offer what they hold as values of the filters. */
  count() {
    const { work } = this.context;
    this.counted.textContent = work.complete ? `${work.rows.size} ${work.rows.size === 1 ? "item" : "items"}` : `${work.rows.size} of ${work.total ?? "…"} items`;
    const like = work.filters.similar_to;
    this.like.hidden = !like;
    this.like.textContent = `like ${work.rows.get(like)?.title || like} ×`;
    this.clear.hidden = !work.filtered;
    const further = Object.keys(NO_FILTERS).filter((name) => name !== "text" && work.filters[name] !== NO_FILTERS[name]).length;
    this.opener.textContent = further ? `More filters (${further} set)` : "More filters";
    if (!work.complete || work.filtered) return;
    if (!this.types.length) this.offerTypes([...new Set([...work.rows.values()].map((row) => row.item_type))].sort());
    const labels = new Set();
    const people = new Set();
    const parents = new Set();
    for (const row of work.rows.values()) {
      row.labels?.forEach((label) => labels.add(label));
      if (row.assignee) people.add(row.assignee);
      if (work.rows.has(row.parent_id)) parents.add(row.parent_id);
    }
    offer(this.lists.label, [...labels].sort());
    offer(this.lists.assignee, [...people].sort());
    offer(this.lists.parent_id, [...parents].slice(0, 200), (id) => work.rows.get(id).title);
  }

  /** Whether the server is heard, and whether a change still waits for its answer. */
  state(name = this.heard, slow = this.context.data.slow || 0) {
    this.heard = name;
    const saving = name === "live" && slow > 0;
    this.live.className = `live is-${saving ? "saving" : name}`;
    this.live.textContent = saving ? "saving…" : name === "live" ? "live" : "not connected";
    this.lost.hidden = name === "live";
  }

  async list() {
    try {
      const answer = await this.context.data.projects();
      this.names = answer.projects.map((each) => each.name);
      const names = answer.projects.filter((each) => !each.archived).map((each) => each.name);
      const current = this.context.work.project || this.context.data.project;
      if (current && !names.includes(current)) names.push(current);
      replace(this.projects, names.map((name) => h("option", { value: name, selected: name === current }, name)), h("option", { value: "" }, "New project…"));
      const types = await this.context.data.types();
      this.types = types.map((type) => type.name);
      if (this.types.length) this.offerTypes(this.types);
    } catch (error) {
      failed(error);
    }
  }

  /** The types there are, as values of the filter and where one is typed. A host does not tell them: there they are those in use. */
  offerTypes(types) {
    offer(this.lists.item_type, types);
    const now = this.context.work.filters.item_type;
    replace(this.form.elements.item_type, h("option", { value: "" }, "any type"), types.map((name) => h("option", { value: name, selected: name === now }, name)));
  }

  async chosen(name) {
    if (name) return this.actions.project(name);
    const named = h("input", { name: "name", required: true, pattern: "[a-z0-9]+(-[a-z0-9]+)*", maxlength: 50, title: "small letters, digits, and hyphens between them", autocomplete: "off" });
    const answer = await ask("New project", h("label", {}, "Name, of small letters, digits and hyphens", named), "Create", { attempt: async (given) => {
      await this.context.data.createProject(given.get("name"));
      return given;
    } });
    return answer ? this.actions.project(answer.get("name")) : this.list();
  }
}

/**
 * Scroll a link of the views into sight: on a phone they are wider than the screen. Not by scrollIntoView, after which
 * the first Tab goes on behind the link, past the way to the work.
 */
function uncover(link) {
  const views = link.parentElement;
  const [seen, at] = [views.getBoundingClientRect(), link.getBoundingClientRect()];
  if (at.left < seen.left) views.scrollLeft -= seen.left - at.left;
  else if (at.right > seen.right) views.scrollLeft += at.right - seen.right;
}

/** Put values into a list of suggestions, unless they stand there already: a list being looked at must not close. */
function offer(list, values, named = () => null) {
  const mark = values.join("\n");
  if (list.dataset.mark === mark) return;
  list.dataset.mark = mark;
  replace(list, values.map((value) => h("option", { value }, named(value))));
}
