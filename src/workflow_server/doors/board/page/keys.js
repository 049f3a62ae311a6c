// Single keys for what is done often. Who types by voice can switch them off (WCAG 2.1.4).

import { h } from "./text/dom.js";
import { create } from "./create.js";
import { ask } from "./dialog.js";
import { dismiss } from "./notices.js";
import { VIEW_NAMES } from "./words.js";

const VIEWS = Object.keys(VIEW_NAMES);
const KEYS = [
  ["/", "search"],
  ["n", "new item"],
  ["1 … 5", "board, tree, dependencies, timeline, statistics"],
  ["?", "these keys"],
  ["← ↑ ↓ →", "from card to card, Home and End to the first and last of a column; Enter opens it, Tab goes on to the next column"],
  ["Alt ← →", "move a card to the column beside it"],
  ["Escape", "close a dialog or an error, leave the search, give up an edit, drop a dragged card where it was"],
];
const SINGLE = 4;

/** Listen to the keys of the whole page. */
export function listen(context) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") dismiss();
    const act = wanted(event.key, context);
    if (!act || off()) return;
    event.preventDefault();
    act();
  });
}

function wanted(key, context) {
  if (key === "/") return () => document.querySelector('input[type="search"]').focus();
  if (key === "n") return () => create(context);
  if (key === "?") return () => tell(context);
  return VIEWS[Number(key) - 1] && (() => { location.hash = `#/${VIEWS[Number(key) - 1]}`; });
}

/** The keys, the switch for them, which holds from the moment it is turned, and the way to the troubleshooting page. */
export function tell(context) {
  const box = h("input", { type: "checkbox", name: "keys", checked: !off(), onchange: () => turn(box.checked ? "on" : "off") });
  return ask("Keys", [
    h("dl", { class: "keys" }, KEYS.map(([key, what], at) => h("div", { class: at < SINGLE ? "single" : null }, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))),
    h("label", { class: "beside" }, box, "Use the first four, which are single keys"),
    context.data.troubleshooting ? h("p", {}, "Something is wrong? ", h("a", { href: "#/help", onclick: () => box.closest("dialog").close() }, "Troubleshooting")) : null,
  ], "Done", { cancel: null });
}

function turn(to) {
  try {
    localStorage.setItem("keys", to);
  } catch {
    switched = to;
  }
}

let switched = "on";

function off() {
  try {
    return (localStorage.getItem("keys") || switched) === "off";
  } catch {
    return switched === "off"; // a sandboxed page may not keep anything
  }
}
