// Claims about elements and about the page, looked at again until they hold.

/** What one element must be. Each gives `{holds, received}`; `args.expected` and options are the claim's. */
const CLAIMS = {
  to_be_visible: (element) => {
    const visible = isVisible(element);
    return either(visible, "visible", visible || `hidden: ${whyHidden(element)}`);
  },
  to_be_hidden: (element) => either(!isVisible(element), "hidden", "visible"),
  to_be_attached: () => either(true, "attached"),
  to_be_enabled: (element) => either(!isDisabled(element), "enabled", "disabled"),
  to_be_disabled: (element) => either(isDisabled(element), "disabled", "enabled"),
  to_be_editable: (element) => {
    const editable = isEditable(element);
    if (editable === undefined) throw new Wrong(`${preview(element)} is nothing to type into: it can be neither editable nor not`);
    return either(editable, "editable", isDisabled(element) ? "disabled" : "read-only");
  },
  to_be_focused: (element) => either(isFocused(element), "focused", `the focus is on ${tellFocus()}`),
  to_be_empty: (element) => {
    const value = valueOf(element);
    return either(isEmpty(element), "empty", isSecret(element) ? "a value" : quoted(short(value || normal(element.innerHTML), 200)));
  },
  to_be_checked: (element, args) => {
    const state = checkedState(element);
    if (state === undefined) throw new Wrong(`${preview(element)} is no checkbox, radio button or switch: it can be neither checked nor not`);
    const wanted = args.indeterminate ? "mixed" : (args.expected ?? true);
    return { holds: state === wanted, received: { true: "checked", false: "unchecked", mixed: "mixed" }[state], plain: true };
  },
  to_be_in_viewport: (element, args) => {
    const ratio = shownRatio(element);
    const holds = ratio > 0 && ratio >= (args.expected ?? 0);
    return { holds, received: `${Math.round(ratio * 100)} % of it in the viewport`, plain: true };
  },
  to_have_text: (element, args) => worded(args, args.inner_text ? normal(element.innerText) : textOf(element)),
  to_contain_text: (element, args) => worded(args, args.inner_text ? normal(element.innerText) : textOf(element), true),
  to_have_value: (element, args) => {
    const value = valueOf(element);
    if (value === undefined) throw new Wrong(`${preview(element)} has no value: it is no <input>, <textarea> or <select>`);
    const verdict = worded(args, value);
    return isSecret(element) ? { ...verdict, received: value ? "another value, not shown: it is secret" : "" } : verdict;
  },
  to_have_values: (element, args) => {
    if (element.nodeName !== "SELECT" || !element.multiple) throw new Wrong(`${preview(element)} is no <select multiple>: use to_have_value`);
    return listed(args, [...element.selectedOptions].map((option) => option.value));
  },
  to_have_attribute: (element, args) => {
    const value = element.getAttribute(args.name);
    if (args.expected === undefined) return { holds: value !== null, received: value };
    return value === null ? { holds: false, received: null } : worded(args, value);
  },
  to_have_class: (element, args) => worded(args, normal(element.getAttribute("class") || "")),
  to_contain_class: (element, args) => {
    const names = normal(args.expected.text).split(" ");
    return { holds: names.every((name) => element.classList.contains(name)), received: normal(element.getAttribute("class") || "") };
  },
  to_have_css: (element, args) => worded(args, getComputedStyle(element).getPropertyValue(args.name)),
  to_have_id: (element, args) => worded(args, element.id),
  to_have_role: (element, args) => worded(args, roleOf(element) || "none"),
  to_have_accessible_name: (element, args) => worded(args, nameOf(element)),
  to_have_accessible_description: (element, args) => worded(args, normal(referenced(element, "aria-describedby").map(rawText).join(" ") || element.getAttribute("aria-description") || "")),
  to_match_aria_snapshot: (element, args) => matchAria(element, args.expected),
};

/** What all elements together must be. */
const LIST_CLAIMS = {
  to_have_count: (elements, args) => ({ holds: elements.length === args.expected, received: elements.length }),
  to_have_text: (elements, args) => listed(args, elements.map((element) => (args.inner_text ? normal(element.innerText) : textOf(element)))),
  to_contain_text: (elements, args) => contained(args, elements.map((element) => (args.inner_text ? normal(element.innerText) : textOf(element)))),
  to_have_class: (elements, args) => listed(args, elements.map((element) => normal(element.getAttribute("class") || ""))),
};

