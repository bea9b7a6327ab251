// The states of an element that locators and expectations ask for.

const CHECKABLE = new Set(["checkbox", "menuitemcheckbox", "menuitemradio", "option", "radio", "switch", "treeitem"]);

/** `true`, `false` or `"mixed"`; `undefined` when the element cannot be checked. */
function checkedState(element) {
  if (element.nodeName === "INPUT" && /^(checkbox|radio)$/.test(element.type)) {
    return element.indeterminate ? "mixed" : element.checked;
  }
  if (!CHECKABLE.has(roleOf(element))) return undefined;
  const given = element.getAttribute("aria-checked");
  return given === "mixed" ? "mixed" : given === "true";
}

/** Whether the element, or the group it belongs to, is switched off. */
function isDisabled(element) {
  if (/^(BUTTON|SELECT|INPUT|TEXTAREA|OPTION|OPTGROUP|FIELDSET)$/.test(element.nodeName) && element.matches(":disabled")) return true;
  if (element.nodeName === "OPTION" && element.closest("select")?.matches(":disabled")) return true;
  for (let at = element; at; at = parentOf(at)) {
    const given = at.getAttribute("aria-disabled");
    if (given === "true") return true;
    if (given === "false") return false;
  }
  return false;
}

/** Whether a person could type into it; `undefined` when it is not a thing to type into. */
function isEditable(element) {
  if (element.isContentEditable) return !isDisabled(element);
  const isField = element.nodeName === "TEXTAREA" || element.nodeName === "SELECT" || (element.nodeName === "INPUT" && !BUTTON_INPUTS.has(element.type));
  const readable = element.getAttribute("aria-readonly");
  if (!isField && !/^(textbox|searchbox|combobox|spinbutton|checkbox|slider)$/.test(roleOf(element) || "")) return undefined;
  return !isDisabled(element) && !element.readOnly && readable !== "true";
}

function isFocused(element) {
  return element.getRootNode().activeElement === element;
}

/** Whether nothing is in it: no text in an element, no value in a field. */
function isEmpty(element) {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.nodeName)) return element.value === "";
  return normal(element.textContent) === "";
}

function headingLevel(element) {
  const given = Number(element.getAttribute("aria-level"));
  if (given >= 1) return given;
  const native = /^H([1-6])$/.exec(element.nodeName);
  return native ? Number(native[1]) : roleOf(element) === "heading" ? 2 : undefined;
}

function booleanState(element, attribute) {
  const given = element.getAttribute(attribute);
  return given === null || given === "" || given === "undefined" ? undefined : given === "mixed" ? "mixed" : given === "true";
}

function expandedState(element) {
  if (element.nodeName === "DETAILS") return element.open;
  if (element.nodeName === "SUMMARY" && element.parentElement?.nodeName === "DETAILS") return element.parentElement.open;
  return booleanState(element, "aria-expanded");
}

function selectedState(element) {
  return element.nodeName === "OPTION" ? element.selected : booleanState(element, "aria-selected");
}

/** The states that `get_by_role` takes as options, by name. */
const ROLE_STATES = {
  checked: (element) => checkedState(element) ?? false,
  disabled: isDisabled,
  expanded: expandedState,
  level: headingLevel,
  pressed: (element) => booleanState(element, "aria-pressed") ?? false,
  selected: (element) => selectedState(element) ?? false,
};

/** What a field holds, as a person would read it; `undefined` when the element is no field. */
function valueOf(element) {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.nodeName)) return element.value;
  if (element.isContentEditable) return element.innerText;
  return undefined;
}
