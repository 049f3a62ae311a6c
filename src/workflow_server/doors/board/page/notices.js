// What happened, told once: on the page, and spoken for those who do not see it.

import { h } from "./text/dom.js";

const SHOWN_MS = 7000;
const OFFERED_MS = 15000;

/** Say it to a screen reader. */
export function speak(text) {
  document.getElementById("spoken").textContent = text;
}

/** Show a notice: a plain one goes by itself, later when it offers an `action` {label, run}, and waits while it is pointed at. */
export function notice(text, { action = null, kind = "plain", see = "" } = {}) {
  const close = () => box.remove();
  // said twice, shown once
  for (const shown of document.getElementById("notices").children) if (shown.dataset.text === text) shown.remove();
  const button = action && h("button", { onclick: () => { close(); action.run(); } }, action.label);
  const box = h("div", { class: `notice ${kind}`, "data-text": text }, h("p", { dir: "auto" }, text, section(see)), button, h("button", { class: "quiet", "aria-label": "Close notice", onclick: close }, "×"));
  document.getElementById("notices").append(box);
  speak(text);
  if (kind === "plain") goLater(box, action ? OFFERED_MS : SHOWN_MS);
}

/** Take away the errors, which stay until somebody has seen them. */
export function dismiss() {
  for (const shown of document.querySelectorAll("#notices .error")) shown.remove();
}

/** Remove a notice after a while, but not while somebody points at it or is in it. */
function goLater(box, wait) {
  setTimeout(() => (box.matches(":hover, :focus-within") ? goLater(box, wait) : box.remove()), wait);
}

/**
 * An error as a notice, with the section that tells what to do. `what` says of which change it is, `again` tries once
 * more where that may help: when the server did not answer.
 */
export function failed(error, { what = "", again = null } = {}) {
  const text = error.text || error.message;
  notice(what ? `${what}: ${text}` : text, { kind: "error", see: error.see, action: again && error.code === "offline" ? { label: "Try again", run: again } : null });
}

/** The section of the documentation behind a text: a link on the board, its name in a host, where the page is not. */
export function section(see) {
  if (!see) return null;
  if (document.documentElement.dataset.data === "host") return h("span", { class: "where" }, ` See ${see}`);
  return [" ", h("a", { href: `#/help/${see.split("#")[1]}` }, "What to do")];
}
