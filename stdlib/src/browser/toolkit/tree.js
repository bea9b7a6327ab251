// The tree as a person sees it: open shadow roots belong to it, closed ones stay closed.

/** The child elements of an element, those of its open shadow root first. */
function childrenOf(element) {
  return element.shadowRoot ? [...element.shadowRoot.children, ...element.children] : element.children;
}

/** The parent element of an element; above a shadow root, that is its host. */
function parentOf(element) {
  return element.parentElement || (element.parentNode instanceof ShadowRoot ? element.parentNode.host : null);
}

/** The parent an element is shown in: its slot, where it has one. */
function shownIn(element) {
  return element.assignedSlot || parentOf(element);
}

/** Whether `outer` is `inner` or one of those around it. */
function isWithin(inner, outer) {
  for (let at = inner; at; at = parentOf(at)) if (at === outer) return true;
  return false;
}

/** Whether the element is a part of the page. */
function isAttached(element) {
  return element.isConnected && element.ownerDocument === document;
}

/** `scope` and every open shadow root in or below it. */
function rootsOf(scope) {
  const roots = scope.shadowRoot ? [scope, scope.shadowRoot] : [scope];
  // The list grows while it is walked: a shadow root may hold others.
  for (const root of roots) {
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
  }
  return roots;
}

/** All elements below `scope` in the order of the page, shadow roots included. */
function elementsBelow(scope) {
  look.shadows ??= rootsOf(document).length > 1;
  if (!look.shadows) return scope.querySelectorAll("*");
  const found = [];
  const visit = (children) => {
    for (const child of children) {
      found.push(child);
      visit(childrenOf(child));
    }
  };
  visit(scope.nodeType === Node.ELEMENT_NODE ? childrenOf(scope) : scope.children);
  return found;
}

/** Brings elements into the order of the page and drops repetitions. */
function inOrder(elements) {
  const unique = [...new Set(elements)];
  return unique.length < 2 ? unique : unique.sort(compareElements);
}

function compareElements(one, other) {
  if (one === other) return 0;
  const [path, otherPath] = [pathOf(one), pathOf(other)];
  let at = 0;
  while (path[at] && path[at] === otherPath[at]) at++;
  if (!path[at]) return -1;
  if (!otherPath[at]) return 1;
  const [a, b] = [path[at], otherPath[at]];
  // What the shadow root of an element holds stands before the element's own children.
  if (a.parentNode !== b.parentNode) return a.parentNode instanceof ShadowRoot ? -1 : 1;
  return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

function pathOf(element) {
  const path = [];
  for (let at = element; at; at = parentOf(at)) path.push(at);
  return path.reverse();
}

const TOLD = ["id", "class", "name", "type", "role", "href", "value", "placeholder", "data-testid", "aria-label", "title", "alt"];

/** An element in one line, as in messages: `<button class="main">Sign in</button>`. */
function preview(element) {
  const tag = element.nodeName.toLowerCase();
  const attributes = [];
  for (const name of TOLD) {
    if (!element.hasAttribute(name)) continue;
    if (name === "value" && isSecret(element)) continue;
    attributes.push(` ${name}="${short(element.getAttribute(name), 40)}"`);
  }
  for (const name of ["checked", "disabled", "readonly", "hidden"]) {
    if (element.hasAttribute(name)) attributes.push(` ${name}`);
  }
  const open = `<${tag}${short(attributes.join(""), 120)}>`;
  if (/^(input|img|br|hr|meta|link|source|area|embed|wbr|col)$/.test(tag)) return open;
  const inside = element.childElementCount ? "…" : short(normal(element.textContent || ""), 50);
  return `${open}${tag === "textarea" ? "" : inside}</${tag}>`;
}

/** Whether what the element holds may never be told. */
function isSecret(element) {
  return element.nodeName === "INPUT" && (element.type === "password" || /password|one-time-code|cc-(number|csc)/.test(element.autocomplete));
}

function short(text, length) {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
