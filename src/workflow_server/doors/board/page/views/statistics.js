// A project's figures as plain plots: bars and lines in SVG, each with its numbers in a table for those who do not see it.

import { h, replace, s } from "../text/dom.js";
import { failed } from "../notices.js";
import { STATE_WORDS, STATUSES, STATUS_NAMES } from "../words.js";

const WIDE = 420;
const HIGH = 150;
const WIDEST_BAR = 46;

export class Statistics {
  constructor(context) {
    this.context = context;
    this.element = h("div", { class: "statistics" });
  }

  async show() {
    try {
      const figures = await this.context.data.statistics();
      const references = await this.context.data.check({}).catch(() => null);
      replace(this.element, [
        numbers(figures),
        plot("Items by status", STATUSES.map((status) => [STATUS_NAMES[status], figures.counts[status] || 0])),
        plot("Completed per week", weeks(figures.completed_per_week)),
        plot("Created per week", weeks(figures.created_per_week)),
        flow(figures),
        plot("Open items by age", Object.entries(figures.open_by_age)),
        references && plot("Health of code references", Object.entries(references.counts).map(([state, count]) => [STATE_WORDS[state] || state, count])),
        chains(figures.blocked_chains || []),
      ]);
    } catch (error) {
      failed(error);
    }
  }

  close() {}
}

function numbers(figures) {
  const hours = (value) => (value === null || value === undefined ? "–" : value < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} days`);
  const cycle = figures.cycle_hours || {};
  const facts = [
    ["Ready", figures.ready], ["Blocked", figures.blocked], ["Claimed", figures.claimed], ["Overdue", figures.overdue],
    ["Cycle time, median", hours(cycle.median)], ["Cycle time, 9 of 10", hours(cycle.p90)],
  ];
  return h("dl", { class: "numbers" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function weeks(counts) {
  return Object.entries(counts || {}).sort().slice(-16).map(([week, count]) => [week.slice(5), count]);
}

function plot(title, pairs) {
  const most = Math.max(1, ...pairs.map(([, count]) => count));
  const step = WIDE / Math.max(1, pairs.length);
  const wide = Math.min(step * 0.7, WIDEST_BAR);
  const bars = pairs.map(([name, count], at) => {
    const tall = (count / most) * (HIGH - 40);
    return [
      s("rect", { class: "bar", x: (at + 0.5) * step - wide / 2, y: HIGH - 22 - tall, width: wide, height: tall }),
      s("text", { x: (at + 0.5) * step, y: HIGH - 26 - tall, "text-anchor": "middle" }, count || ""),
      s("text", { class: "small", x: (at + 0.5) * step, y: HIGH - 8, "text-anchor": "middle" }, name),
    ];
  });
  return figure(title, s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, bars), ["", "Number"], pairs);
}

/** Created and completed, summed up week by week: the gap between the lines is what is open. */
function flow(figures) {
  const names = [...new Set([...Object.keys(figures.created_per_week || {}), ...Object.keys(figures.completed_per_week || {})])].sort();
  let created = 0;
  let completed = 0;
  const sums = names.map((week) => {
    created += figures.created_per_week[week] || 0;
    completed += figures.completed_per_week[week] || 0;
    return [week.slice(5), created, completed];
  });
  const most = Math.max(1, created);
  const x = (at) => 20 + (at / Math.max(1, sums.length - 1)) * (WIDE - 40);
  const y = (count) => HIGH - 24 - (count / most) * (HIGH - 40);
  const area = (pick) => `M20 ${HIGH - 24} ${sums.map((sum, at) => `L${x(at)} ${y(pick(sum))}`).join(" ")} L${x(sums.length - 1)} ${HIGH - 24} Z`;
  const picture = sums.length < 2 ? null : s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" },
    s("path", { class: "created", d: area((sum) => sum[1]) }), s("path", { class: "completed", d: area((sum) => sum[2]) }),
    s("text", { class: "small", x: 20, y: HIGH - 8 }, sums[0][0]), s("text", { class: "small", x: WIDE - 20, y: HIGH - 8, "text-anchor": "end" }, sums.at(-1)[0]));
  return picture && figure("Cumulative flow", picture, ["Week", "Created", "Completed"], sums);
}

function figure(title, picture, heads, rows) {
  return h("figure", {}, h("figcaption", {}, title), picture,
    h("table", { class: "unseen" }, h("caption", {}, title), h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))));
}

function chains(list) {
  if (!list.length) return null;
  return h("figure", {}, h("figcaption", {}, "What holds up most"),
    h("ul", {}, list.map((chain) => h("li", {}, h("a", { href: `#/item/${chain.id}` }, chain.title), ` – ${chain.directly} wait for it, in ${chain.levels} levels`))));
}
