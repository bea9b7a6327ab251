// The accessible name of an element (accname 1.2): what a screen reader calls it, and what a person would say.

const NAMED_BY_CONTENT = new Set(
  `button cell checkbox columnheader gridcell heading link menuitem menuitemcheckbox menuitemradio option radio row
  rowheader switch tab tooltip treeitem`.split(/\s+/),
);
const NAMELESS = new Set(
  `caption code definition deletion emphasis generic insertion mark paragraph presentation none strong subscript superscript
  term time`.split(/\s+/),
);

/** The name that an element would have if nothing were hidden. */
function nameIfShown(element) {
  if (NAMELESS.has(roleOf(element) || "generic")) return "";
  return normal(nameFrom(element, { seen: new Set(), hiddenToo: true, all: true }));
}

/** The name, normalised; empty when there is none. */
function nameOf(element) {
  let name = look.names.get(element);
  if (name === undefined) {
    name = NAMELESS.has(roleOf(element) || "generic") ? "" : normal(nameFrom(element, { seen: new Set() }));
    look.names.set(element, name);
  }
  return name;
}

/**
 * One step of the computation. `how.inside`: this is part of another's name. `how.referenced`: an `aria-labelledby` leads
 * here, where hidden elements count, and no second reference is followed. `how.all`: hidden ones count everywhere.
 */
function nameFrom(element, how) {
  if (how.seen.has(element)) return "";
  how.seen.add(element);
  const hidden = isHiddenForAria(element);
  if (hidden && !how.hiddenToo) return "";

  if (!how.referenced) {
    const named = referenced(element, "aria-labelledby")
      .map((one) => nameFrom(one, { seen: new Set([element]), inside: true, referenced: true, hiddenToo: isHiddenForAria(one) }))
      .join(" ");
    if (named.trim()) return named;
  }
  if (how.inside) {
    const value = embeddedValue(element, how);
    if (value !== undefined) return value;
  }
  const label = element.getAttribute("aria-label");
  if (label?.trim()) return label;

  const own = nativeName(element, how);
  if (own?.trim()) return own;

  const role = roleOf(element);
  const takesContent = role ? NAMED_BY_CONTENT.has(role) : false;
  if (takesContent || how.inside) {
    const content = contentName(element, how);
    if (content.trim()) return content;
  }
  return element.getAttribute("title") || element.getAttribute("placeholder") || element.getAttribute("aria-placeholder") || "";
}

/** The elements an attribute with ids leads to. */
function referenced(element, attribute) {
  const ids = element.getAttribute(attribute);
  if (!ids) return [];
  const root = element.getRootNode();
  return ids.trim().split(/\s+/).map((id) => root.getElementById?.(id)).filter(Boolean);
}

/** Within another's name, a field stands for what it holds: "Remind me in [3] days". */
function embeddedValue(element, how) {
  const role = roleOf(element);
  if (role === "textbox" || role === "searchbox") return element.value ?? element.textContent;
  if (role === "combobox" || role === "listbox") {
    if (element.nodeName === "SELECT") return [...element.selectedOptions].map((option) => option.text).join(" ");
    if (element.nodeName === "INPUT") return element.value;
    const chosen = [...element.querySelectorAll("[role=option][aria-selected=true]")];
    return chosen.map((option) => nameFrom(option, { ...how, inside: true })).join(" ");
  }
  if (/^(spinbutton|slider|progressbar|meter|scrollbar)$/.test(role || "")) {
    return element.getAttribute("aria-valuetext") || element.getAttribute("aria-valuenow") || String(element.value ?? "");
  }
  return undefined;
}

/** The name HTML itself gives: labels, captions, alternative texts. */
function nativeName(element, how) {
  const tag = element.nodeName.toUpperCase();
  const within = (selector) => {
    const one = element.querySelector(`:scope > ${selector}`);
    return one ? nameFrom(one, { ...how, inside: true }) : "";
  };
  if (tag === "INPUT" && BUTTON_INPUTS.has(element.type)) {
    return element.value || { submit: "Submit", reset: "Reset" }[element.type] || "";
  }
  if (tag === "INPUT" && element.type === "image") return element.alt || element.title || "Submit";
  if (element.labels?.length) {
    return [...element.labels].map((label) => nameFrom(label, { seen: new Set([element]), inside: true, hiddenToo: how.all, all: how.all })).join(" ");
  }
  switch (tag) {
    case "FIELDSET": return within("legend");
    case "FIGURE": return within("figcaption");
    case "TABLE": return within("caption");
    case "IMG": case "AREA": return element.getAttribute("alt") || "";
    case "OPTGROUP": return element.label;
    case "OPTION": return element.label;
    case "SVG": return element.querySelector(":scope > title")?.textContent || "";
    default: return "";
  }
}

/** The name from what is inside, with blanks around blocks as on the screen. */
function contentName(element, how) {
  const inside = { ...how, inside: true };
  const parts = [pseudo(element, "::before")];
  const children = element.nodeName === "SLOT" && element.assignedNodes().length ? element.assignedNodes() : (element.shadowRoot || element).childNodes;
  for (const child of children) {
    if (child.nodeType === Node.TEXT_NODE) parts.push(child.nodeValue);
    else if (child.nodeType === Node.ELEMENT_NODE) parts.push(spaced(child, nameFrom(child, inside)));
  }
  for (const owned of referenced(element, "aria-owns")) parts.push(spaced(owned, nameFrom(owned, inside)));
  parts.push(pseudo(element, "::after"));
  return parts.join("");
}

function spaced(element, name) {
  const display = getComputedStyle(element).display;
  return display.startsWith("inline") && element.nodeName !== "BR" ? name : ` ${name} `;
}

function pseudo(element, which) {
  look.pseudos ??= hasPseudos();
  if (!look.pseudos) return "";
  const style = getComputedStyle(element, which);
  const text = /^"((?:[^"\\]|\\.)*)"$/.exec(style.content || "");
  if (!text || style.display === "none" || style.visibility !== "visible") return "";
  const plain = text[1].replace(/\\(.)/g, "$1");
  return style.display.startsWith("inline") ? plain : ` ${plain} `;
}

/** What was found out about the styles, and of which: asking each element for its `::before` is dear. */
let pseudosOf = { key: undefined, found: true };

/** Whether some style gives elements text of its own. */
function hasPseudos() {
  look.shadows ??= rootsOf(document).length > 1;
  // Styles inside of shadow roots are not listed by the document.
  if (look.shadows) return true;
  const sheets = [...document.styleSheets, ...document.adoptedStyleSheets];
  let key = "";
  try {
    for (const sheet of sheets) key += `${sheet.cssRules.length},`;
  } catch {
    return true;
  }
  if (pseudosOf.key !== key) pseudosOf = { key, found: sheets.some((sheet) => givesText(sheet.cssRules)) };
  return pseudosOf.found;
}

function givesText(rules) {
  return [...rules].some((rule) => /:(before|after)\b/.test(rule.selectorText || "") || rule.styleSheet || (rule.cssRules?.length && givesText(rule.cssRules)));
}

/** The texts that label a field, for `get_by_label`. */
function labelsOf(element) {
  const referencedBy = referenced(element, "aria-labelledby");
  if (referencedBy.length) return [normal(referencedBy.map(rawText).join(" ")), ...referencedBy.map(textOf)];
  const label = element.getAttribute("aria-label");
  if (label?.trim()) return [normal(label)];
  return element.labels ? [...element.labels].map(textOf) : [];
}
