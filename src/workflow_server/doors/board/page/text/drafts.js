// What a person has typed and not yet sent, by a name, for as long as the window is open, through reloads as well.

const kept = new Map();
const PREFIX = "draft ";

/** Keep `value`, plain JSON, under a name. */
export function remember(name, value) {
  kept.set(name, value);
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // a sandboxed page may not keep anything longer than itself
  }
}

/** What is kept under a name, or null. */
export function draftOf(name) {
  if (kept.has(name)) return kept.get(name);
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keep nothing under a name any more. */
export function forget(name) {
  kept.delete(name);
  try {
    sessionStorage.removeItem(PREFIX + name);
  } catch {
    // nothing was kept
  }
}
