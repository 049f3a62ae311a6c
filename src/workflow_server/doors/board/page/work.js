// The items that the board knows: brief rows by id, loaded page by page and kept fresh as others change them.

const FEW = 12;
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

  /** Read everything that the filters choose. Told after the first page, so that it is seen at once, and at the end. */
  async load() {
    this.round += 1;
    const round = this.round;
    const found = new Map();
    this.complete = false;
    let cursor = null;
    let first = true;
    do {
      const page = await this.data.page({ ...this.query(), sort: this.filters.text ? "relevance" : "priority" }, cursor);
      if (round !== this.round) return;
      for (const row of page.items) {
        found.set(row.id, row);
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
    await this.loadReady(round);
    this.tell(null);
  }

  async loadReady(round = this.round) {
    const page = await this.data.page({ view: "ready" }, null);
    if (round === this.round) this.ready = new Set(page.items.map((row) => row.id));
  }

  query() {
    const { text, metadata, reference, ...rest } = this.filters;
    const words = text.trim();
    return { ...rest, reference: endOfPath(reference.trim()), text: words && !/["*]/.test(words) ? `${words}*` : words, metadata: wantedMetadata(metadata) };
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
    await this.loadReady();
    this.tell(new Set(ids));
  }

  /** A whole item as the row that a list would show. */
  put(item) {
    const done = item.acceptance_criteria.filter((each) => each.done).length;
    this.titles.set(item.id, item.title);
    this.rows.set(item.id, {
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
    });
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
