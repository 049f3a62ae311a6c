// The board: which data it has, which view is shown, and how changes reach it.

import { h, replace } from "./text/dom.js";
import { addressOf, filtersIn, note } from "./address.js";
import { HostData } from "./data/host.js";
import { RestData } from "./data/rest.js";
import { dismiss, failed, section } from "./notices.js";
import { Top } from "./top.js";
import { Columns } from "./views/columns.js";
import { listen } from "./keys.js";
import { Graph } from "./views/graph.js";
import { Help } from "./views/help.js";
import { ItemPage } from "./views/item.js";
import { Statistics } from "./views/statistics.js";
import { Timeline } from "./views/timeline.js";
import { Tree } from "./views/tree.js";
import { Unsaved } from "./unsaved.js";
import { VIEW_NAMES } from "./words.js";
import { Work } from "./work.js";

const VIEWS = { board: Columns, tree: Tree, graph: Graph, timeline: Timeline, statistics: Statistics };
const ON_EVERY_CHANGE = new Set(["board", "tree", "graph"]);
const WHOLE = new Set(["timeline", "statistics"]);
const GATHER_MS = 120;
const BOARD_PX = 720;
const MOST_PX = 900;

const inHost = document.documentElement.dataset.data === "host";
const data = inHost ? new HostData() : new RestData();
const context = { data, work: new Work(data), tokens: new Map(), seq: 0, alike };
context.unsaved = new Unsaved(context);
context.show = () => view?.show();
const main = document.getElementById("main");
const top = new Top(context, { load, list, project: changeProject, theme });
context.clear = () => top.clearAll();
const whole = h("p", { class: "told whole", role: "note" }, "This tells of the whole project: the filters choose only what the board, the tree and the dependencies show.");
let view = null;
let shown = "";
let stop = () => {};
let waiting = null;
let begun = false;
let entered = 0;
let search = ""; // of the address whose filters are shown
let stepped = false; // whether a view was chosen together with the filters

function route() {
  const [, name = "board", id] = (location.hash || "#/board").split("/");
  const wanted = name === "item" && id ? `item/${id}` : name === "help" && data.troubleshooting ? `help/${id || ""}` : VIEWS[name] ? name : "board";
  if (wanted === shown) return;
  shown = wanted;
  view?.close();
  view = made(wanted, decodeURIComponent(id || ""));
  const heading = VIEW_NAMES[wanted];
  replace(main, heading && h("h1", { class: "unseen" }, heading), whole, view.element);
  tellWhole();
  titled();
  document.body.dataset.view = wanted.split("/")[0];
  top.at(wanted);
  view.show();
  if (begun) dismiss();
  // not at the first view: there the page begins at its top; nor from the search, which is typed on into
  if (begun && !document.activeElement?.closest("#top form")) main.focus({ preventScroll: true });
  begun = true;
  scrollTo(0, 0);
}

/** What the window is called; an item's page and the help name it themselves. */
function titled() {
  const name = VIEW_NAMES[shown];
  if (name) document.title = context.work.project ? `${name} – ${context.work.project}` : name;
}

function made(wanted, id) {
  if (wanted.startsWith("item/")) return new ItemPage(context, id);
  return wanted.startsWith("help/") ? new Help(context, id) : new VIEWS[wanted](context);
}

/** Say of a view that the filters do not choose what it shows, while some are set. */
function tellWhole() {
  whole.hidden = !(WHOLE.has(shown) && context.work.filtered);
}

function redraw(ids) {
  top.count();
  tellWhole();
  if (ON_EVERY_CHANGE.has(shown)) view.show();
  else if (shown.startsWith("item/") && ids === null && !view.item) view.show();
}

async function load() {
  if (!inHost) {
    note(data.project, context.work.filters, stepped);
    ({ search } = location);
  }
  stepped = false;
  try {
    await context.work.load();
    dismiss("load");
  } catch (error) {
    failed(error, { topic: "load" });
  }
}

/** Show what the filters choose, from a view of which they change nothing. */
function list() {
  if (ON_EVERY_CHANGE.has(shown)) return;
  location.hash = "#/board";
  stepped = true;
}

/** Show the items that resemble one. */
async function alike(id) {
  location.hash = "#/board";
  stepped = true;
  await top.set("similar_to", id);
}

/** Changes by others, gathered so that a burst is one redraw. */
function changed({ seq, items }) {
  context.seq = Math.max(context.seq, seq);
  const ids = waiting?.ids;
  const together = items === null || ids === null ? null : new Set([...(ids || []), ...items]);
  clearTimeout(waiting?.timer);
  waiting = { ids: together, timer: setTimeout(settle, GATHER_MS) };
}

