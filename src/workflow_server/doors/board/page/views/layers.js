// The dependency graph's layout: layers by the longest way from a start, order by the neighbours' middle.

const SWEEPS = 6;
const WAY = "way ";

/** Whether an entry of a layer is no item but the place where the lines of an item pass that layer. */
export const isWay = (id) => id.startsWith(WAY);

/** The parts of a graph that hang together, the one with the longest chain first, each laid out by `layered`. */
export function parts(nodes, edges) {
  const beside = new Map(nodes.map((id) => [id, []]));
  for (const [from, to] of edges) {
    beside.get(from).push(to);
    beside.get(to).push(from);
  }
  const part = new Map();
  const found = [];
  for (const start of nodes) {
    if (part.has(start)) continue;
    const members = [start];
    part.set(start, found.length);
    for (let at = 0; at < members.length; at += 1) {
      for (const next of beside.get(members[at])) {
        if (part.has(next)) continue;
        part.set(next, found.length);
        members.push(next);
      }
    }
    found.push({ members, edges: [] });
  }
  for (const edge of edges) found[part.get(edge[0])].edges.push(edge);
  const laid = found.map((each) => layered(each.members, each.edges));
  return laid.sort((a, b) => b.critical.size - a.critical.size || b.size - a.size);
}

/**
 * `nodes` ids, `edges` [before, after]; answers {size, layers, routes, critical}: ids by layer, the ways between
 * them that the lines of an edge take (`routes`, by the two ids), and the longest chain.
 */
export function layered(nodes, edges) {
  const after = new Map(nodes.map((id) => [id, []]));
  const before = new Map(nodes.map((id) => [id, []]));
  for (const [from, to] of edges) {
    after.get(from).push(to);
    before.get(to).push(from);
  }
  const level = levels(nodes, before, after);
  const layers = [];
  for (const id of nodes) (layers[level.get(id)] ??= []).push(id);
  const critical = longest(nodes, before, level);
  const routes = new Map(edges.map(([from, to]) => [`${from} ${to}`, passing(from, to, level, layers, before, after)]));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    const order = down ? layers.keys() : [...layers.keys()].reverse();
    for (const at of order) arrange(layers, at, down ? before : after, down ? -1 : 1);
  }
  return { size: nodes.length, layers, routes, critical };
}

/** The ways of one edge through the layers between its ends. All edges of an item share them: it needs one line, not ten. */
function passing(from, to, level, layers, before, after) {
  const ways = [];
  let last = from;
  for (let at = level.get(from) + 1; at < level.get(to); at += 1) {
    const way = `${WAY}${at} ${from}`;
    if (!before.has(way)) {
      layers[at].push(way);
      before.set(way, [last]);
      after.set(way, []);
      after.get(last).push(way);
    }
    ways.push(way);
    last = way;
  }
  if (ways.length) {
    before.get(to).push(last);
    after.get(last).push(to);
  }
  return ways;
}

function levels(nodes, before, after) {
  const level = new Map(nodes.map((id) => [id, 0]));
  const open = new Map(nodes.map((id) => [id, before.get(id).length]));
  const queue = nodes.filter((id) => open.get(id) === 0);
  for (let at = 0; at < queue.length; at += 1) {
    for (const next of after.get(queue[at])) {
      level.set(next, Math.max(level.get(next), level.get(queue[at]) + 1));
      open.set(next, open.get(next) - 1);
      if (open.get(next) === 0) queue.push(next);
    }
  }
  return level;
}

function arrange(layers, at, neighbours, step) {
  const beside = layers[at + step];
  if (!beside) return;
  const place = new Map(beside.map((id, position) => [id, position]));
  const middle = new Map();
  layers[at].forEach((id, position) => {
    const known = neighbours.get(id).filter((each) => place.has(each)).map((each) => place.get(each)).sort((a, b) => a - b);
    middle.set(id, known.length ? known[Math.floor((known.length - 1) / 2)] : (position / layers[at].length) * beside.length);
  });
  layers[at].sort((a, b) => middle.get(a) - middle.get(b));
}

/** The ids of one longest chain: what the end waits for longest. */
function longest(nodes, before, level) {
  let id = nodes.reduce((best, each) => (level.get(each) > (level.get(best) ?? -1) ? each : best), undefined);
  const chain = new Set();
  while (id !== undefined && !chain.has(id)) {
    chain.add(id);
    id = before.get(id).find((each) => level.get(each) === level.get([...chain].at(-1)) - 1);
  }
  return chain.size > 1 ? chain : new Set();
}
