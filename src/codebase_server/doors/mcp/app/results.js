// The results page inside a host: it has the host's messages and nothing else.
// Everything that comes from the repository is put in as text, never as markup.

const pending = new Map();
let nextId = 1;

function post(message) {
  parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function request(method, params) {
  const id = nextId++;
  post({ id, method, params });
  return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
}

async function call(name, args) {
  const result = await request("tools/call", { name, arguments: args });
  if (result.isError) throw new Error(result.content?.[0]?.text ?? "The call failed");
  return result.structuredContent;
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Enough of a highlighter to read by: comments, strings, numbers and the words most languages reserve.
const HASH = new Set(["python", "ruby", "bash", "elixir", "perl", "r", "julia", "yaml", "toml", "make", "dockerfile"]);
const DASH = new Set(["lua", "haskell", "sql", "elm"]);
const WORDS = new Set(
  ("abstract and as assert async await begin break case catch class const continue def default defer defmodule do " +
    "elif else elsif end enum except export extends false finally fn for from func function goto if impl implements " +
    "import in interface is lambda let local match mod module mut namespace new nil none not null or override package " +
    "pass private protected pub public raise readonly require return self static struct super switch then this throw " +
    "trait true try type typeof union unless until use using val var void when where while with yield").split(" "),
);

function highlighted(line, language) {
  const comment = HASH.has(language) ? "#.*" : DASH.has(language) ? "--.*" : "\\/\\/.*|\\/\\*.*?(?:\\*\\/|$)|^\\s*\\*.*";
  const pattern = new RegExp(`(${comment})|("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|\`[^\`]*\`)|\\b(\\d[\\w.]*)\\b|([A-Za-z_]\\w*)`, "g");
  const parts = [];
  let at = 0;
  for (const match of line.matchAll(pattern)) {
    const [text, isComment, isString, isNumber, word] = match;
    const kind = isComment ? "comment" : isString ? "string" : isNumber ? "number" : WORDS.has(word) ? "keyword" : "";
    if (!kind) continue;
    parts.push(line.slice(at, match.index), element("span", { className: kind, textContent: text }));
    at = match.index + text.length;
  }
  parts.push(line.slice(at));
  return parts;
}

function code(result) {
  const block = element("pre", { tabIndex: 0 });
  block.setAttribute("aria-label", `Code of ${result.symbol || result.file_path}`);
  (result.content ?? "").split("\n").forEach((line, index) => {
    const row = element("span", { className: "row" }, ...highlighted(line, result.language));
    row.dataset.line = result.start_line + index;
    block.append(row);
  });
  return block;
}

async function showUsages(article, result, button) {
  button.disabled = true;
  const name = result.symbol.split(".").pop();
  try {
    const found = await call("find_symbol", { name, usages: true, limit: 30 });
    const rows = found.usages.map((use) => element("li", { textContent: `${use.file_path}:${use.line}  ${use.text.trim()}` }));
    article.append(element("ul", { className: "usages" }, ...(rows.length ? rows : [element("li", { textContent: "No usages" })])));
  } catch (problem) {
    article.append(element("p", { className: "warning", textContent: problem.message }));
  }
  resized();
}

function article(result, index) {
  const made = element("article", { id: `result-${index}` });
  const place = `${result.file_path}:${result.start_line}-${result.end_line}`;
  const head = element(
    "header",
    {},
    element("h2", { textContent: result.symbol || result.file_path.split("/").pop() }),
    element("span", { className: "place", textContent: place }),
    element("span", { className: "score", textContent: `${result.similarity_score.toFixed(2)}  ${result.chunk_id}` }),
  );
  if (result.symbol) {
    const usages = element("button", { type: "button", textContent: "Usages" });
    usages.addEventListener("click", () => showUsages(made, result, usages));
    head.append(usages);
  }
  const tell = element("button", { type: "button", textContent: "Use in chat" });
  tell.addEventListener("click", () =>
    request("ui/update-model-context", {
      content: [{ type: "text", text: `The person chose chunk ${result.chunk_id} (${result.symbol}) at ${place}.` }],
    }).then(() => { tell.textContent = "Told"; }, () => { tell.textContent = "Not taken by this host"; }),
  );
  head.append(tell);
  made.append(head, code(result));
  return made;
}

function tree(results) {
  const top = { folders: new Map(), files: new Map() };
  results.forEach((result, index) => {
    const parts = result.file_path.split("/");
    const file = parts.pop();
    let folder = top;
    for (const part of parts) {
      if (!folder.folders.has(part)) folder.folders.set(part, { folders: new Map(), files: new Map() });
      folder = folder.folders.get(part);
    }
    if (!folder.files.has(file)) folder.files.set(file, []);
    folder.files.get(file).push(index);
  });
  return branches(top);
}

function branches(folder) {
  const rows = [];
  for (const [name, inner] of folder.folders) {
    rows.push(element("li", {}, element("span", { className: "folder", textContent: `${name}/` }), element("ul", {}, ...branches(inner))));
  }
  for (const [name, indices] of folder.files) {
    const link = element("a", { href: `#result-${indices[0]}`, textContent: indices.length > 1 ? `${name} (${indices.length})` : name });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const target = document.getElementById(`result-${indices[0]}`);
      target.scrollIntoView({ block: "start" });
      target.querySelector("pre").focus({ preventScroll: true });
    });
    rows.push(element("li", {}, link));
  }
  return rows;
}

