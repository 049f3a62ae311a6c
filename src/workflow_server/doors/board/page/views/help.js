// What to do when something is wrong: the troubleshooting page, opened at the section that an error names.

import { h, replace } from "../text/dom.js";
import { markdown } from "../text/markdown.js";

export class Help {
  constructor(context, section) {
    this.context = context;
    this.section = section;
    this.element = h("article", { class: "help" }, h("p", { class: "empty" }, "Reading…"));
  }

  async show() {
    try {
      const text = await this.context.data.troubleshooting();
      replace(this.element, markdown(within(text), { top: 0 }));
    } catch (error) {
      replace(this.element, h("h1", {}, "Not to be shown"), h("p", {}, error.text || error.message));
      return;
    }
    for (const heading of this.element.querySelectorAll("h2, h3, h4")) heading.id = `help-${anchor(heading.textContent)}`;
    const wanted = this.section && document.getElementById(`help-${this.section}`);
    if (!wanted) return;
    wanted.classList.add("wanted");
    wanted.tabIndex = -1;
    wanted.focus({ preventScroll: true });
    wanted.scrollIntoView({ block: "start" });
  }

  close() {}
}

/** Links to sections lead to sections here; the other pages and the pictures are not on the board. */
function within(text) {
  return text.replace(/^!\[.*\)\n/gm, "").replace(/\]\(#([\w-]+)\)/g, "](#/help/$1)").replace(/\[([^\]]+)\]\((?!#)[^)\s]+\)/g, "$1");
}

/** The anchor of a heading, as documentation sites make it. */
function anchor(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}_\s-]/gu, "").trim().replace(/[-\s]+/g, "-");
}
