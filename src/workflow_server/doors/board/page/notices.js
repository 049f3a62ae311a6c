// What happened, told once: on the page, and spoken for those who do not see it.

import { h } from "./text/dom.js";

const SHOWN_MS = 7000;
const OFFERED_MS = 15000;

/** Say it to a screen reader. */
export function speak(text) {
  document.getElementById("spoken").textContent = text;
}

/** Show a notice: a plain one goes by itself, later when it offers an `action` {label, run}, and waits while it is pointed at. */
export function notice(text, { action = null, kind = "plain", see = "", topic = "" } = {}) {
  const close = () => box.remove();
  // said twice, shown once; of one topic the last is true
  for (const shown of [...document.getElementById("notices").children]) if (shown.dataset.text === text || (topic && shown.dataset.topic === topic)) shown.remove();
  const button = action && h("button", { onclick: () => { close(); action.run(); } }, action.label);
  const box = h("div", { class: `notice ${kind}`, "data-text": text, "data-topic": topic }, h("p", { dir: "auto" }, text, section(see)), button, h("button", { class: "quiet", "aria-label": "Close notice", onclick: close }, "×"));
  document.getElementById("notices").append(box);
  speak(text);
  if (kind === "plain") goLater(box, action ? OFFERED_MS : SHOWN_MS);
}

/** Take away the errors, which stay until somebody has seen them; or, when a topic is well again, all that was said of it. */
export function dismiss(topic = "") {
  for (const shown of document.querySelectorAll("#notices .notice")) if (topic ? shown.dataset.topic === topic : shown.matches(".error")) shown.remove();
}

/** Remove a notice after a while, but not while somebody points at it or is in it. */
function goLater(box, wait) {
  setTimeout(() => (box.matches(":hover, :focus-within") ? goLater(box, wait) : box.remove()), wait);
}

/**
 * An error as a notice, with the section that tells what to do. `what` says of which change it is, `again` tries once
 * more where that may help: when the server did not answer.
 */
export function failed(error, { what = "", again = null, topic = "" } = {}) {
  const text = error.text || error.message;
  // what was only asked goes by itself when the server is back; what was to be saved stays until it is
  if (error.code === "offline" && !again) topic ||= "offline";
  notice(what ? `${what}: ${text}` : text, { kind: "error", see: error.see, topic, action: again && error.code === "offline" ? { label: "Try again", run: again } : null });
}

/** The section of the documentation behind a text: a link on the board, its name in a host, where the page is not. */
export function section(see) {
  if (!see) return null;
  if (document.documentElement.dataset.data === "host") return h("span", { class: "where" }, ` See ${see}`);
  return [" ", h("a", { href: `#/help/${see.split("#")[1]}` }, "What to do")];
}
