// Whether a page, as roles and names, has the parts a template tells. What the template leaves out may be anything.
//
// The template is YAML read by the host: a list whose entries are `"role \"name\" [state]"`, `{"that": text | list}` or
// `{"text": …}`. Names and texts between slashes are regular expressions.

function matchAria(element, template) {
  const wanted = { role: "fragment", name: undefined, states: {}, props: {}, ...readAria(template) };
  const root = ariaTree(element);
  return { holds: hasSomewhere(root, wanted), received: tellAria(element) };
}

function hasSomewhere(node, wanted) {
  if (typeof node === "string") return false;
  return matchChildren(node.children, wanted) || node.children.some((child) => hasSomewhere(child, wanted));
}

/** The entries of a list as nodes, and `/children` and other properties apart. */
function readAria(entries) {
  const read = { children: [], mode: "contain", props: {} };
  for (const entry of Array.isArray(entries) ? entries : [entries]) {
    const [key, value] = typeof entry === "string" ? [entry, undefined] : Object.entries(entry || {})[0] || [];
    if (key === undefined) throw new Wrong("an entry of the aria snapshot is empty");
    if (key === "/children") read.mode = value;
    else if (key.startsWith("/")) read.props[key.slice(1)] = pattern(String(value));
    else if (key === "text") read.children.push({ text: pattern(String(value)) });
    else read.children.push(readNode(key, value));
  }
  if (!/^(contain|equal|deep-equal)$/.test(read.mode)) throw new Wrong(`/children is contain, equal or deep-equal, not ${read.mode}`);
  return read;
}

function readNode(key, value) {
  const parts = /^\s*([a-z]+)\s*("(?:[^"\\]|\\.)*"|\/(?:[^/\\]|\\.)+\/[a-z]*)?\s*((?:\[[^\]]+\]\s*)*)$/.exec(key);
  if (!parts) throw new Wrong(`${quoted(key)} is no line of an aria snapshot: role "name" [state]`);
  const [, role, name, states] = parts;
  if (!ROLES.has(role) && role !== "iframe") throw new Wrong(`${quoted(role)} is no role`);
  const node = { role, name: name && (name[0] === '"' ? pattern(JSON.parse(name), true) : pattern(name)), states: {}, props: {}, children: [], mode: "contain" };
  for (const [, state, given] of states.matchAll(/\[\s*([a-z]+)\s*(?:=\s*([a-z0-9]+))?\s*\]/g)) {
    if (!STATES_TOLD.has(state)) throw new Wrong(`${quoted(state)} is no state: one of ${[...STATES_TOLD].join(", ")}`);
    node.states[state] = given === undefined || given === "true" ? true : given === "false" ? false : /^\d+$/.test(given) ? Number(given) : given;
  }
  if (value === undefined || value === null) return node;
  if (typeof value !== "object") return { ...node, children: [{ text: pattern(String(value)) }] };
  return { ...node, ...readAria(value) };
}

const STATES_TOLD = new Set(["checked", "disabled", "expanded", "level", "pressed", "selected"]);

/** A test of a text: `/…/flags` is a regular expression, anything else means the whole text. */
function pattern(text, plain = false) {
  const regex = !plain && /^\/(.+)\/([a-z]*)$/.exec(text);
  return regex ? wording({ regex: regex[1], flags: regex[2] }) : wording({ text, exact: true });
}

function matchNode(node, wanted, deep) {
  if (typeof node === "string") return Boolean(wanted.text) && wanted.text(node);
  if (wanted.text || node.role !== wanted.role) return false;
  if (wanted.name && !wanted.name(node.name)) return false;
  for (const [state, value] of Object.entries(wanted.states)) if ((node.states[state] ?? false) !== value) return false;
  for (const [prop, test] of Object.entries(wanted.props)) if (!test(node.props[prop] ?? "")) return false;
  // A name made of the content is not repeated as content.
  if (wanted.children.length === 1 && wanted.children[0].text && !node.children.length) return wanted.children[0].text(node.name);
  return matchChildren(node.children, deep ? { ...wanted, mode: "deep-equal" } : wanted);
}

function matchChildren(children, wanted) {
  const deep = wanted.mode === "deep-equal";
  if (wanted.mode !== "contain") {
    return children.length === wanted.children.length && children.every((child, at) => matchNode(child, wanted.children[at], deep));
  }
  let at = 0;
  for (const child of children) {
    if (at < wanted.children.length && matchNode(child, wanted.children[at], false)) at++;
  }
  return at === wanted.children.length;
}
