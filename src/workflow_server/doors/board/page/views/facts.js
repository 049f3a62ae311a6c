// An item's facts, changed where they stand, and what is around it.

import { h } from "../text/dom.js";
import { ask } from "../dialog.js";
import { drawing, settled, typed } from "../text/keep.js";
import { named } from "../text/named.js";
import { dayOf, dueOn, isLate, LINK_WORDS, PRIORITY_NAMES, STATUSES, STATUS_NAMES, timeOf, when } from "../words.js";
import { picker } from "./picker.js";

const STAMP = /\b\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** The facts of an item; `page` saves and knows names. */
export function facts(page, item) {
  const choice = (name, values, names) => h("select", { "data-field": name, onchange: (event) => page.save({ [name]: name === "priority" ? Number(event.target.value) : event.target.value }) },
    values.map((value, at) => h("option", { value, selected: value === item[name] }, names[at])));
  const line = (name, attributes = {}) => h("input", { "data-field": name, value: Array.isArray(item[name]) ? item[name].join(", ") : (item[name] ?? ""), autocomplete: "off", dir: "auto", ...attributes,
    onchange: (event) => committed(page, name, event.target), onblur: (event) => committed(page, name, event.target), onkeydown: (event) => event.key === "Enter" && committed(page, name, event.target) });
  const field = (label, element) => h("label", {}, h("span", {}, label), element);
  return h("section", { class: "facts-form" }, h("h2", {}, "Facts"),
    field("Status", choice("status", STATUSES, STATUSES.map((each) => STATUS_NAMES[each]))),
    item.status_reason ? h("p", { class: "where" }, item.status_reason) : null,
    item.why_blocked?.length && !item.claim ? h("ul", { class: "why" }, item.why_blocked.map((reason) => h("li", {}, named(reason.replace(STAMP, when), (id) => page.name(id))))) : null,
    field("Priority", choice("priority", [0, 1, 2, 3, 4], PRIORITY_NAMES)), field("Type", line("item_type", { list: "item-types" })),
    field("Assignee", line("assignee", { list: "known-people" })), field("Labels", line("labels", { placeholder: "separated by commas" })),
    field("Due", line("due", { type: "date", dir: null, value: item.due ? dayOf(item.due) : "" })), due(item),
    h("div", { class: "picked" }, h("span", {}, "Part of"), item.parent_id
      ? chip(page, item.parent_id, "Take it out of", () => page.save({ parent_id: null }))
      : picker(page.context, "Part of", "parent_id", (id) => page.save({ parent_id: id }))),
    h("div", { class: "picked" }, h("span", {}, "Waits for"), h("div", {}, item.blocked_by.map((id) => chip(page, id, "No longer wait for", () => page.save({ remove_blocked_by: [id] }))),
      picker(page.context, "Waits for", "blocked_by", (id) => page.save({ add_blocked_by: [id] })))),
    metadata(page, item),
    h("p", { class: "where" }, `Made ${when(item.created_at)}${item.created_by ? ` by ${item.created_by}` : ""}, changed ${when(item.updated_at)}`));
}

/** What the field for a day cannot say of a due time: its hour, and that it is over. */
function due(item) {
  if (!item.due) return null;
  const told = [isLate(item) && h("strong", { class: "late" }, "Overdue"), item.due.includes("T") && `Due at ${timeOf(item.due)}, your time`].filter(Boolean);
  return told.length ? h("p", { class: "where" }, told.flatMap((each, at) => (at ? [". ", each] : [each]))) : null;
}

/**
 * Save a field that was typed in, together with the version that was seen when typing began. A text that was put back
 * after a drawing is, to the browser, not changed: so leaving the field and Enter count as well.
 */
