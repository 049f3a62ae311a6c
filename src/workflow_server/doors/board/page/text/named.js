// Texts of the server that name items by id: told by title, as links.

import { h } from "./dom.js";

const ID = /(wi_[a-z2-7]{7})/;

/** The text with each item's id as a link of its title, as `name(id)` knows it; a title that follows is not told twice. */
export function named(text, name) {
  const parts = text.split(ID);
  return parts.flatMap((part, at) => {
    if (at % 2) return [h("a", { href: `#/item/${part}`, dir: "auto" }, name(part))];
    const told = at ? ` '${name(parts[at - 1])}'` : "";
    return [told && part.startsWith(told) ? part.slice(told.length) : part];
  });
}
