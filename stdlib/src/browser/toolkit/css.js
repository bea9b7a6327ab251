// CSS selectors that see through open shadow roots, and XPath, which does not.

/** The elements below `scope` that a CSS selector means. */
function elementsByCss(scope, css) {
  // A selector may begin with a combinator: "> li".
  const selector = /^\s*[>+~]/.test(css) ? `:scope ${css}` : css;
  try {
    look.shadows ??= rootsOf(document).length > 1;
    return look.shadows ? pierced(scope, selector) : [...scope.querySelectorAll(selector)];
  } catch (error) {
    throw error instanceof Wrong ? error : new Wrong(`${JSON.stringify(css)} is not a CSS selector${/>>/.test(css) ? ": look for each part inside the one before, .locator(…).locator(…)" : ""}`);
  }
}

function pierced(scope, selector) {
  const roots = rootsOf(scope);
  if (roots.length === 1 && scope.nodeType === Node.DOCUMENT_NODE) return [...scope.querySelectorAll(selector)];
  const found = [];
  for (const compounds of complexSelectors(selector)) {
    const last = compounds.at(-1);
    for (const root of roots) {
      for (const element of root.querySelectorAll(last)) {
        if (isBelow(element, compounds.slice(0, -1), scope)) found.push(element);
      }
    }
  }
  return inOrder(found);
}

/** Whether ancestors across shadow borders match the compounds, innermost last. The nearest match is always right. */
function isBelow(element, compounds, scope) {
  let at = parentOf(element);
  for (let index = compounds.length - 1; index >= 0; index--) {
    const compound = compounds[index];
    while (at && !(compound === ":scope" ? at === scope : at.matches(compound))) at = parentOf(at);
    if (!at) return compound === ":scope" && scope.nodeType === Node.DOCUMENT_NODE;
    at = parentOf(at);
  }
  return true;
}

/** `"a b > c, d"` as `[["a", "b > c"], ["d"]]`: lists at commas, compounds at descendant blanks. */
function complexSelectors(selector) {
  const lists = [[""]];
  let depth = 0;
  let quote = "";
  for (let at = 0; at < selector.length; at++) {
    const c = selector[at];
    const list = lists.at(-1);
    const add = (text) => (list[list.length - 1] += text);
    if (c === "\\") add(c + (selector[++at] ?? ""));
    else if (quote) {
      if (c === quote) quote = "";
      add(c);
    } else if (c === '"' || c === "'") {
      quote = c;
      add(c);
    } else if (c === "(" || c === "[") {
      depth++;
      add(c);
    } else if (c === ")" || c === "]") {
      depth--;
      add(c);
    } else if (depth === 0 && c === ",") lists.push([""]);
    else if (depth === 0 && /\s/.test(c)) {
      const next = /\S/.exec(selector.slice(at))?.[0];
      const before = list.at(-1).trim();
      if (before === "" || next === undefined || next === "," || /[>+~]/.test(next) || /[>+~]$/.test(before)) add(" ");
      else {
        list.push("");
        while (/\s/.test(selector[at + 1] ?? "")) at++;
      }
    } else add(c);
  }
  return lists.map((list) => list.map((compound) => compound.trim()));
}

/** The elements an XPath expression means, from `scope` on. */
function elementsByXPath(scope, path) {
  // "//x" inside a chain means below this element, not anywhere on the page.
  const relative = scope.nodeType !== Node.DOCUMENT_NODE && path.startsWith("/") ? `.${path}` : path;
  let result;
  try {
    result = document.evaluate(relative, scope, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
  } catch {
    throw new Wrong(`${JSON.stringify(path)} is not an XPath expression that gives elements`);
  }
  const found = [];
  for (let at = 0; at < result.snapshotLength; at++) {
    const node = result.snapshotItem(at);
    if (node.nodeType === Node.ELEMENT_NODE) found.push(node);
  }
  return found;
}
