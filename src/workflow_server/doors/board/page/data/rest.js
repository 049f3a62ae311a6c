// The board's data over REST, with changes as server-sent events.

import { Refused } from "./refused.js";

const RETRY_MS = 2000;
const PATIENCE_MS = 60_000;
const SLOW_MS = 1_000;

export class RestData {
  constructor() {
    this.project = new URLSearchParams(location.search).get("project") || "";
    this.choosesProject = true;
    this.slow = 0;
    this.onslow = () => {}; // called with how many changes are still without an answer after a while
  }

  async request(method, path, body, query = {}) {
    const url = new URL(path, location.origin);
    if (this.project) url.searchParams.set("project", this.project);
    for (const [name, value] of Object.entries(query)) {
      for (const each of [value].flat()) if (each !== undefined && each !== null && each !== "") url.searchParams.append(name, typeof each === "object" ? JSON.stringify(each) : each);
    }
    const headers = { "X-Tandem-Door": "board" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    const told = method === "GET" ? () => {} : this.noticed();
    try {
      response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      told();
      throw new Refused("offline", "The server does not answer.", "It may have been stopped; the board tries again by itself.", { see: "docs/troubleshooting.md#the-board-is-not-connected" });
    }
    const answer = await response.json().catch(() => ({}));
    told();
    if (!response.ok) throw new Refused(answer.error || `status ${response.status}`, answer.message || "The server refused.", answer.hint || "", answer);
    return answer;
  }

  /** Say when a change takes long, so that nobody takes it for stored; answers what says that it has its answer. */
  noticed() {
    let counted = 0;
    const count = (by) => { counted += by; this.slow += by; this.onslow(this.slow); };
    const timer = setTimeout(() => count(1), SLOW_MS);
    return () => {
      clearTimeout(timer);
      if (counted) count(-1);
    };
  }

  projects() {
    return this.request("GET", "/mcp/projects");
  }

  createProject(name) {
    return this.request("POST", "/mcp/projects", { name });
  }

  page(filters, cursor) {
    return this.request("GET", "/mcp/work_items", undefined, { limit: 200, ...filters, cursor });
  }

  get(id) {
    return this.request("GET", `/mcp/work_items/${encodeURIComponent(id)}`, undefined, { include: ["children", "notes", "code"] });
  }

  create(fields) {
    return this.request("POST", "/mcp/work_items", fields);
  }

  update(id, changes) {
    return this.request("PATCH", `/mcp/work_items/${encodeURIComponent(id)}`, changes);
  }

  remove(id) {
    return this.request("DELETE", `/mcp/work_items/${encodeURIComponent(id)}`);
  }

  restore(id) {
    return this.request("POST", `/mcp/work_items/${encodeURIComponent(id)}/restore`);
  }

  undo(what) {
    return this.request("POST", "/mcp/undo", what);
  }

  history(id, since, limit = 200) {
    const path = id ? `/mcp/work_items/${encodeURIComponent(id)}/history` : "/mcp/history";
    return this.request("GET", path, undefined, { since, limit });
  }

  /** A page of the newest events before `before`, 0 for the end; `older` is the next page's `before`, 0 for none. */
  newest(before = 0, limit = 150) {
    return this.request("GET", "/mcp/history", undefined, { before, limit });
  }

  claim(id, fields) {
    return this.request("POST", `/mcp/work_items/${encodeURIComponent(id)}/claim`, fields);
  }

  check(fields) {
    return this.request("POST", "/mcp/references/check", fields);
  }

  statistics() {
    return this.request("GET", "/mcp/statistics");
  }

  /** The troubleshooting page, as Markdown. */
  async troubleshooting() {
    const response = await fetch("/docs/troubleshooting.md");
    if (!response.ok) throw new Refused("offline", "The page cannot be read.", "It is docs/troubleshooting.md of the sources.");
    return response.text();
  }

  types() {
    return this.request("GET", "/mcp/types").then((answer) => answer.types);
  }

  /** Call `changed({seq, items})` for every change and `state("live"|"lost")`; answers what ends it. */
  follow(changed, state) {
    const url = new URL("/mcp/events", location.origin);
    if (this.project) url.searchParams.set("project", this.project);
    let seen = 0;
    let source = null;
    let timer = null;
    const connect = () => {
      source = new EventSource(url);
      source.addEventListener("hello", (event) => {
        const { seq } = JSON.parse(event.data);
        const missed = seen > 0 && seq > seen;
        seen = seq;
        state("live");
        if (missed) changed({ seq, items: null });
      });
      source.addEventListener("change", (event) => {
        const change = JSON.parse(event.data);
        seen = change.seq;
        changed(change);
      });
      source.addEventListener("error", () => {
        state("lost");
        // a lost connection is tried again by the browser, a refused one is not
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, RETRY_MS);
      });
    };
    connect();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }
}
