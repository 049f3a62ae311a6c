// What a person does to an item, from any view: move it, and what to do when the server says no.

import { h } from "./text/dom.js";
import { ask } from "./dialog.js";
import { failed, notice } from "./notices.js";
import { ofTheBoard, STATUS_NAMES } from "./words.js";

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
    if (error.code === "offline") context.unsaved.add(row, { status }, { base: was });
    else failed(error);
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
      [h("p", {}, ofTheBoard(error.message)), h("label", {}, "Complete it anyway, because", h("input", { name: "reason", required: true, maxlength: 500 }))], "Complete anyway",
      { attempt: (given) => apply(context, id, { ...changes, override_reason: given.get("reason") }) });
    if (!answer) throw error;
    return answer;
  }
}

async function apply(context, id, changes) {
  const item = await context.data.update(id, changes);
  context.work.put(item);
  context.work.tell(new Set([id]));
  return item;
}

/**
 * Change an item of which somebody else may have changed the same: another field's change is no conflict, the same
 * value is none either, and of two values both are shown and a person decides. `base` is the value of the field when the
 * editing began. Answers the item as it is then, with the change or, if theirs was kept, without it.
 */
export async function settle(context, id, changes, base) {
  try {
    return await change(context, id, changes);
  } catch (error) {
    if (error.code !== "version_conflict") throw error;
    const [name] = Object.keys(changes);
    const theirs = await context.data.get(id);
    if (name in theirs && same(theirs[name], changes[name])) return theirs;
    const onTheirs = { ...changes, expected_version: theirs.version };
    if (base !== undefined && same(theirs[name], base)) return settle(context, id, onTheirs, base);
    const pair = [["Theirs", theirs[name]], ["Yours", changes[name]]].map(([title, value]) => h("div", {}, h("h3", {}, title), h("pre", { dir: "auto", tabindex: "0" }, readable(value))));
    const mine = await ask("Somebody else changed this", [h("p", {}, ofTheBoard(error.message)), h("div", { class: "pair" }, pair)], "Use mine", { cancel: "Keep theirs" });
    return mine ? settle(context, id, onTheirs, theirs[name]) : theirs;
  }
}

function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function readable(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** Take back a change, show the result, and say what was taken back. */
export async function undo(context, what) {
  try {
    const answer = await context.data.undo(what);
    const again = () => undo(context, { event: answer.event }).then((done) => done && context.work.load());
    notice(answer.told.charAt(0).toUpperCase() + answer.told.slice(1), { action: { label: "Bring it back", run: again } });
    if (answer.items.length) await context.work.refresh(answer.items.map((item) => item.id));
    else await context.work.load();  // many items are told by their number alone
    return true;
  } catch (error) {
    failed(error, { again: () => undo(context, what) });
    return false;
  }
}
