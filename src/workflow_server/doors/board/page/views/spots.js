// Where each box of the dependency graph goes, and each line that passes a layer.

import { isWay } from "./layers.js";

export const WIDTH = 205;
export const HEIGHT = 44;
const GAP_X = 60;
const GAP_Y = 10;
const GAP_PARTS = 20;
const EDGE = 10;
const WAY_HEIGHT = 8;

const heightOf = (id) => (isWay(id) ? WAY_HEIGHT : HEIGHT + GAP_Y);
const total = (layer) => layer.reduce((sum, id) => sum + heightOf(id), 0);

/**
 * Places of all boxes: `laid` are the parts, longest chain first, each centred on its tallest layer. A part goes
 * as high up as it can beside those before it, in a picture as wide as the longest part or the `room` on the screen.
 */
export function spots(laid, room = 0) {
  const spot = new Map();
  const columns = Math.max(...laid.map(({ layers }) => layers.length), Math.floor((room - 2 * EDGE + GAP_X) / (WIDTH + GAP_X)));
  const filled = new Array(columns).fill(EDGE);
  for (const { layers } of laid) {
    const height = Math.max(...layers.map(total));
    const [left, top] = highest(filled, layers.length);
    layers.forEach((layer, at) => {
      let y = top + (height - total(layer)) / 2;
      for (const id of layer) {
        spot.set(id, { x: EDGE + (left + at) * (WIDTH + GAP_X), y });
        y += heightOf(id);
      }
    });
    filled.fill(top + height + GAP_PARTS, left, left + layers.length);
  }
  const used = filled.findLastIndex((height) => height > EDGE) + 1;
  return { spot, width: used * (WIDTH + GAP_X) - GAP_X + 2 * EDGE, height: Math.max(...filled) };
}

/** The column and the height at which so many columns side by side are free soonest. */
function highest(filled, wide) {
  let best = [0, Infinity];
  for (let left = 0; left + wide <= filled.length; left += 1) {
    const top = Math.max(...filled.slice(left, left + wide));
    if (top < best[1]) best = [left, top];
  }
  return best;
}
