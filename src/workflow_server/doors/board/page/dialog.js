// A dialog that asks. What was typed in it is not lost: neither by a refusal, nor by closing it.

import { h, replace } from "./text/dom.js";
import { draftOf, forget, remember } from "./text/drafts.js";
import { notice, section, speak } from "./notices.js";

let number = 0;

/**
 * Ask in a dialog; `body` are elements of a form, `cancel` null leaves only the one button. Answers the form's data, or
 * null when it was closed. `attempt(data)` does what is asked for, and its value is the answer: while it throws, the
 * dialog stays open and says why. `draft` names what was typed: closed without an answer, it stands there again the next time.
 */
export function ask(title, body, confirm, { cancel = "Cancel", attempt = null, draft = "" } = {}) {
  return new Promise((resolve) => {
    number += 1;
    const heading = `dialog-${number}`; // one may open above another
    const refused = h("div", { role: "alert" });
    const send = h("button", { type: "submit", class: "main", value: "yes" }, confirm);
    const again = h("div", {});
    const form = h("form", { method: "dialog" }, h("h2", { id: heading }, title), again, body, refused,
      h("div", { class: "buttons" }, cancel && h("button", { type: "button", onclick: () => dialog.close() }, cancel), send));
    const dialog = h("dialog", { "aria-labelledby": heading }, form);
    const offered = values(form);
    let answer = null;
    let busy = false;
    if (draft) {
      putBack(form, again, offered, draft);
      form.addEventListener("input", () => keep(form, offered, draft));
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return; // pressed twice it is still done once
      busy = true;
      try {
        answer = attempt ? await attempt(new FormData(form)) : new FormData(form);
        dialog.close();
      } catch (error) {
        replace(refused, h("p", { class: "refused" }, error.text || error.message, section(error.see)));
        speak(error.text || error.message);
      } finally {
        busy = false;
      }
    });
    dialog.addEventListener("close", () => {
      if (draft && answer) forget(draft);
      else if (draft && keep(form, offered, draft)) notice("What you typed is kept, and stands there when you open it again.");
      resolve(answer);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function values(form) {
  return Object.fromEntries([...form.elements].filter((field) => field.name).map((field) => [field.name, field.value]));
}

function fill(form, given) {
  for (const [name, value] of Object.entries(given)) {
    const field = form.elements[name];
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("filled"));
  }
}

function putBack(form, again, offered, draft) {
  const before = draftOf(draft);
  if (!before) return;
  fill(form, before);
  const afresh = h("button", { type: "button", class: "quiet", onclick: () => { fill(form, offered); forget(draft); replace(again); } }, "Start afresh");
  replace(again, h("p", { class: "where" }, "What you typed before stands here again. ", afresh));
}

/** Keep what differs from what was offered; answers whether anything does. */
function keep(form, offered, draft) {
  const typed = Object.fromEntries(Object.entries(values(form)).filter(([name, value]) => value !== offered[name]));
  if (Object.keys(typed).length) remember(draft, typed);
  else forget(draft);
  return Object.keys(typed).length > 0;
}
