// From a chain, which describes elements, to the elements that are there now.
//
// A chain is a list of parts. A part that searches (`css xpath text role label placeholder alt title test_id`) replaces each
// element by what it finds below it; one that chooses (`nth filter and or`) keeps some.

const SEARCHES = {
  css: (scope, part) => elementsByCss(scope, part.css),
  xpath: (scope, part) => elementsByXPath(scope, part.xpath),
  text: (scope, part) => elementsSaying(scope, wording(part.text)),
  role: elementsByRole,
  label: (scope, part) => {
    const test = wording(part.label);
    return all(scope, (element) => isLabelled(element) && labelsOf(element).some(test));
  },
  placeholder: (scope, part) => byAttribute(scope, "placeholder", part.placeholder),
  alt: (scope, part) => byAttribute(scope, "alt", part.alt),
  title: (scope, part) => byAttribute(scope, "title", part.title),
  test_id: (scope, part) => byAttribute(scope, part.attribute, part.test_id),
};

const CHOICES = {
  nth: (elements, part) => elements.slice(part.nth, part.nth === -1 ? undefined : part.nth + 1),
  filter: (elements, part) => elements.filter(filterOf(part.filter)),
  and: (elements, part, scope) => {
    const others = new Set(find(part.and, scope));
    return elements.filter((element) => others.has(element));
  },
  or: (elements, part, scope) => inOrder([...elements, ...find(part.or, scope)]),
};

/** The elements a chain means now. */
function find(chain, scope = document) {
  let elements = [scope];
  for (const part of chain) {
    const kind = Object.keys(part).find((key) => key in SEARCHES || key in CHOICES);
    if (kind in CHOICES) elements = CHOICES[kind](elements, part, scope);
    else if (elements.length === 1) elements = SEARCHES[kind](elements[0], part);
    else elements = inOrder(elements.flatMap((element) => SEARCHES[kind](element, part)));
  }
  return elements;
}

function all(scope, holds) {
  const found = [];
  for (const element of elementsBelow(scope)) if (holds(element)) found.push(element);
  return found;
}

function byAttribute(scope, name, wanted) {
  const test = wording(wanted);
  return elementsByCss(scope, `[${CSS.escape(name)}]`).filter((element) => test(normal(element.getAttribute(name))));
}

/** Whether an element is of a kind that labels are for. */
function isLabelled(element) {
  return element.labels !== undefined || element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby");
}

function elementsByRole(scope, part) {
  const test = part.name && wording(part.name);
  const states = Object.keys(ROLE_STATES).filter((state) => part[state] !== undefined);
  return all(scope, (element) => {
    if (roleOf(element) !== part.role) return false;
    if (states.some((state) => ROLE_STATES[state](element) !== part[state])) return false;
    if (!part.include_hidden && isHiddenForAria(element)) return false;
    return !test || test(part.include_hidden ? nameIfShown(element) : nameOf(element));
  });
}

function filterOf(filter) {
  const tests = [];
  if (filter.has_text) tests.push(containing(wording(filter.has_text)));
  if (filter.has_not_text) tests.push(not(containing(wording(filter.has_not_text))));
  if (filter.has) tests.push((element) => find(filter.has, element).length > 0);
  if (filter.has_not) tests.push((element) => find(filter.has_not, element).length === 0);
  if (filter.visible !== undefined) tests.push((element) => isVisible(element) === filter.visible);
  return (element) => tests.every((test) => test(element));
}

const containing = (test) => (element) => test(textOf(element));
const not = (test) => (element) => !test(element);

/** The one element of a chain, or why there is not exactly one. */
function findOne(args) {
  const elements = find(args.chain);
  if (elements.length === 1) return { element: elements[0] };
  if (elements.length === 0) return { verdict: "missing" };
  return { verdict: "many", ...tellMany(elements, args.test_id) };
}

/** What is told of elements of which there should have been one. */
function tellMany(elements, testId) {
  const matches = elements.slice(0, 10).map((element) => ({ element: preview(element), locator: propose(element, testId) }));
  return { count: elements.length, matches };
}
