// A handful of accessibility rules that hold on every page and need no judgement. axe-core knows many more.

const RULES = {
  "html-has-lang": { help: "<html> tells its language", of: () => [document.documentElement].filter((one) => !one.lang.trim()) },
  "document-title": { help: "the page has a title", of: () => (normal(document.title) ? [] : [document.documentElement]) },
  "image-alt": { help: "an image says what it shows, or has alt=\"\"", of: () => told("img, input[type=image], area[href]").filter((one) => !one.hasAttribute("alt") && !nameOf(one)) },
  "label": { help: "a field has a label", of: () => told("input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image]), select, textarea").filter((one) => !labelsOf(one).some(Boolean) && !one.title) },
  "button-name": { help: "a button says what it does", of: () => named("button") },
  "link-name": { help: "a link says where it leads", of: () => named("link") },
  "heading-name": { help: "a heading is not empty", of: () => named("heading") },
  "duplicate-id": { help: "an id that labels something is there once", of: duplicateIds },
  "aria-role": { help: "a role is one that exists", of: () => told("[role]").filter((one) => one.getAttribute("role").trim() && !givenRole(one)) },
  "aria-hidden-focus": { help: "what is hidden from assistive technology cannot have the focus", of: () => elementsByCss(document, "[aria-hidden=true], [aria-hidden=true] *").filter((one) => isFocusable(one) && one.tabIndex >= 0 && isVisible(one)) },
  "tabindex": { help: "no tabindex above 0 upsets the order", of: () => told("[tabindex]").filter((one) => one.tabIndex > 0) },
};

/** The places where a rule is broken: `[{rule, help, elements: [{element, locator}]}]`. */
function accessibility(args) {
  return once(() => {
    const skipped = new Set(args?.except || []);
    const broken = [];
    for (const [rule, { help, of }] of Object.entries(RULES)) {
      if (skipped.has(rule)) continue;
      const elements = of().map((element) => ({ element: preview(element), locator: propose(element, args?.test_id) }));
      if (elements.length) broken.push({ rule, help, elements });
    }
    return { done: true, rules: Object.keys(RULES), broken };
  });
}

function told(css) {
  return elementsByCss(document, css).filter((element) => !isHiddenForAria(element));
}

function named(role) {
  return all(document, (element) => roleOf(element) === role && !isHiddenForAria(element) && !nameOf(element));
}

function duplicateIds() {
  const used = "label[for], [aria-labelledby], [aria-describedby], [aria-controls], [aria-owns]";
  const ids = new Set();
  for (const element of elementsByCss(document, used)) {
    for (const attribute of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"]) {
      for (const id of (element.getAttribute(attribute) || "").split(/\s+/)) if (id) ids.add(id);
    }
  }
  return [...ids].flatMap((id) => [...document.querySelectorAll(`[id="${CSS.escape(id)}"]`)].slice(1));
}
