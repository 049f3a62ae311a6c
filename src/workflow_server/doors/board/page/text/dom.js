// Making elements. Text from items and code only ever becomes text nodes: nothing here takes HTML.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes, listeners (`onclick`) and children. A child may be a node, a text, a number, or
 * nothing; lists are flattened.
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same in SVG's namespace. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked" || name === "selected") element[name] = Boolean(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replace the children of an element. */
export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** An address that a link may have: web and mail only, so that no text can become a script. */
export function safeAddress(address) {
  try {
    const url = new URL(address, "https://nowhere.invalid/");
    const known = ["http:", "https:", "mailto:"].includes(url.protocol);
    return known && url.hostname !== "nowhere.invalid" ? url.href : null;
  } catch {
    return null;
  }
}