/** What the page must be. */
const PAGE_CLAIMS = {
  to_have_url: (args) => ({ holds: isAt(args), received: location.href }),
  to_have_title: (args) => worded(args, normal(document.title)),
  to_match_aria_snapshot: (args) => matchAria(document.body || document.documentElement, args.expected),
};

/** Claims that hold of an element that is not there. */
const ABSENT = { to_be_visible: false, to_be_attached: false, to_be_in_viewport: false, to_be_hidden: true };

/**
 * Looks, for a slice, until the claim `args.matcher` holds (or, with `args.negated`, does not). Gives `{done}` or
 * `{received, verdict}`.
 */
async function expectation(args) {
  return poll(args.slice, (tell) => {
    const verdict = judge(args, tell);
    return verdict.decided && verdict.holds !== Boolean(args.negated) ? { done: true, ...verdict } : verdict;
  });
}

function judge(args, tell) {
  if (!args.chain) return { decided: true, ...PAGE_CLAIMS[args.matcher](args) };
  const elements = find(args.chain);
  const isList = args.matcher === "to_have_count" || Array.isArray(args.expected) && args.matcher in LIST_CLAIMS;
  if (isList) {
    tell(elements.length === 1 ? "found 1 element" : `found ${elements.length} elements`);
    return { decided: true, ...LIST_CLAIMS[args.matcher](elements, args) };
  }
  if (elements.length === 0) {
    tell("no such element");
    const holds = ABSENT[args.matcher];
    return { decided: holds !== undefined, holds, verdict: "missing" };
  }
  if (elements.length > 1) {
    tell(`it means ${elements.length} elements`);
    return { decided: false, verdict: "many", ...tellMany(elements, args.test_id) };
  }
  tell(`found ${preview(elements[0])}`);
  const verdict = CLAIMS[args.matcher](elements[0], args);
  if (!verdict.holds && typeof verdict.received === "string") tell(verdict.plain ? verdict.received : short(quoted(verdict.received), 100));
  return { decided: true, element: preview(elements[0]), ...verdict };
}

/**
 * Whether the address is the expected one: relative to the page or the base unless it begins with a star; `*` for a part,
 * `**` for anything, and with a slash behind it for nothing, too.
 */
function isAt({ expected, base, ignore_case: ignoreCase }) {
  if (expected.regex !== undefined) return claimed(expected)(location.href);
  const wanted = expected.text.startsWith("*") ? expected.text : new URL(expected.text, base || location.href).href;
  const escaped = wanted.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const STARS = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/?#]*" };
  const source = escaped.replace(/\*\*\/|\*\*|\*/g, (stars) => STARS[stars]);
  return new RegExp(`^${source}$`, ignoreCase ? "i" : "").test(location.href);
}

function either(holds, yes, no) {
  return { holds, received: holds ? yes : no, plain: true };
}

/** A test of a text for a claim: unlike a locator's, it minds the case and means the whole. */
function claimed(expected, contained, ignoreCase) {
  if (expected.regex !== undefined) return wording({ ...expected, flags: (expected.flags || "") + (ignoreCase ? "i" : "") });
  const same = (text) => (ignoreCase ? normal(text).toLowerCase() : normal(text));
  const wanted = same(expected.text);
  return (text) => (contained ? same(text).includes(wanted) : same(text) === wanted);
}

function worded(args, received, contained = false) {
  return { holds: claimed(args.expected, contained, args.ignore_case)(received), received };
}

function listed(args, received) {
  const tests = args.expected.map((one) => claimed(one, false, args.ignore_case));
  return { holds: tests.length === received.length && tests.every((test, at) => test(received[at])), received };
}

/** Whether texts that contain the expected ones come in that order, with others between them allowed. */
function contained(args, received) {
  let at = 0;
  for (const text of received) {
    if (at < args.expected.length && claimed(args.expected[at], true, args.ignore_case)(text)) at++;
  }
  return { holds: at === args.expected.length, received };
}

function tellFocus() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at && at !== document.body ? preview(at) : "nothing";
}

/** How much of an element's area is on the screen. */
function shownRatio(element) {
  const box = element.getBoundingClientRect();
  const width = Math.max(0, Math.min(box.right, innerWidth) - Math.max(box.left, 0));
  const height = Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0));
  if (box.width === 0 || box.height === 0) return 0;
  return (width * height) / (box.width * box.height);
}
