// A field of a form that holds another item: chosen by its title, shown by it, sent as its id.

import { h, replace } from "../text/dom.js";
import { picker } from "./picker.js";

/** The field `name`; `label` is told of it, `id` is what it holds at first, "" for nothing. */
export function choice(context, name, label, id = "") {
  const held = h("input", { type: "hidden", name, value: id });
  const shown = h("span", { class: "choice" });
  const told = h("span", { class: "refused", role: "alert" });
  const set = (chosen) => {
    held.value = chosen;
    held.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
    shown.querySelector("button, input")?.focus();
  };
  const draw = async () => {
    replace(told);
    if (!held.value) return replace(shown, picker(context, label, `choice-${name}`, set, (text) => replace(told, text)));
    const title = h("span", { dir: "auto" }, context.work.titles.get(held.value) || held.value);
    replace(shown, h("span", { class: "chip" }, title, h("button", { type: "button", class: "quiet", "aria-label": `${label}: no longer ${title.textContent}`, onclick: () => set("") }, "×")));
    if (!context.work.titles.has(held.value)) title.textContent = await context.work.title(held.value);
    return shown;
  };
  held.addEventListener("filled", draw);
  draw();
  return [held, shown, told];
}
