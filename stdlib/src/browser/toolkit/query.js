// Questions about elements.

/** Questions that are answered at once, whatever is there. */
const AT_ONCE = {
  count: (elements) => elements.length,
  all_text_contents: (elements) => elements.map((element) => element.textContent),
  all_inner_texts: (elements) => elements.map((element) => element.innerText),
};

/** Questions whose answer is plain even when the element is not there. */
const STATES = {
  is_visible: (element) => Boolean(element) && isVisible(element),
  is_hidden: (element) => !element || !isVisible(element),
};

/** Questions that wait for the element. */
const ANSWERS = {
  is_attached: () => true,
  text_content: (element) => element.textContent,
  inner_text: (element) => element.innerText,
  inner_html: (element) => element.innerHTML,
  outer_html: (element) => element.outerHTML,
  attribute: (element, args) => element.getAttribute(args.name),
  attributes: (element) => Object.fromEntries([...element.attributes].map((one) => [one.name, one.value])),
  input_value: (element) => {
    const field = element.nodeName === "LABEL" ? element.control : element;
    const value = field && valueOf(field);
    if (value === undefined) throw new Wrong(`${preview(element)} has no value: it is no <input>, <textarea> or <select>`);
    return value;
  },
  css_value: (element, args) => getComputedStyle(element).getPropertyValue(args.name),
  role: (element) => roleOf(element),
  accessible_name: nameOf,
  is_enabled: (element) => !isDisabled(element),
  is_disabled: isDisabled,
  is_editable: (element) => isEditable(element) ?? false,
  is_focused: isFocused,
  is_checked: (element) => {
    const state = checkedState(element);
    if (state === undefined) throw new Wrong(`${preview(element)} is no checkbox, radio button or switch`);
    return state === true;
  },
  bounding_box: (element) => {
    const box = element.getBoundingClientRect();
    return isVisible(element) ? { x: box.left, y: box.top, width: box.width, height: box.height } : null;
  },
  aria_snapshot: (element) => tellAria(element),
  propose: (element, args) => propose(element, args.test_id),
};

/** Answers `args.question`: `{done, value}`, or the verdict of a slice. */
async function query(args) {
  if (args.question in AT_ONCE) return once(() => ({ done: true, value: AT_ONCE[args.question](find(args.chain)) }));
  return poll(args.slice, (tell) => {
    const found = findOne(args);
    if (args.question in STATES && found.verdict !== "many") return { done: true, value: STATES[args.question](found.element) };
    if (!found.element) {
      tell(found.verdict === "many" ? `it means ${found.count} elements` : "no such element");
      return found;
    }
    return { done: true, value: ANSWERS[args.question](found.element, args) };
  });
}

/** The one element itself, for what the host does with elements: files, frames. */
function reach(args) {
  lookAnew();
  return findOne(args).element ?? null;
}

/** Waits for a frame's element: `{done, x, y}` is the corner of what it shows, in this frame's viewport. */
async function frameOf(args) {
  return poll(args.slice, (tell) => {
    const found = findOne(args);
    if (!found.element) {
      tell(found.verdict === "many" ? `it means ${found.count} frames` : "no such frame");
      return found;
    }
    const { element } = found;
    if (!/^I?FRAME$/.test(element.nodeName)) throw new Wrong(`${preview(element)} is no <iframe>: frame_locator needs one`);
    if (args.scrolls && !isOnScreen(pointOf(element))) scrollTo(element, 0);
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const x = box.left + element.clientLeft + parseFloat(style.paddingLeft);
    const y = box.top + element.clientTop + parseFloat(style.paddingTop);
    const index = [...document.querySelectorAll("iframe, frame")].indexOf(element);
    return { done: true, x, y, index, name: element.name, url: element.src };
  });
}
