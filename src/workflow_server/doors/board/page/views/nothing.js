// What a view says when it has nothing to show, and how to go on from there.

import { h } from "../text/dom.js";
import { create } from "../create.js";

/** Nothing matches the filters, or nothing is there at all yet. */
export function nothing(context) {
  if (context.work.filtered) return h("div", { class: "nothing" }, h("p", {}, "Nothing matches."), h("button", { onclick: () => context.clear() }, "Clear the filters"));
  return h("div", { class: "nothing" }, h("p", {}, "Nothing here yet."),
    h("button", { class: "main", onclick: () => create(context) }, "Make the first item"),
    h("p", { class: "where" }, "Agents add items with ", h("code", {}, "create_work_item"), "; ", h("code", {}, "workflow-server import"), " brings those of another tracker. They show here at once."));
}
