// What an element says, and whether that is the text a locator or an expectation means.

/** One look at the page: what is found out during it is kept, because nothing changes until it ends. */
let look;
lookAnew();

/** Begins a new look: the page may have changed since the last one. */
function lookAnew() {
  look = { texts: new Map(), names: new Map(), hidden: new Map(), muted: new Map(), roles: new Map(), shadows: undefined };
}

/** Text as a person reads it: white space of any kind and length is one blank, invisible characters are none. */
function normal(text) {
  return text.replace(/[\u200b\u00ad\u2060\ufeff]/g, "").replace(/\s+/g, " ").trim();
}

const SILENT = new Set(["SCRIPT", "NOSCRIPT", "STYLE", "TEMPLATE", "HEAD", "TITLE"]);
const BUTTON_INPUTS = new Set(["submit", "button", "reset"]);

/** The normalised text of an element with all that is shown inside it, open shadow roots and slots included. */
function textOf(element) {
  let text = look.texts.get(element);
  if (text === undefined) {
    text = normal(rawText(element));
    look.texts.set(element, text);
  }
  return text;
}

function rawText(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.nodeValue;
  if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return "";
  if (SILENT.has(node.nodeName)) return "";
  if (node.nodeName === "INPUT") return BUTTON_INPUTS.has(node.type) ? node.value : "";
  let text = "";
  for (let child = node.firstChild; child; child = child.nextSibling) text += rawText(child);
  if (node.shadowRoot) text += rawText(node.shadowRoot);
  return text;
}

/** A test of normalised text, made of `{text, exact}` or `{regex, flags}`. */
function wording(wanted) {
  if (wanted.regex !== undefined) {
    let pattern;
    try {
      pattern = new RegExp(wanted.regex, (wanted.flags || "").replace("g", ""));
    } catch (error) {
      throw new Wrong(`the regular expression is not one: ${error.message}`);
    }
    const test = (text) => pattern.test(text);
    test.prunes = () => true;
    return test;
  }
  const text = normal(wanted.text);
  const test = wanted.exact
    ? (found) => found === text
    : ((lower) => (found) => found.toLowerCase().includes(lower))(text.toLowerCase());
  // Where the text of an element does not even contain the words, no element inside it does.
  test.prunes = wanted.exact ? (found) => found.includes(text) : test;
  return test;
}

/** The smallest elements below `scope` whose text passes the test. */
function elementsSaying(scope, test) {
  const found = [];
  const visit = (element) => {
    if (SILENT.has(element.nodeName)) return false;
    const text = textOf(element);
    if (!test.prunes(text)) return false;
    let inside = false;
    for (const child of childrenOf(element)) inside = visit(child) || inside;
    if (inside) return true;
    if (!test(text)) return false;
    found.push(element);
    return true;
  };
  const tops = scope.nodeType === Node.ELEMENT_NODE ? childrenOf(scope) : [...scope.children];
  for (const child of tops) visit(child);
  return found;
}

/** What the script asked for cannot be done whatever the page does: a fault of the script, not of the page. */
class Wrong extends Error {}
