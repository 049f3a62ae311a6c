// Words shared by the views.

export const STATUSES = ["planned", "active", "blocked", "completed", "cancelled"];
export const STATUS_NAMES = { planned: "Planned", active: "Active", blocked: "Blocked", completed: "Completed", cancelled: "Cancelled" };
export const VIEW_NAMES = { board: "Board", tree: "Tree", graph: "Dependencies", timeline: "Timeline", statistics: "Statistics" };
export const CLOSED = new Set(["completed", "cancelled"]);
export const TYPES = ["project", "session", "task", "research", "subtask", "deployment"];
export const PRIORITY_NAMES = ["0 – most urgent", "1 – high", "2 – normal", "3 – low", "4 – some day"];
export const LINK_WORDS = { relates_to: "relates to", duplicates: "duplicates", discovered_from: "was discovered from", deploys: "deploys" };
export const STATE_WORDS = {
  valid: "unchanged",
  changed: "changed",
  moved: "moved",
  stale: "gone",
  unresolved: "not found yet",
  unchecked: "not checked",
};

/** A moment in the reader's own words. */
export function when(stamp) {
  const date = new Date(stamp);
  return Number.isNaN(date.getTime()) ? stamp : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** `src/auth.py:10-20 login`, as far as known. */
export function place(detail) {
  if (!detail?.file_path) return "";
  const lines = detail.start_line ? `:${detail.start_line}-${detail.end_line}` : "";
  return `${detail.file_path}${lines}${detail.symbol ? ` ${detail.symbol}` : ""}`;
}

/** The day of a moment, for headings. */
export function day(stamp) {
  const date = new Date(stamp);
  return Number.isNaN(date.getTime()) ? stamp : date.toLocaleDateString(undefined, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
}

/** The hour and minute of a moment, below a heading that says the day. */
export function timeOf(stamp) {
  return new Date(stamp).toLocaleTimeString(undefined, { timeStyle: "short" });
}

/** The day of a due time as the reader's calendar has it, 2026-12-24; a day that was given as one is that day everywhere. */
export function dayOf(due) {
  if (!due.includes("T")) return due;
  const at = new Date(due);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((each) => String(each).padStart(2, "0")).join("-");
}

/** The same hour on another day of the reader's calendar, as the server takes it; the day alone where `due` had no hour. */
export function dueOn(day, due) {
  if (!due?.includes("T")) return day;
  const at = new Date(due);
  const [year, month, date] = day.split("-").map(Number);
  at.setFullYear(year, month - 1, date);
  return at.toISOString();
}

/** Whether an open item should have been done: its day is over, or its time has passed. */
export function isLate({ status, due }, now = new Date()) {
  if (!due || CLOSED.has(status)) return false;
  return due.includes("T") ? new Date(due) < now : due < dayOf(now.toISOString());
}

const EXPLAINED = [[/^code_search_unavailable:/, "code_search_unavailable"], [/^Entity reference '/, "entity-reference-not-found-in-codebase-mcp"]];

/** The section of the documentation that explains a warning; empty when none does. Errors bring their own. */
export function explained(warning) {
  const found = EXPLAINED.find(([begins]) => begins.test(warning));
  return found ? `docs/troubleshooting.md#${found[1]}` : "";
}

// What the server says in the words of tools and their arguments, and what it means here.
const SAID = [
  [/Finish these \(tick criteria with [^)]*\), or give `override_reason`, which/, "Finish these, or complete it anyway with a reason, which"],
  [/find them with list_work_items, or name another `project`/, "search for it here, or choose another project above"],
  [/ \(remove_blocked_by\)/, ""],
  [/^wi_[a-z2-7]{7} is at version \d+, not \d+: /, "Since you opened it, "],
  [/ \(version \d+, ev_\w+\)/g, ""],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, when],
  [/Restore it (?:first )?with delete_work_item\(id, restore=true\)/, "Restore it on its page"],
  [/delete_work_item\(restore=true\) brings it back/, "Restore on its page brings it back"],
  [/Pass its claim_token if that is you, or wait/, "Wait"],
  [/If that is you, pass the token; if not, agree/, "If that was not you, agree"],
  [/, read it again with get_work_item,/, ", open it again,"],
  [/then accept it with check_references/, "then accept it as it is now"],
  [/manage_projects\(action=archive, name=\.\.\., restore=true\)/, "`workflow-server project archive --restore NAME`"],
];

/** A text of the server in the words of the board. */
export function ofTheBoard(text) {
  return SAID.reduce((told, [tool, here]) => told.replace(tool, here), text);
}
