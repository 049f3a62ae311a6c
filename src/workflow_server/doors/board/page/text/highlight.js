// Colours for code: comments, texts, numbers and keywords, told apart by the few rules most languages share.

import { h } from "./dom.js";

const KEYWORDS = new Set(
  ("abstract and as async await auto base begin bool break case catch char class const constexpr continue def default defer " +
    "defmodule del delegate delete do double elif else elsif end ensure enum except explicit export extends extern false " +
    "final finally float fn for foreach from func function global go goto if impl implements import in include inline int " +
    "interface internal is lambda let local long loop match mod module move mut mutable namespace new nil none None not null " +
    "object operator or out override package pass private protected protocol pub public raise readonly rec ref repeat require " +
    "rescue return Self self sealed select short signed sizeof static string struct super switch template then this throw " +
    "throws trait true True False try type typedef typeof union unless unsafe unsigned until use using val var virtual void " +
    "volatile when where while with yield").split(" "),
);
const HASH = new Set(["py", "python", "rb", "ruby", "sh", "bash", "yaml", "yml", "toml", "ex", "exs", "elixir", "pl", "r", "make", "dockerfile"]);
const DASH = new Set(["sql", "lua", "hs", "haskell", "elm", "ada"]);
const SCRIPT = /("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\.|[^`\\])*`?)|(\b\d[\w.]*)|([A-Za-z_$][\w$]*)/g;
const COMMENTS = { hash: /#[^\n]*/y, dash: /--[^\n]*/y, slash: /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y };
const LONGEST = 20000;

/** A `code` element with its parts marked; `language` is a name or a file's ending. */
export function highlighted(code, language = "") {
  const element = h("code", {});
  if (code.length > LONGEST || language === "text" || language === "md") {
    element.append(code);
    return element;
  }
  const kind = HASH.has(language) ? "hash" : DASH.has(language) ? "dash" : "slash";
  for (const [name, text] of parts(code, COMMENTS[kind])) element.append(name ? h("span", { class: `code-${name}` }, text) : text);
  return element;
}

/** Code as (kind, text) pairs; joined they are the code again. */
function parts(code, comment) {
  const found = [];
  let at = 0;
  let plain = 0;
  const push = (kind, end) => {
    if (at > plain) found.push([null, code.slice(plain, at)]);
    found.push([kind, code.slice(at, end)]);
    at = plain = end;
  };
  while (at < code.length) {
    comment.lastIndex = at;
    const commented = comment.exec(code);
    if (commented) {
      push("comment", at + commented[0].length);
      continue;
    }
    SCRIPT.lastIndex = at;
    const match = SCRIPT.exec(code);
    if (!match) break;
    const next = nextComment(code, comment, at, match.index);
    if (next !== null) {
      at = next;
      continue;
    }
    at = match.index;
    const kind = match[1] ? "text" : match[2] ? "number" : KEYWORDS.has(match[3]) ? "keyword" : null;
    if (kind) push(kind, at + match[0].length);
    else at += match[0].length;
  }
  if (plain < code.length) found.push([null, code.slice(plain)]);
  return found;
}

/** Where a comment begins between two places, if one does. */
function nextComment(code, comment, from, to) {
  for (let place = from + 1; place < to; place += 1) {
    comment.lastIndex = place;
    if (comment.test(code)) return place;
  }
  return null;
}

/** A language's name from a path. */
export function languageOf(path) {
  const name = (path || "").split("/").at(-1).toLowerCase();
  return name.includes(".") ? name.split(".").at(-1) : name;
}