/** The server is heard, or not; when it is heard again, what could not be read meanwhile is read. */
async function stated(state) {
  const back = state === "live" && top.heard === "lost";
  top.state(state);
  if (!back) return;
  dismiss("offline");
  if (!context.work.complete) await load();
  // what is being edited is left alone: whether others changed it meanwhile, the stream of changes says
  if (!view.element.querySelector(".editing")) view.show();
}

async function settle() {
  const ids = waiting.ids;
  waiting = null;
  try {
    await context.work.refresh(ids && [...ids]);
    if (shown.startsWith("item/") && (ids === null || ids.has(shown.slice(5)))) await view.refresh();
    else if (shown === "timeline" || shown === "statistics") await view.show();
  } catch (error) {
    failed(error);
  }
}

/** Show another project, chosen here: a step that Back takes back. */
function changeProject(name) {
  const hash = location.hash.startsWith("#/item/") ? "#/board" : location.hash;
  const filters = { ...context.work.filters, parent_id: "", similar_to: "" }; // these name items of the other one
  if (inHost) location.hash = hash;
  else history.pushState(null, "", addressOf(name, filters, hash));
  return enter(name, filters);
}

async function enter(name, filters) {
  entered += 1;
  const round = entered;
  data.project = name;
  context.seq = 0;
  context.tokens.clear();
  stop();
  // what is shown of the other project goes at once, whether or not there is an answer
  top.put(filters);
  context.work.leave(name);
  shown = "";
  route();
  await load();
  if (round !== entered) return; // gone on to another meanwhile
  titled();
  stop = data.follow(changed, stated);
  await top.list();
}

/** Back and Forward: the address says which project was shown, which view of it, and what was chosen in it. */
function walked() {
  const name = new URLSearchParams(location.search).get("project");
  if (name && name !== data.project) {
    enter(name, filtersIn(location.search));
    return;
  }
  route();
  // what is typed at this moment is not in the address yet: a step to another view does not take it back
  if (location.search === search) return;
  top.put(filtersIn(location.search));
  load();
}

/** Stay with the project that was shown first: the server may be stopped and started again for another one. */
function pin() {
  const { project } = context.work;
  if (inHost || data.project || !top.names.includes(project)) return;
  data.project = project;
  history.replaceState(null, "", addressOf(project, context.work.filters, location.hash));
  ({ search } = location);
}

function theme(choice = null) {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = choice || (dark ? "light" : "dark");
  try {
    if (!choice) localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // a sandboxed page may not keep anything
  }
}

async function begin() {
  if (inHost) {
    data.on("tool-result", (result) => hostResult(result));
    data.on("host-context-changed", (changed) => changed.theme && theme(changed.theme));
    const told = await data.connect();
    if (told.theme) theme(told.theme);
    document.addEventListener("click", stayHere);
    new ResizeObserver(() => data.post({ method: "ui/notifications/size-changed", params: { width: document.body.scrollWidth, height: wantedHeight() } })).observe(main);
  } else {
    try {
      const kept = localStorage.getItem("theme");
      if (kept) theme(kept);
    } catch {
      // nothing is kept, nothing is lost
    }
  }
  if (!inHost) Object.assign(context.work.filters, filtersIn(location.search));
  const bar = document.getElementById("top");
  top.draw(bar);
  data.onslow = (slow) => top.state(undefined, slow);
  // what sticks below the bar has to know how high it is
  new ResizeObserver(() => document.documentElement.style.setProperty("--top", `${bar.offsetHeight}px`)).observe(bar);
  context.work.listen(redraw);
  listen(context);
  for (const kind of ["popstate", "hashchange"]) addEventListener(kind, inHost ? route : walked);
  route();
  await load();
  titled();
  await top.list();
  pin();
  stop = data.follow(changed, stated);
}

/**
 * The address of a page that a host made from a text is the host's: a link to a part of it would lead there, away from
 * the page. Other addresses are the host's to open: its sandbox lets no window be opened.
 */
function stayHere(event) {
  const target = event.target.closest?.("a[href]")?.getAttribute("href");
  if (!target) return;
  event.preventDefault();
  if (target === "#main") main.focus();
  else if (target.startsWith("#")) location.hash = target;
  else data.ask("ui/open-link", { url: target }).catch(failed);
}

/** What a host should give: columns scroll for themselves and fill what they get, other views are as high as they are. */
function wantedHeight() {
  return document.body.dataset.view === "board" ? BOARD_PX : Math.min(MOST_PX, main.scrollHeight + 120);
}

/** A host shows the page beside an answer: a get opens that item, a list is the board of that project. */
function hostResult(result) {
  const record = result.structuredContent || {};
  if (record.project) data.project = record.project;
  if (record.items?.length === 1 && record.items[0].description !== undefined) location.hash = `#/item/${record.items[0].id}`;
}

begin().catch((error) => {
  replace(main, h("p", { class: "empty" }, error.text || error.message, section(error.see)));
});
