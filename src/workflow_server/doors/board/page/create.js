// The dialog for a new item.

import { h } from "./text/dom.js";
import { ask } from "./dialog.js";
import { notice } from "./notices.js";
import { choice } from "./views/choice.js";
import { PRIORITY_NAMES, STATUS_NAMES } from "./words.js";

/** Ask for a new item, in a status or below a parent, and make it. */
export async function create(context, { parentId = "", status = "planned" } = {}) {
  const field = (label, element) => h("label", {}, label, element);
  const title = status === "planned" ? "New item" : `New item, ${STATUS_NAMES[status].toLowerCase()}`;
  const made = await ask(title, [
    field("Title", h("input", { name: "title", required: true, maxlength: 300, autofocus: true, dir: "auto", autocomplete: "off" })),
    field("Description, Markdown", h("textarea", { name: "description", rows: 5, dir: "auto" })),
    h("div", { class: "pair" },
      field("Type", h("input", { name: "item_type", value: "task", list: "item-types", autocomplete: "off" })),
      field("Priority", h("select", { name: "priority" }, PRIORITY_NAMES.map((name, each) => h("option", { value: each, selected: each === 2 }, name)))),
      field("Labels, separated by commas", h("input", { name: "labels", dir: "auto", autocomplete: "off" })),
      field("Assignee", h("input", { name: "assignee", list: "known-people", dir: "auto", autocomplete: "off" }))),
    h("div", { class: "asked" }, h("span", {}, "Part of"), choice(context, "parent_id", "Part of", parentId)),
    field("Code it is about, one reference a line", h("textarea", { name: "references", rows: 2, placeholder: "src/auth.py::login", spellcheck: "false" })),
  ], "Create", { draft: `new item in ${context.work.project}`, attempt: (answer) => context.data.create(wanted(answer, status)) });
  if (!made) return;
  notice(`Created “${made.title}”`, { action: { label: "Open", run: () => { location.hash = `#/item/${made.id}`; } } });
  await context.work.refresh([made.id]);
}

/** The fields of the form as the service takes them: what is empty is left out. */
function wanted(answer, status) {
  const listed = (name, between) => answer.get(name).split(between).map((each) => each.trim()).filter(Boolean);
  const given = {
    title: answer.get("title").trim(), item_type: answer.get("item_type").trim() || "task", priority: Number(answer.get("priority")),
    description: answer.get("description"), assignee: answer.get("assignee").trim(), parent_id: answer.get("parent_id"),
    labels: listed("labels", ","), entity_references: listed("references", "\n"), status: status === "planned" ? "" : status,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "" && value.length !== 0));
}
