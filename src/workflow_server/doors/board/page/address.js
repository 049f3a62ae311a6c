// What the address says: the project and the filters, so that a view can be shared, and Back takes a choice back.

import { NO_FILTERS } from "./work.js";

/** The filters of an address, those that it does not name as they choose everything. */
export function filtersIn(search) {
  const told = new URLSearchParams(search);
  return Object.fromEntries(Object.entries(NO_FILTERS).map(([name, none]) => [name, told.get(name) ?? none]));
}

/** The address of a view of a project with filters. */
export function addressOf(project, filters, hash) {
  const told = new URLSearchParams(project ? { project } : {});
  for (const name of chosen(filters)) told.set(name, filters[name]);
  return `${location.pathname}${told.size ? `?${told}` : ""}${hash}`;
}

/** Put the filters into the address: one more or one less is a step that Back takes back; its letters are none. */
export function note(project, filters, sameStep) {
  const address = addressOf(project, filters, location.hash);
  if (address === location.pathname + location.search + location.hash) return;
  const step = String(chosen(filtersIn(location.search))) !== String(chosen(filters));
  history[step && !sameStep ? "pushState" : "replaceState"](null, "", address);
}

function chosen(filters) {
  return Object.keys(NO_FILTERS).filter((name) => filters[name] !== NO_FILTERS[name]);
}