async function committed(page, name, input) {
  if (!input.dataset.typed || drawing.now) return;
  const { version, base } = input.dataset;
  const text = input.value;
  settled(input);
  const value = read(name, text, page.item);
  if (same(value, page.item[name] ?? null)) return;
  const saved = await page.save(version ? { [name]: value, expected_version: Number(version) } : { [name]: value }, { base: base ? JSON.parse(base) : undefined });
  if (saved || page.context.unsaved.has(page.id, name)) return;
  // refused: what was typed stays, to be put right
  const now = page.element.querySelector(`[data-field="${name}"]`);
  now.value = text;
  typed(now, version, base ? JSON.parse(base) : null);
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function read(name, text, item) {
  if (name === "due" && text) return dueOn(text, item.due);
  if (name === "labels") return text.split(",").map((each) => each.trim()).filter(Boolean);
  return text.trim() === "" && name !== "item_type" ? null : text.trim();
}

function chip(page, id, verb, remove) {
  return h("span", { class: "chip" }, h("a", { href: `#/item/${id}`, dir: "auto" }, page.name(id)), h("button", { class: "quiet", "aria-label": `${verb} ${page.name(id)}`, onclick: remove }, "×"));
}

function metadata(page, item) {
  const shown = Object.entries(item.metadata).map(([name, value]) => h("div", {}, h("dt", { dir: "auto" }, name), h("dd", { dir: "auto" }, typeof value === "object" ? JSON.stringify(value) : String(value))));
  return h("section", { class: "metadata" }, h("h3", {}, "Metadata ", h("button", { class: "quiet", "aria-label": "Edit the metadata", onclick: () => editMetadata(page, item) }, "Edit")), shown.length ? h("dl", {}, shown) : null);
}

async function editMetadata(page, item) {
  const field = h("textarea", { name: "json", rows: 12, spellcheck: "false", value: JSON.stringify(item.metadata, null, 2) });
  const attempt = (answer) => {
    let value;
    try {
      value = JSON.parse(answer.get("json"));
    } catch (error) {
      throw new Error(`That is not JSON: ${error.message}`);
    }
    // what is sent is merged into what there is: a name that is left out has to be taken away
    const gone = Object.keys(item.metadata).filter((name) => !(name in value)).map((name) => [name, null]);
    return page.stored({ metadata: { ...value, ...Object.fromEntries(gone) }, expected_version: item.version }, { base: item.metadata });
  };
  if (await ask(`Metadata of a ${item.item_type}`, h("label", {}, "A JSON object, as the type's schema wants it", field), "Save", { attempt, draft: `metadata ${item.id}` })) await page.show();
}

/** Children, dependents and links of an item. */
export function relations(page, item) {
  const group = (title, entries) => entries.length ? [h("h3", {}, title), h("ul", {}, entries.map((entry) => h("li", {}, entry)))] : null;
  const link = (id) => h("a", { href: `#/item/${id}`, dir: "auto" }, page.name(id));
  const children = (item.children || []).map((child) => [h("span", { class: `dot ${child.status}`, title: STATUS_NAMES[child.status] }), h("a", { href: `#/item/${child.id}`, dir: "auto" }, child.title), h("span", { class: "unseen" }, ` ${STATUS_NAMES[child.status]}`)]);
  const own = item.links.map((each) => [`${LINK_WORDS[each.kind] || each.kind} `, chip(page, each.id, "Unlink", () => page.save({ remove_links: [{ kind: each.kind, id: each.id }] }))]);
  const kinds = h("select", { "aria-label": "Kind of link", "data-field": "link-kind" }, Object.entries(LINK_WORDS).map(([kind, words]) => h("option", { value: kind }, words)));
  return h("section", { class: "relations" }, h("h2", {}, "Around it"), group("Below it", children), group("Waiting for it", item.blocks.map(link)),
    group("Links", [...own, ...(item.linked_from || []).map((each) => [link(each.id), ` ${LINK_WORDS[each.kind] || each.kind} this`])]),
    h("div", { class: "linking" }, kinds, picker(page.context, "Item to link", "link-to", (id) => page.save({ add_links: [{ kind: kinds.value, id }] }))));
}
