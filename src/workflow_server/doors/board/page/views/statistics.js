// A project's figures: numbers that one asks for first, then plots.

import { h, replace } from "../text/dom.js";
import { failed } from "../notices.js";
import { STATE_WORDS, STATUSES, STATUS_NAMES } from "../words.js";
import { areas, bars } from "./plots.js";

const STACKED = ["completed", "cancelled", "blocked", "active", "planned"];

export class Statistics {
  constructor(context) {
    this.context = context;
    this.element = h("div", { class: "statistics" }, h("p", { class: "empty" }, "Reading…"));
  }

  async show() {
    try {
      const figures = await this.context.data.statistics();
      if (!Object.values(figures.counts).some(Boolean)) {
        replace(this.element, h("p", { class: "empty" }, "Nothing to count yet: figures come with the first items."));
        return;
      }
      const references = await this.context.data.check({}).catch(() => null);
      replace(this.element, numbers(figures), h("div", { class: "plots" }, [
        bars("Items by status", "Status", STATUSES.map((status) => [STATUS_NAMES[status], figures.counts[status] || 0, status])),
        bars("Throughput", "Week", weeks(figures.completed_per_week).map(([week, count]) => [week, count, "completed"]), "completed per week"),
        bars("Arrivals", "Week", weeks(figures.created_per_week), "created per week"),
        figures.flow && flow(figures.flow),
        figures.cycle_spread && bars("Cycle time", "Time", Object.entries(figures.cycle_spread), "from active to completed, number of items"),
        bars("Open items by age", "Age", Object.entries(figures.open_by_age)),
        references && bars("Health of code references", "State", Object.entries(references.counts).map(([state, count]) => [STATE_WORDS[state] || state, count, state])),
        chains(figures.blocked_chains || []),
      ]));
    } catch (error) {
      failed(error);
    }
  }

  close() {}
}

function numbers(figures) {
  const hours = (value) => (value === null || value === undefined ? "–" : value < 1 ? `${Math.round(value * 60)} min` : value < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} days`);
  const cycle = figures.cycle_hours || {};
  const facts = [
    ["Ready", figures.ready], ["Waiting", figures.blocked], ["Claimed", figures.claimed], ["Overdue", figures.overdue],
    ["Cycle time, median", hours(cycle.median)], ["Cycle time, 9 of 10", hours(cycle.p90)], ["Lead time, median", hours(figures.lead_hours?.median)],
  ];
  return h("dl", { class: "numbers" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** Week by week, with those in which nothing was done. */
function weeks(counts) {
  const names = Object.keys(counts || {}).sort();
  if (!names.length) return [];
  const all = [];
  for (let at = new Date(`${names[0]}T00:00:00Z`); at.toISOString().slice(0, 10) <= names.at(-1); at = new Date(at.getTime() + 7 * 86_400_000)) {
    const name = at.toISOString().slice(0, 10);
    all.push([name.slice(5), counts[name] || 0]);
  }
  return all;
}

function flow(byWeek) {
  const rows = Object.entries(byWeek).map(([end, counts]) => [end.slice(5), counts]);
  return areas("Cumulative flow", STACKED.map((status) => [status, STATUS_NAMES[status]]), rows, "where items stood, week by week");
}

function chains(list) {
  if (!list.length) return null;
  return h("figure", {}, h("figcaption", {}, "What holds up most"),
    h("ol", { class: "chains" }, list.map((chain) => h("li", {}, h("a", { href: `#/item/${chain.id}`, dir: "auto" }, chain.title),
      h("span", { class: "told" }, ` ${chain.directly} wait for it${chain.levels > 1 ? `, in a chain ${chain.levels} long` : ""}`)))));
}
