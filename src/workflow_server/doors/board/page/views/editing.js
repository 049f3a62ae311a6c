// A part of an item's page that becomes a form.

import { h, replace } from "../text/dom.js";
import { draftOf, forget, remember } from "../text/drafts.js";
import { notice } from "../notices.js";

/**
 * A part that becomes a form when asked; saving says which version was seen, so that a conflict is noticed. A text that
 * is left without being saved stands there again when the part is edited the next time.
 */
export function editable(page, name, value, shown, make) {
  const edit = h("button", { class: "quiet", "data-field": `edit-${name}`, "aria-label": `Edit the ${name}`, onclick: () => open() }, "Edit");
  const frame = h("div", { class: "editable" }, shown, edit);
  const draft = `${name} ${page.id}`;
  const open = () => {
    const input = make();
    const version = page.item.version;
    const before = draftOf(draft);
    if (before !== null) input.value = before;
    const afresh = h("button", { type: "button", class: "quiet", onclick: () => { input.value = value; forget(draft); again.remove(); input.focus(); } }, "Take the stored text");
    const again = before === null ? null : h("p", { class: "where" }, "What you typed before stands here again. ", afresh);
    const close = () => {
      if (draftOf(draft) !== null) notice("What you typed is kept, and stands there when you edit it again.");
      replace(frame, shown, edit);
      edit.focus();
      if (page.outdated) { page.outdated = false; page.show(); }
    };
    input.addEventListener("input", () => (input.value === value ? forget(draft) : remember(draft, input.value)));
    const form = h("form", { class: "editing", onsubmit: async (event) => {
      event.preventDefault();
      if (input.value === value) return close();
      if (!(await page.save({ [name]: input.value, expected_version: version }, { form, base: value }))) return;
      forget(draft);
      page.element.querySelector(`[data-field="edit-${name}"]`)?.focus({ preventScroll: true });
    } }, again, input, h("div", { class: "buttons" }, h("button", { class: "main" }, "Save"), h("button", { type: "button", onclick: close }, "Cancel")));
    form.addEventListener("keydown", (event) => event.key === "Escape" && close());
    replace(frame, form);
    input.focus();
  };
  return frame;
}
