// An item's code: each reference with its state, the code beside it, and what can be done about it.

import { h } from "../text/dom.js";
import { rowsOf, sideBySide } from "../text/diff.js";
import { highlighted, languageOf } from "../text/highlight.js";
import { ask } from "../dialog.js";
import { failed } from "../notices.js";
import { place, STATE_WORDS, when } from "../words.js";

const ROLES = ["about", "test", "evidence", "introduced-by"];
const FEW_LINES = 12;

/** The section of an item's references; `acts` apply a decision, `relink(ref, to)`, or `add(reference, input)` one more. */
export function references(item, acts) {
  const details = item.reference_details || [];
  return h("section", { class: "references" }, h("h2", {}, "Code", details.length > 1 ? h("span", { class: "count" }, ` ${summary(details)}`) : null),
    details.length ? details.map((detail) => one(detail, acts.relink)) : h("p", { class: "empty" }, "No code is named."),
    adding(acts.add));
}

function summary(details) {
  const counts = new Map();
  for (const { state } of details) counts.set(state || "unresolved", (counts.get(state || "unresolved") || 0) + 1);
  return Object.keys(STATE_WORDS).filter((state) => counts.has(state)).map((state) => `${counts.get(state)} ${STATE_WORDS[state]}`).join(", ");
}

function adding(add) {
  const send = (event) => {
    event.preventDefault();
    const { ref, role } = event.target.elements;
    add(role.value === "about" ? ref.value.trim() : { ref: ref.value.trim(), role: role.value }, ref);
  };
  return h("form", { class: "line", onsubmit: send },
    h("input", { name: "ref", "data-field": "new-reference", required: true, "aria-label": "Code to name", placeholder: "path::Symbol, path:line, path, or a chunk id", autocomplete: "off", spellcheck: "false" }),
    h("select", { name: "role", "aria-label": "What the code is to it" }, ROLES.map((role) => h("option", { value: role }, role))), h("button", {}, "Add"));
}

function one(detail, relink) {
  const state = detail.state || "unresolved";
  return h("article", { class: `reference ${state}`, "data-state": state },
    h("header", {}, h("span", { class: `pill state ${state}` }, STATE_WORDS[state] || state), " ", named(detail),
      detail.role && detail.role !== "about" ? h("span", { class: "type" }, detail.role) : null),
    where(detail, state), code(detail, state), candidates(detail, relink), buttons(detail, state, relink));
}

/** What a person knows the code by; a chunk's id says nothing by itself, so its symbol and file stand before it. */
function named(detail) {
  const { symbol, file_path: path } = { ...known(detail), ...Object.fromEntries(Object.entries(detail).filter(([, value]) => value)) };
  const id = h("code", {}, detail.ref);
  if (!path || detail.ref.includes(path)) return id;
  return [h("strong", {}, symbol || path), " ", h("span", { class: "where" }, id)];
}

function known(detail) {
  return detail.was || {};
}

function where(detail, state) {
  const now = place(detail);
  const was = place(known(detail));
  const told = [];
  if (state === "moved") told.push(`Now at ${now}${was ? `, was at ${was}` : ""}.`);
  else if (state === "stale") told.push(`Last seen at ${was || now || "an unknown place"}.`);
  else if (now && now !== detail.ref) told.push(`At ${now}.`);
  if (state === "changed" && typeof detail.similarity === "number") told.push(`${Math.round(detail.similarity * 100)} % as it was.`);
  if (state === "changed" && detail.moved_to) told.push(`Moved from ${was}.`);
  if (detail.last) told.push(`Last known: ${STATE_WORDS[detail.last.state] || detail.last.state}${detail.last.at ? `, ${when(detail.last.at)}` : ""}.`);
  if (detail.reason) told.push(detail.reason);
  return told.length ? h("p", { class: "where" }, told.join(" ")) : null;
}

function code(detail, state) {
  const language = languageOf(detail.file_path || known(detail).file_path);
  if (detail.diff) return withKey(sideBySide(rowsOf(detail.diff), language, known(detail).start_line, detail.start_line), `diff ${detail.ref}`);
  const text = (detail.content || known(detail).content || detail.code || "").replace(/\n+$/, "");
  if (!text) return null;
  const label = state === "stale" ? "The code as it was last seen" : "The code";
  return h("details", { open: state !== "valid" || text.split("\n").length < FEW_LINES, "data-keep": `code ${detail.ref}` }, h("summary", {}, label),
    h("pre", { "data-keep": `lines ${detail.ref}`, tabindex: "0", role: "region", "aria-label": label }, numbered(text, language, detail.start_line || known(detail).start_line || 1)));
}

function withKey(element, key) {
  element.dataset.keep = key;
  return element;
}

function numbered(text, language, first) {
  const count = text.split("\n").length;
  const numbers = Array.from({ length: count }, (_, at) => first + at).join("\n");
  return [h("span", { class: "numbers-column", "aria-hidden": "true" }, numbers), highlighted(text, language)];
}

function candidates(detail, relink) {
  if (!detail.candidates?.length) return null;
  return h("div", { class: "candidates" }, h("p", {}, "It may be one of these:"),
    h("ul", {}, detail.candidates.slice(0, 5).map((candidate) => {
      const score = candidate.score ?? candidate.similarity;
      const name = place(candidate) || candidate.chunk_id;
      return h("li", {}, h("button", { onclick: () => relink(detail.ref, candidate.chunk_id) }, "Take this"), " ", h("code", {}, name), typeof score === "number" ? ` ${Math.round(score * 100)} % alike` : null);
    })));
}

function buttons(detail, state, relink) {
  const other = async () => {
    const answer = await ask("Another reference", h("label", {}, "path::Symbol, path:line, path, or a chunk id", h("input", { name: "ref", required: true, value: detail.ref })), "Relink");
    if (answer) relink(detail.ref, answer.get("ref"));
  };
  return h("div", { class: "buttons" },
    (state === "changed" || state === "moved") && h("button", { onclick: () => relink(detail.ref, "accept") }, "Accept as it is now"),
    h("button", { onclick: other }, "Relink…"),
    h("button", { onclick: () => relink(detail.ref, "drop") }, "Drop"));
}

/** Apply a decision about a reference and show the item anew. */
export async function applyRelink(context, id, ref, to, show) {
  try {
    await context.data.check({ ids: [id], relink: [{ id, ref, to }] });
    await show();
  } catch (error) {
    failed(error);
  }
}
