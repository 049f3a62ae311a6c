// The items that the board knows: brief rows by id, loaded page by page and kept fresh as others change them.

const FEW = 12;
const READY_MS = 800;
const WORD = /[\p{L}\p{N}]/u;
const ID = /^wi_[a-z2-7]{7}$/;
const CLOSED = new Set(["completed", "cancelled"]);

/** The filters that leave nothing out. */
export const NO_FILTERS = { text: "", item_type: "", label: "", assignee: "", reference: "", parent_id: "", metadata: "", similar_to: "", status: "", view: "all" };

export class Work {
  constructor(data) {
    this.data = data;
    this.rows = new Map();
    this.titles = new Map(); // of all items ever seen, for those that a filter leaves out
    this.ready = new Set();
    this.filters = { ...NO_FILTERS };
    this.project = "";
    this.complete = false;
    this.listeners = new Set();
    this.round = 0;
    this.readyRound = 0;
    this.readyKnown = false;
    this.readyTimer = null;
  }

  /** Call `listener(ids)` after changes: a set of ids, or null when everything may have changed. */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(ids) {
    for (const listener of this.listeners) listener(ids);
  }

  list() {
    return [...this.rows.values()];
  }

  /** Forget the items of the project that is left. */
  leave(project) {
    this.round += 1;
    this.readyRound += 1;
    this.project = project;
    this.complete = false;
    this.total = undefined;
    this.rows = new Map();
    this.titles = new Map();
    this.ready = new Set();
    this.readyKnown = false;
    this.tell(null);
  }

  /** Read everything that the filters choose. Told after the first page, so that it is seen at once, and at the end. */
  async load() {
    this.round += 1;
    const round = this.round;
    const found = new Map();
    this.complete = false;
    // as it is now: a cursor belongs to one query, and somebody may type on while pages are read
    const chosen = this.query();
    const query = { ...chosen, sort: chosen.text ? "relevance" : "priority" };
    const signs = query.text ? "" : this.filters.text.trim();
    const ready = this.readyKnown ? this.readySoon() : this.loadReady();
    ready?.catch(() => {}); // told below, unless this reading has ended by then
    let cursor = null;
    let first = true;
    do {
      const page = await this.page(query, cursor).catch((error) => {
        if (round === this.round) throw error;
      });
      if (round !== this.round) return; // something else is wanted by now, and whoever wants it reads it
      for (const row of page.items) {
        // signs are no words to the server, so titles are looked through here
        if (row.title.includes(signs)) found.set(row.id, row);
        this.titles.set(row.id, row.title);
      }
      this.project = page.project;
      this.total = page.total_count;
      cursor = page.next_cursor;
      if (first && cursor) {
        this.rows = new Map(found);
        this.tell(null);
      }
      first = false;
    } while (cursor);
    this.rows = found;
    this.complete = true;
    await ready;
    if (round === this.round) this.tell(null);
  }

  /** A page of what a query chooses; the id of an item, which somebody was told and pasted, chooses that item. */
  async page(query, cursor) {
    if (!ID.test(query.text)) return this.data.page(query, cursor);
    try {
      const item = await this.data.get(query.text);
      return { items: item.deleted_at ? [] : [this.row(item)], project: item.project, total_count: 1, next_cursor: null };
    } catch (error) {
      if (!/not_found/.test(error.code)) throw error;
      return { items: [], project: this.project, total_count: 0, next_cursor: null };
    }
  }

  /** Read which items can be started, all pages of them, and tell when they are others than those known. */
  async loadReady() {
    this.readyRound += 1;
    const round = this.readyRound;
    const found = new Set();
    let cursor = null;
    do {
      const page = await this.data.page({ view: "ready", sort: "priority" }, cursor);
      if (round !== this.readyRound) return;
      for (const row of page.items) found.add(row.id);
      cursor = page.next_cursor;
    } while (cursor);
    const same = found.size === this.ready.size && [...found].every((id) => this.ready.has(id));
    this.ready = found;
    this.readyKnown = true;
    if (!same) this.tell(null);
  }

