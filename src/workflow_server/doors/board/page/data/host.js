// The board's data inside an MCP host: tools called over the app bridge (JSON-RPC through postMessage).

import { Refused } from "./refused.js";

const PROTOCOL = "2026-01-26";
const POLL_MS = 4000;
const TIMELINE_ITEMS = 12;

export class HostData {
  constructor() {
    this.project = "";
    this.choosesProject = true;
    this.pending = new Map();
    this.number = 0;
    this.heard = {};
    this.pool = new Map();
    addEventListener("message", (event) => this.receive(event));
  }

  /** Shake hands with the host; answers its context (theme, sizes). */
  async connect() {
    const answer = await this.ask("ui/initialize", {
      protocolVersion: PROTOCOL,
      appInfo: { name: "workflow-board", version: "1" },
      appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    });
    this.post({ method: "ui/notifications/initialized", params: {} });
    return answer.hostContext || {};
  }

  /** Listen to a notification of the host, by its name after `ui/notifications/`. */
  on(name, listener) {
    this.heard[`ui/notifications/${name}`] = listener;
  }

  post(message) {
    parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  }

  ask(method, params) {
    return new Promise((resolve, reject) => {
      this.number += 1;
      this.pending.set(this.number, { resolve, reject });
      this.post({ id: this.number, method, params });
    });
  }

  receive(event) {
    const message = event.data;
    if (event.source !== parent || !message || message.jsonrpc !== "2.0") return;
    if (message.method === undefined) {
      const waiting = this.pending.get(message.id);
      this.pending.delete(message.id);
      if (!waiting) return;
      if (message.error) waiting.reject(new Refused("host", message.error.message || "The host refused."));
      else waiting.resolve(message.result);
    } else if (message.id !== undefined) {
      const known = message.method === "ping" || message.method === "ui/resource-teardown";
      this.post(known ? { id: message.id, result: {} } : { id: message.id, error: { code: -32601, message: "Method not found" } });
    } else {
      this.heard[message.method]?.(message.params || {});
    }
  }

  async tool(name, fields = {}) {
    const given = this.project ? { project: this.project, ...fields } : fields;
    const result = await this.ask("tools/call", { name, arguments: given });
    const record = result.structuredContent || {};
    if (result.isError) throw new Refused(record.error || "refused", record.message || result.content?.[0]?.text || "The tool refused.", record.hint || "", record);
    return record;
  }

  projects() {
    return this.tool("manage_projects", { action: "list" });
  }

  createProject(name) {
    return this.tool("manage_projects", { action: "create", name });
  }

  page(filters, cursor) {
    const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "" && value !== undefined));
    if (given.status) given.status = [given.status].flat();
    return this.tool("list_work_items", { limit: 200, ...given, ...(cursor ? { cursor } : {}) });
  }

  async get(id) {
    const answer = await this.tool("get_work_item", { ids: [id], include: ["children", "notes", "code"] });
    const item = answer.items[0];
    return { ...item, project: answer.project, warnings: [...new Set([...answer.warnings, ...(item.warnings || [])])] };
  }

  create(fields) {
    return this.tool("create_work_item", fields);
  }

  async update(id, changes) {
    const emptied = Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value === null ? "" : value]));
    await this.tool("update_work_item", { ids: [id], ...emptied });
    return this.get(id);
  }

  remove(id) {
    return this.tool("delete_work_item", { id });
  }

  restore(id) {
    return this.tool("delete_work_item", { id, restore: true });
  }

  undo(what) {
    return this.tool("undo", what);
  }

  async history(id) {
    if (!id) return { events: [] };
    const answer = await this.tool("get_work_item", { ids: [id], include: ["history"] });
    return { events: answer.items[0].history || [] };
  }

  /**
   * No tool tells the history of a whole project: in a host the timeline is made of the histories of items, the ones
   * changed last first. Items of later pages may have had events at any time before the last row of this one, so no
   * earlier event is told yet; `older` is where to go on.
   */
  async newest(before = 0) {
    const page = await this.tool("list_work_items", { sort: "updated", limit: TIMELINE_ITEMS, ...(before ? { cursor: before.cursor } : {}) });
    const ids = page.items.map((row) => row.id);
    if (!before) this.pool = new Map();
    const items = ids.length ? (await this.tool("get_work_item", { ids, include: ["history"] })).items : [];
    for (const item of items) for (const event of item.history || []) this.pool.set(`${event.seq} ${item.id}`, { ...event, item_id: item.id });
    const end = page.next_cursor ? items.map((item) => item.updated_at).sort()[0] : "";
    const events = [...this.pool.values()].filter((event) => event.at >= end);
    return { events: events.sort((a, b) => a.seq - b.seq), older: page.next_cursor ? { cursor: page.next_cursor } : 0 };
  }

  claim(id, fields) {
    return this.tool("claim_work_item", { id, ...fields });
  }

  check(fields) {
    return this.tool("check_references", fields);
  }

  async statistics() {
    return (await this.tool("manage_projects", { action: "statistics" })).statistics;
  }

  async types() {
    return [];
  }

  /** A host offers no stream of changes: the newest few items are asked for at intervals while the page is seen. */
  follow(changed, state) {
    let newest = "";
    const look = async () => {
      if (document.hidden) return;
      try {
        const page = await this.tool("list_work_items", { sort: "updated", limit: 10 });
        const marks = page.items.map((row) => `${row.id}:${row.version}`).join();
        if (newest && marks !== newest) changed({ seq: 0, items: null });
        newest = marks;
        state("live");
      } catch {
        state("lost");
      }
    };
    const timer = setInterval(look, POLL_MS);
    look();
    return () => clearInterval(timer);
  }
}
