// The best locator for an element, in the words of a script: what a person sees comes before what a programmer wrote.

const LONGEST = 60;

/** A locator that means this element only. */
function propose(element, testId = "data-testid") {
  const ways = waysTo(element, testId);
  const only = ways.find((way) => isOnly(way, element));
  if (only) return only.shown;
  // Not unique by itself: unique below something that is.
  for (let at = parentOf(element), far = 0; at && far < 8; at = parentOf(at), far++) {
    for (const outer of containersOf(at, testId)) {
      if (!isOnly(outer, at)) continue;
      for (const way of ways) {
        const both = { chain: [...outer.chain, ...way.chain], shown: `${outer.shown}.${way.shown}` };
        if (isOnly(both, element)) return both.shown;
      }
    }
  }
  const css = classCss(element).map(cssWay).find((way) => isOnly(way, element));
  if (css) return css.shown;
  for (const way of ways) {
    const index = find(way.chain).indexOf(element);
    if (index >= 0) return `${way.shown}.${index ? `nth(${index})` : "first()"}`;
  }
  return cssWay(cssPath(element)).shown;
}

function cssWay(css) {
  return { chain: [{ css }], shown: `locator(${quoted(css)})` };
}

function isOnly(way, element) {
  const found = find(way.chain);
  return found.length === 1 && found[0] === element;
}

/** Ways to say which element is meant, best first. */
function waysTo(element, testId) {
  const ways = [];
  const say = (part, shown) => ways.push({ chain: [part], shown });
  const worded = (key, text, show) => {
    if (!text || text.length > LONGEST) return;
    say({ [key]: { text } }, show(quoted(text)));
    say({ [key]: { text, exact: true } }, show(`${quoted(text)}, #{ exact: true }`));
  };
  const role = roleOf(element);
  const name = role && !isHiddenForAria(element) ? nameOf(element) : "";
  if (role && name && name.length <= LONGEST) {
    say({ role, name: { text: name } }, `get_by_role(${quoted(role)}, ${quoted(name)})`);
    say({ role, name: { text: name, exact: true } }, `get_by_role(${quoted(role)}, ${quoted(name)}, #{ exact: true })`);
  }
  if (isLabelled(element)) worded("label", labelsOf(element)[0], (text) => `get_by_label(${text})`);
  const id = element.getAttribute(testId);
  if (id) say({ test_id: { text: id, exact: true }, attribute: testId }, `get_by_test_id(${quoted(id)})`);
  worded("placeholder", element.getAttribute("placeholder"), (text) => `get_by_placeholder(${text})`);
  worded("alt", element.getAttribute("alt"), (text) => `get_by_alt_text(${text})`);
  worded("title", element.getAttribute("title"), (text) => `get_by_title(${text})`);
  if (!/^(INPUT|SELECT|TEXTAREA|HTML|BODY)$/.test(element.nodeName)) {
    worded("text", textOf(element), (text) => `get_by_text(${text})`);
  }
  if (role && !name && !isHiddenForAria(element)) say({ role }, `get_by_role(${quoted(role)})`);
  return [...ways, ...handmadeCss(element).map(cssWay)];
}

/** Ways to name something around an element: a row, a region, a dialog, a thing with an id. */
function containersOf(element, testId) {
  const role = roleOf(element);
  const ways = waysTo(element, testId).filter((way) => !way.chain[0].text);
  if (/^(listitem|row|article|group)$/.test(role || "")) {
    const words = textOf(element).split(" ").slice(0, 4).join(" ");
    if (words) {
      ways.push({
        chain: [{ role }, { filter: { has_text: { text: words } } }],
        shown: `get_by_role(${quoted(role)}).filter(#{ has_text: ${quoted(words)} })`,
      });
    }
  }
  return ways;
}

/** Selectors a programmer gave on purpose: an id that looks made by hand, a name. */
function handmadeCss(element) {
  const found = [];
  // Ids with long numbers are made by frameworks and change with every build.
  if (element.id && !/\d{3,}|:/.test(element.id)) found.push(`#${CSS.escape(element.id)}`);
  const name = element.getAttribute("name");
  if (name) found.push(`${element.nodeName.toLowerCase()}[name=${JSON.stringify(name)}]`);
  return found;
}

/** Selectors that say more about looks than about meaning: a class, a kind. */
function classCss(element) {
  const tag = element.nodeName.toLowerCase();
  return [...[...element.classList].map((name) => `${tag}.${CSS.escape(name)}`), tag];
}

/** A path of children from the nearest id, or from the top. */
function cssPath(element) {
  const steps = [];
  for (let at = element; at; at = at.parentElement) {
    if (at.id) {
      steps.unshift(`#${CSS.escape(at.id)}`);
      break;
    }
    const tag = at.nodeName.toLowerCase();
    const alike = at.parentElement ? [...at.parentElement.children].filter((one) => one.nodeName === at.nodeName) : [];
    steps.unshift(alike.length > 1 ? `${tag}:nth-of-type(${alike.indexOf(at) + 1})` : tag);
  }
  return steps.join(" > ");
}

/** A text as a script writes it. */
function quoted(text) {
  return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}