  /** Read it again in a while, once for all changes until then: of the changed items it is known, of others it may follow. */
  readySoon() {
    this.readyTimer ??= setTimeout(() => {
      this.readyTimer = null;
      this.loadReady().catch(() => {}); // with the next change it is read again
    }, READY_MS);
  }

  query() {
    const { text, metadata, reference, ...rest } = this.filters;
    const words = WORD.test(text) ? text.trim() : "";
    return { ...rest, reference: endOfPath(reference.trim()), text: words && !/["*]/.test(words) && !ID.test(words) ? `${words}*` : words, metadata: wantedMetadata(metadata) };
  }

  /** An item's title, read if it was never seen; its id where there is none to read. */
  async title(id) {
    if (!this.titles.has(id)) this.titles.set(id, await this.data.get(id).then((item) => item.title, () => id));
    return this.titles.get(id);
  }

  get filtered() {
    return Object.entries(this.filters).some(([name, value]) => value !== NO_FILTERS[name]);
  }

  /** How much is done of what stands directly below each item: {done, all} by the parent's id. */
  progress() {
    const below = new Map();
    for (const row of this.rows.values()) {
      if (!row.parent_id || row.status === "cancelled") continue;
      const counts = below.get(row.parent_id) || { done: 0, all: 0 };
      counts.all += 1;
      counts.done += row.status === "completed";
      below.set(row.parent_id, counts);
    }
    return below;
  }

  /** Bring some items up to date, or all when `ids` is null or many. Filters decide what belongs, so they are asked. */
  async refresh(ids) {
    if (!ids || ids.length > FEW || this.filtered) return this.load();
    const answers = await Promise.allSettled(ids.map((id) => this.data.get(id)));
    answers.forEach((answer, place) => {
      if (answer.status === "fulfilled" && !answer.value.deleted_at) this.put(answer.value);
      else if (answer.status === "fulfilled" || /not_found|deleted/.test(answer.reason?.code || "")) this.rows.delete(ids[place]);
    });
    this.tell(new Set(ids));
    this.readySoon();
  }

  /** Take an item in as it is now. */
  put(item) {
    this.titles.set(item.id, item.title);
    if (item.ready) this.ready.add(item.id);
    else this.ready.delete(item.id);
    this.rows.set(item.id, this.row(item));
  }

  /** A whole item as the row that a list would show. */
  row(item) {
    const done = item.acceptance_criteria.filter((each) => each.done).length;
    return {
      id: item.id,
      title: item.title,
      item_type: item.item_type,
      status: item.status,
      priority: item.priority,
      version: item.version,
      updated_at: item.updated_at,
      parent_id: item.parent_id ?? undefined,
      labels: item.labels,
      assignee: item.assignee ?? undefined,
      claimed_by: item.claim?.by,
      due: item.due ?? undefined,
      blocked_by: item.blocked_by.filter((id) => !CLOSED.has(this.rows.get(id)?.status)),
      criteria: item.acceptance_criteria.length ? `${done}/${item.acceptance_criteria.length}` : undefined,
      references: item.entity_references.length || undefined,
      stale: count(item, "stale"),
      unresolved: count(item, "unresolved"),
    };
  }
}

function count(item, state) {
  return item.reference_details.filter((detail) => detail.state === state).length || undefined;
}

/** `size=3, team=web` as the object that the service filters by; a value that reads as JSON is one. */
function wantedMetadata(text) {
  const pairs = text.split(",").map((each) => /^\s*([^=\s]+)\s*=\s*(.+?)\s*$/.exec(each)).filter(Boolean);
  return pairs.length ? Object.fromEntries(pairs.map(([, name, value]) => [name, valueOf(value)])) : undefined;
}

/** A file as people name it, by the end of its path; what names a symbol, a line or a chunk means just that. */
function endOfPath(text) {
  return !text || text.includes(":") || /^(c_[a-z2-7]{12}$|[/*])/.test(text) ? text : `**/${text}`;
}

function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
