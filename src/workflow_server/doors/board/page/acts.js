// What a person does to an item, from any view: move it, and what to do when the server says no.

import { h } from "./text/dom.js";
import { ask, failed, notice, speak } from "./notices.js";
import { STATUS_NAMES } from "./words.js";

/** Change an item's status. When something of it is open, ask for a reason and try again with it. */
export async function move(context, row, status) {
  if (row.status === status) return false;
  const was = row.status;
  context.work.rows.set(row.id, { ...row, status });
  context.work.tell(new Set([row.id]));
  try {
    await change(context, row.id, { status });
    notice(`${row.title}: ${STATUS_NAMES[status].toLowerCase()}`, { action: { label: "Undo", run: () => undo(context, { id: row.id }) }, kind: "plain" });
    return true;
  } catch (error) {
    context.work.rows.set(row.id, { ...row, status: was });
    context.work.tell(new Set([row.id]));
    failed(error);
    return false;
  }
}

/** Update an item; the gate of completion is told and can be overridden with a reason. */
export async function change(context, id, changes) {
  try {
    return await apply(context, id, changes);
  } catch (error) {
    if (error.code !== "not_done") throw error;
    const answer = await ask("Something is still open",
      [h("p", {}, error.message), h("label", {}, "Complete it anyway, because", h("input", { name: "reason", required: true, maxlength: 500 }))], "Complete anyway");
    if (!answer) throw error;
    return apply(context, id, { ...changes, override_reason: answer.get("reason") });
  }
}

async function apply(context, id, changes) {
  const item = await context.data.update(id, changes);
  context.work.put(item);
  context.work.tell(new Set([id]));
  return item;
}

/** Take back a change and show the result. */
export async function undo(context, what) {
  try {
    const answer = await context.data.undo(what);
    speak("Taken back");
    await context.work.refresh(answer.items.map((item) => item.id));
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** The dialog for a new item, in a status or below a parent. */
export async function create(context, { parentId = "", status = "planned" } = {}) {
  const field = (label, element) => h("label", {}, label, element);
  const answer = await ask("New item", [
    field("Title", h("input", { name: "title", required: true, maxlength: 300, autofocus: true })),
    field("Description", h("textarea", { name: "description", rows: 5 })),
    h("div", { class: "pair" },
      field("Type", h("input", { name: "item_type", value: "task", list: "item-types" })),
      field("Priority", h("select", { name: "priority" }, [0, 1, 2, 3, 4].map((each) => h("option", { value: each, selected: each === 2 }, each))))),
    field("Part of (id)", h("input", { name: "parent_id", value: parentId, pattern: "wi_[a-z2-7]{7}", list: "known-parents", autocomplete: "off", placeholder: "wi_…" })),
    field("Code it is about, one reference a line", h("textarea", { name: "references", rows: 2, placeholder: "src/auth.py::login" })),
  ], "Create");
  if (!answer) return;
  const fields = { title: answer.get("title"), item_type: answer.get("item_type") || "task", priority: Number(answer.get("priority")) };
  if (answer.get("description")) fields.description = answer.get("description");
  if (status !== "planned") fields.status = status;
  if (answer.get("parent_id")) fields.parent_id = answer.get("parent_id");
  const references = answer.get("references").split("\n").map((each) => each.trim()).filter(Boolean);
  if (references.length) fields.entity_references = references;
  try {
    const made = await context.data.create(fields);
    await context.work.refresh([made.id]);
    notice("Created", { action: { label: "Open", run: () => { location.hash = `#/item/${made.id}`; } } });
  } catch (error) {
    failed(error);
  }
}
