// Choosing an item by its title: a field that suggests while one types.

import { h, replace } from "../text/dom.js";
import { notice } from "../notices.js";
import { drawing, settled } from "../text/keep.js";

const PAUSE_MS = 150;
const MOST = 12;
const ID = /\bwi_[a-z2-7]{7}\b/;

/** A field that calls `chosen(id)`; `label` names it, `field` keeps what is typed through a redraw, `told` gets refusals. */
export function picker(context, label, field, chosen, told = (text) => notice(text, { kind: "error" })) {
  const list = h("datalist", { id: `for-${field}` });
  let timer = null;
  let found = [];

  const suggest = async (text) => {
    try {
      const local = [...context.work.rows.values()].filter((row) => row.title.toLowerCase().includes(text.toLowerCase()) || row.id === text).slice(0, MOST);
      found = local.length ? local : (await context.data.page({ text: `${text.replace(/["*]/g, " ").trim()}*`, sort: "relevance" }, null)).items.slice(0, MOST);
      replace(list, found.map((row) => h("option", { value: row.id }, row.title)));
    } catch (error) {
      told(error.text || error.message);
    }
  };

  const typing = (event) => {
    clearTimeout(timer);
    delete event.target.dataset.asked;
    const text = event.target.value.trim();
    if (text.length > 1 && !ID.test(text)) timer = setTimeout(() => suggest(text), PAUSE_MS);
  };

  const done = async ({ target }) => {
    const text = target.value.trim();
    if (drawing.now || !text || target.dataset.asked === text) return;
    target.dataset.asked = text;
    // what was put back after a drawing has no suggestions yet
    if (!found.length && !ID.test(text)) await suggest(text);
    const same = found.filter((row) => row.title.toLowerCase() === text.toLowerCase());
    const id = ID.exec(text)?.[0] ?? (same.length === 1 ? same[0].id : null);
    if (id) {
      target.value = "";
      settled(target);
      chosen(id);
    } else told(`“${text}” is no item's id or title; choose one that is suggested while you type.`);
  };

  // in a form, Enter chooses the item and does not send the form
  const entered = (event) => {
    if (event.key !== "Enter" || !event.target.value.trim()) return;
    event.preventDefault();
    done(event);
  };

  return h("span", { class: "picker" }, h("input", { list: list.id, "aria-label": label, placeholder: "title or id…", autocomplete: "off", "data-field": field, oninput: typing, onfocus: typing, onchange: done, onkeydown: entered, dir: "auto" }), list);
}
