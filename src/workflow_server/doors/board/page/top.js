// The bar above every view: where one is, search and filters, the project, whether the page is live.

import { h, replace } from "./text/dom.js";
import { create } from "./acts.js";
import { ask, failed } from "./notices.js";

const VIEWS = [["board", "Board"], ["tree", "Tree"], ["graph", "Dependencies"], ["timeline", "Timeline"], ["statistics", "Statistics"]];
const PAUSE_MS = 180;

export class Top {
  constructor(context, actions) {
    this.context = context;
    this.actions = actions;
    this.live = h("span", { class: "live", role: "status" }, "connecting");
    this.links = VIEWS.map(([name, label]) => h("a", { href: `#/${name}`, "data-view": name }, label));
    this.projects = h("select", { "aria-label": "Project", onchange: (event) => this.chosen(event.target.value) });
    this.counted = h("span", { class: "counted" });
    this.types = h("datalist", { id: "item-types" });
  }

  draw(element) {
    const { filters } = this.context.work;
    const filter = (name, label) => h("label", {}, h("span", { class: "unseen" }, label), h("input", { name, placeholder: label.toLowerCase(), value: filters[name], list: name === "item_type" ? "item-types" : null, oninput: (event) => this.later(name, event.target.value) }));
    replace(element,
      h("div", { class: "line" }, h("nav", { "aria-label": "Views" }, this.links), this.projects, this.live,
        h("button", { class: "main", onclick: () => create(this.context) }, "New item"),
        h("button", { class: "quiet", onclick: () => this.actions.theme(), "aria-label": "Light or dark" }, "◐")),
      h("form", { class: "line filters", role: "search", onsubmit: (event) => event.preventDefault() },
        h("label", { class: "search" }, h("span", { class: "unseen" }, "Search"), h("input", { type: "search", name: "text", placeholder: "Search titles, texts, notes… ( / )", value: filters.text, oninput: (event) => this.later("text", event.target.value) })),
        filter("item_type", "Type"), filter("label", "Label"), filter("assignee", "Assignee"), filter("reference", "Path"),
        h("label", {}, h("span", { class: "unseen" }, "Which items"), h("select", { name: "view", onchange: (event) => this.later("view", event.target.value) },
          [["all", "all items"], ["ready", "ready"], ["blocked", "blocked"]].map(([value, label]) => h("option", { value, selected: filters.view === value }, label)))),
        this.counted, this.types));
  }

  later(name, value) {
    this.context.work.filters[name] = value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.actions.load(), PAUSE_MS);
  }

  at(view) {
    for (const link of this.links) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  count() {
    const { work } = this.context;
    this.counted.textContent = work.complete ? `${work.rows.size} items` : `${work.rows.size} of ${work.total ?? "…"} items`;
  }

  state(name) {
    this.live.className = `live is-${name}`;
    this.live.textContent = name === "live" ? "live" : "not connected";
  }

  async list() {
    try {
      const answer = await this.context.data.projects();
      const names = answer.projects.filter((each) => !each.archived).map((each) => each.name);
      const current = this.context.work.project || this.context.data.project;
      if (current && !names.includes(current)) names.push(current);
      replace(this.projects, names.map((name) => h("option", { value: name, selected: name === current }, name)), h("option", { value: "" }, "New project…"));
      const types = await this.context.data.types();
      replace(this.types, types.map((type) => h("option", { value: type.name })));
    } catch (error) {
      failed(error);
    }
  }

  async chosen(name) {
    if (name) return this.actions.project(name);
    const answer = await ask("New project", h("label", {}, "Name", h("input", { name: "name", required: true, pattern: "[a-z0-9]+(-[a-z0-9]+)*", maxlength: 50 })), "Create");
    if (!answer) return this.list();
    try {
      await this.context.data.createProject(answer.get("name"));
      return this.actions.project(answer.get("name"));
    } catch (error) {
      failed(error);
      return this.list();
    }
  }
}
