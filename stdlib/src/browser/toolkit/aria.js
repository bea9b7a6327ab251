// The page as a tree of roles, names and states: what assistive technology is told, written as YAML.

/** The tree below an element: nodes `{role, name, states, props, children}`; texts are strings. */
function ariaTree(element) {
  const root = { role: "fragment", name: "", states: {}, props: {}, children: [] };
  addAria(root, element);
  finish(root);
  return root;
}

function addAria(parent, node) {
  if (node.nodeType === Node.TEXT_NODE) {
    // What is typed into a text area is its value, told below; what is in a slot's fallback is told when shown.
    if (node.nodeValue) addText(parent, node.nodeValue);
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE || isHiddenForAria(node)) return;
  const role = roleOf(node);
  const target = role && role !== "generic" ? ariaNode(node, role) : parent;
  const isBlock = !getComputedStyle(node).display.startsWith("inline") || node.nodeName === "BR";
  if (isBlock && target === parent) addText(parent, " ");
  if (target === parent || !isLeaf(node)) {
    addText(target, pseudo(node, "::before"));
    for (const child of shownChildren(node)) addAria(target, child);
    addText(target, pseudo(node, "::after"));
  }
  if (isBlock && target === parent) addText(parent, " ");
  if (target !== parent) {
    finish(target);
    parent.children.push(target);
  } else if (node.nodeName === "IFRAME") parent.children.push({ role: "iframe", name: "", states: {}, props: {}, children: [] });
}

/** The nodes shown inside an element: its shadow root's, its slot's, else its own; and those it owns. */
function shownChildren(element) {
  if (element.nodeName === "SLOT" && element.assignedNodes().length) return element.assignedNodes();
  const own = [...(element.shadowRoot || element).childNodes].filter((child) => element.shadowRoot || !child.assignedSlot);
  return [...own, ...referenced(element, "aria-owns")];
}

/** Whether what is inside is the value of the element rather than parts of it. */
function isLeaf(element) {
  return /^(INPUT|TEXTAREA)$/.test(element.nodeName) || element.nodeName.toUpperCase() === "SVG";
}

function addText(node, text) {
  if (!text) return;
  if (typeof node.children.at(-1) === "string") node.children[node.children.length - 1] += text;
  else node.children.push(text);
}

function ariaNode(element, role) {
  const states = {};
  const checked = checkedState(element);
  if (checked && role !== "option" && role !== "treeitem") states.checked = checked;
  if (isDisabled(element) && isFocusableKind(element, role)) states.disabled = true;
  if (role !== "group" && expandedState(element)) states.expanded = true;
  if (role === "heading") states.level = headingLevel(element);
  if (booleanState(element, "aria-pressed")) states.pressed = booleanState(element, "aria-pressed");
  if (selectedState(element)) states.selected = true;
  const props = {};
  if (role === "link" && element.getAttribute("href")) props.url = element.getAttribute("href");
  const name = nameOf(element);
  const placeholder = element.getAttribute("placeholder");
  if (placeholder && placeholder !== name) props.placeholder = placeholder;
  const children = [];
  if (/^(INPUT|TEXTAREA)$/.test(element.nodeName) && !BUTTON_INPUTS.has(element.type) && !/^(checkbox|radio|file|image)$/.test(element.type)) {
    if (element.value) children.push(isSecret(element) ? "•••" : element.value);
  }
  return { role, name, states, props, children };
}

function isFocusableKind(element, role) {
  return /^(BUTTON|INPUT|SELECT|TEXTAREA|OPTION|FIELDSET)$/.test(element.nodeName) || element.hasAttribute("aria-disabled") || /^(button|link|tab|menuitem)$/.test(role);
}

/** Brings the texts of a node into order, and drops those that only repeat its name. */
function finish(node) {
  node.children = node.children.map((child) => (typeof child === "string" ? normal(child) : child)).filter((child) => child !== "");
  if (node.children.length === 1 && node.children[0] === node.name) node.children = [];
}

/** The tree below an element as YAML. */
function tellAria(element) {
  const lines = [];
  writeAria(ariaTree(element).children, 0, lines);
  return lines.join("\n");
}

function writeAria(children, depth, lines) {
  const indent = "  ".repeat(depth);
  for (const child of children) {
    if (typeof child === "string") {
      lines.push(`${indent}- text: ${yamlValue(child)}`);
      continue;
    }
    const key = ariaKey(child);
    const props = Object.entries(child.props);
    const only = child.children.length === 1 && typeof child.children[0] === "string" && !props.length;
    if (only) lines.push(`${indent}- ${yamlKey(key)}: ${yamlValue(child.children[0])}`);
    else if (!child.children.length && !props.length) lines.push(`${indent}- ${yamlKey(key, true)}`);
    else {
      lines.push(`${indent}- ${yamlKey(key)}:`);
      for (const [name, value] of props) lines.push(`${indent}  - /${name}: ${yamlValue(value)}`);
      writeAria(child.children, depth + 1, lines);
    }
  }
}

/** A node without what is in it: `checkbox "Remember me" [checked]`. */
function ariaKey(node) {
  const name = node.name ? ` ${JSON.stringify(short(node.name, 900))}` : "";
  const states = Object.entries(node.states).map(([state, value]) => ` [${value === true ? state : `${state}=${value}`}]`);
  return node.role + name + states.join("");
}

function yamlKey(key, alone = false) {
  const plain = alone ? !/: |#|'|:$/.test(key) : !/[:#']/.test(key);
  return plain ? key : `'${key.replace(/'/g, "''")}'`;
}

function yamlValue(text) {
  const plain = /^[\p{L}(.…/][^:#"'`{}[\]\\\n]*$/u.test(text) && !/^(true|false|null|yes|no|on|off|y|n|~)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