function show(answer) {
  if (!answer?.results) return;
  const { results, total_count: total, index, warnings } = answer;
  const state = index.state === "ready" ? "" : `, the index is ${index.state}`;
  document.querySelector(".summary").textContent =
    results.length ? `${results.length} of ${total} matches in ${index.files} files${state}` : `No matches in ${index.files} files${state}`;
  document.querySelector(".tree").replaceChildren(...tree(results));
  document.querySelector("main").replaceChildren(
    ...warnings.map((text) => element("p", { className: "warning", textContent: text })),
    ...results.map(article),
  );
  resized();
}

async function search(query) {
  document.querySelector(".summary").textContent = "Searching";
  try {
    show(await call("search_code", { query }));
  } catch (problem) {
    document.querySelector(".summary").textContent = problem.message;
  }
}

function resized() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  post({ method: "ui/notifications/size-changed", params: { width: document.body.scrollWidth, height } });
}

function themed(context = {}) {
  if (context.theme) document.documentElement.dataset.theme = context.theme;
  for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
    if (name.startsWith("--")) document.documentElement.style.setProperty(name, value);
  }
}

const notices = {
  "ui/notifications/tool-input": (params) => {
    if (params.arguments?.query) document.forms[0].elements.query.value = params.arguments.query;
  },
  "ui/notifications/tool-result": (params) => {
    if (params.isError) document.querySelector(".summary").textContent = params.content?.[0]?.text ?? "The search failed";
    else show(params.structuredContent);
  },
  "ui/notifications/tool-cancelled": () => { document.querySelector(".summary").textContent = "Cancelled"; },
  "ui/notifications/host-context-changed": themed,
};

addEventListener("message", (event) => {
  if (event.source !== parent || event.data?.jsonrpc !== "2.0") return;
  const { id, method, params, result, error } = event.data;
  if (method) {
    if (id === undefined) notices[method]?.(params ?? {});
    else post({ id, result: {} });
    return;
  }
  const waiting = pending.get(id);
  pending.delete(id);
  if (error) waiting?.reject(new Error(error.message));
  else waiting?.resolve(result);
});

document.forms[0].addEventListener("submit", (event) => {
  event.preventDefault();
  const query = document.forms[0].elements.query.value.trim();
  if (query) search(query);
});

const hello = await request("ui/initialize", {
  protocolVersion: "2026-01-26",
  appInfo: { name: "codebase-results", version: "1" },
  appCapabilities: {},
});
themed(hello.hostContext);
post({ method: "ui/notifications/initialized", params: {} });
resized();
