// The ARIA role of an element: the one it is given, or the one its kind implies (HTML-AAM).

const ROLES = new Set(
  `alert alertdialog application article banner blockquote button caption cell checkbox code columnheader combobox
  complementary contentinfo definition deletion dialog directory document emphasis feed figure form generic grid gridcell
  group heading img image insertion link list listbox listitem log main mark marquee math menu menubar menuitem
  menuitemcheckbox menuitemradio meter navigation none note option paragraph presentation progressbar radio radiogroup region
  row rowgroup rowheader scrollbar search searchbox separator slider spinbutton status strong subscript superscript switch tab
  table tablist tabpanel term textbox time timer toolbar tooltip tree treegrid treeitem`.split(/\s+/),
);

const IMPLIED = {
  ARTICLE: "article", ASIDE: "complementary", BLOCKQUOTE: "blockquote", BUTTON: "button", CAPTION: "caption", CODE: "code",
  DATALIST: "listbox", DD: "definition", DEL: "deletion", DETAILS: "group", DFN: "term", DIALOG: "dialog", DT: "term",
  EM: "emphasis", FIELDSET: "group", FIGURE: "figure", H1: "heading", H2: "heading", H3: "heading", H4: "heading",
  H5: "heading", H6: "heading", HR: "separator", HTML: "document", INS: "insertion", LI: "listitem", MAIN: "main",
  MARK: "mark", MATH: "math", MENU: "list", METER: "meter", NAV: "navigation", OL: "list", OPTGROUP: "group",
  OPTION: "option", OUTPUT: "status", P: "paragraph", PROGRESS: "progressbar", S: "deletion", SEARCH: "search",
  STRONG: "strong", SUB: "subscript", SUP: "superscript", SVG: "img", TABLE: "table", TBODY: "rowgroup",
  TEXTAREA: "textbox", TFOOT: "rowgroup", THEAD: "rowgroup", TIME: "time", TR: "row", UL: "list",
};

const INPUTS = {
  button: "button", checkbox: "checkbox", image: "button", number: "spinbutton", radio: "radio", range: "slider",
  reset: "button", submit: "button",
};

const SECTIONING = "article, aside, main, nav, section, [role=article], [role=complementary], [role=main], [role=navigation], [role=region]";
const NAMING = ["aria-label", "aria-labelledby", "title"];

/** The role, or `null` when the element has none that means something. */
function roleOf(element) {
  let role = look.roles.get(element);
  if (role === undefined) {
    role = decideRole(element);
    look.roles.set(element, role);
  }
  return role;
}

function decideRole(element) {
  const given = givenRole(element);
  if (given && given !== "none" && given !== "presentation") return given === "image" ? "img" : given;
  if (given && !isConflicting(element)) return null;
  const implied = impliedRole(element);
  return implied && !given && isStripped(element) ? null : implied;
}

function givenRole(element) {
  const tokens = element.getAttribute("role");
  return tokens ? tokens.trim().toLowerCase().split(/\s+/).find((token) => ROLES.has(token)) : undefined;
}

/** Whether `role=none` is overruled: what can have the focus or tells about itself must not vanish. */
function isConflicting(element) {
  return isFocusable(element) || ["aria-label", "aria-labelledby", "aria-describedby", "aria-live", "aria-controls", "aria-owns"].some((name) => element.hasAttribute(name));
}

function isFocusable(element) {
  if (/^(BUTTON|SELECT|TEXTAREA)$/.test(element.nodeName)) return !element.disabled;
  if (element.nodeName === "INPUT") return !element.disabled && element.type !== "hidden";
  if (/^(A|AREA)$/.test(element.nodeName) && element.hasAttribute("href")) return true;
  return element.hasAttribute("tabindex") || element.isContentEditable;
}

/** The parts of a list or table whose own meaning was taken away lose theirs too. */
function isStripped(element) {
  const parent = { LI: "ul, ol, menu", TR: "table", TD: "table", TH: "table", TBODY: "table", THEAD: "table", TFOOT: "table" }[element.nodeName];
  const owner = parent && element.parentElement?.closest(parent);
  const given = owner && givenRole(owner);
  return (given === "none" || given === "presentation") && !isConflicting(owner);
}

function impliedRole(element) {
  // SVG elements tell their names in lower case.
  const tag = element.nodeName.toUpperCase();
  switch (tag) {
    case "A":
    case "AREA":
      return element.hasAttribute("href") ? "link" : null;
    case "INPUT":
      return inputRole(element);
    case "SELECT":
      return element.multiple || element.size > 1 ? "listbox" : "combobox";
    case "IMG":
      return element.getAttribute("alt") === "" && !NAMING.some((name) => element.getAttribute(name)) && !element.hasAttribute("tabindex") ? null : "img";
    case "HEADER":
      return element.parentElement?.closest(SECTIONING) ? null : "banner";
    case "FOOTER":
      return element.parentElement?.closest(SECTIONING) ? null : "contentinfo";
    case "FORM":
      return NAMING.some((name) => element.hasAttribute(name)) ? "form" : null;
    case "SECTION":
      return NAMING.some((name) => element.hasAttribute(name)) ? "region" : null;
    case "TD":
      return inGrid(element) ? "gridcell" : "cell";
    case "TH":
      return headerRole(element);
    default:
      return IMPLIED[tag] || null;
  }
}

function inputRole(element) {
  const type = element.type;
  if (type === "hidden") return null;
  // A list of proposals makes a combobox of a text field.
  const list = element.getAttribute("list");
  const proposes = list && element.getRootNode().getElementById?.(list)?.nodeName === "DATALIST";
  if (/^(email|tel|text|url|search|)$/.test(type)) return proposes ? "combobox" : type === "search" ? "searchbox" : "textbox";
  // A password, a date, a colour or a file has no role in the standard; people look for a textbox or a button.
  return INPUTS[type] || (type === "file" ? "button" : "textbox");
}

function inGrid(cell) {
  const table = cell.closest("table");
  const role = table && givenRole(table);
  return role === "grid" || role === "treegrid";
}

function headerRole(header) {
  if (/^row/.test(header.scope)) return "rowheader";
  if (/^col/.test(header.scope)) return "columnheader";
  // Without a scope: alone in its row among data cells it heads the row.
  const row = header.closest("tr");
  return row && header === row.cells[0] && [...row.cells].some((cell) => cell.nodeName === "TD") ? "rowheader" : "columnheader";
}
