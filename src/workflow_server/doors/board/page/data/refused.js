// What every adapter throws when the server says no.

import { ofTheBoard } from "../words.js";

export class Refused extends Error {
  /** `code` for programs, `message` what happened, `hint` what to do; `details` is the whole answer. */
  constructor(code, message, hint = "", details = {}) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.details = details;
  }

  get text() {
    return ofTheBoard(`${this.message} ${this.hint}`.trim());
  }

  /** The section of the documentation that tells more, as the server names it. */
  get see() {
    return this.details.see || "";
  }
}
