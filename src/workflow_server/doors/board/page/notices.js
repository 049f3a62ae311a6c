// What happened, told once: on the page, and spoken for those who do not see it.

import { h } from "./text/dom.js";

const SHOWN_MS = 7000;

/** Say it to a screen reader. */
export function speak(text) {
  document.getElementById("spoken").textContent = text;
}

/** Show a notice; with `action` {label, run} it stays until it is used or closed. */
export function notice(text, { action = null, kind = "plain" } = {}) {
  const close = () => box.remove();
  const button = action && h("button", { onclick: () => { close(); action.run(); } }, action.label);
  const box = h("div", { class: `notice ${kind}` }, h("p", {}, text), button, h("button", { class: "quiet", "aria-label": "Close notice", onclick: close }, "×"));
  document.getElementById("notices").append(box);
  speak(text);
  if (kind === "plain") setTimeout(close, SHOWN_MS);
}

/** An error as a notice. */
export function failed(error) {
  notice(error.text || error.message, { kind: "error" });
}

/** Ask in a dialog; `body` are elements of a form. Answers the form's data, or null when it was closed. */
export function ask(title, body, confirm, cancel = "Cancel") {
  return new Promise((resolve) => {
    const form = h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), body,
      h("div", { class: "buttons" },
        h("button", { type: "button", onclick: () => dialog.close() }, cancel),
        h("button", { type: "submit", class: "main", value: "yes" }, confirm)));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      resolve(new FormData(form));
      dialog.close();
    });
    dialog.addEventListener("close", () => { resolve(null); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
