// Everything an action waits for, in the page: the host then presses at the point that this gives.

const PRESS = { visible: true, stable: true, enabled: true, receives: true };
const NEEDS = {
  click: PRESS,
  dblclick: PRESS,
  tap: PRESS,
  check: PRESS,
  uncheck: PRESS,
  drag: PRESS,
  hover: { visible: true, stable: true, receives: true },
  drop: { visible: true, stable: true, receives: true },
  fill: { visible: true, enabled: true, editable: true },
  clear: { visible: true, enabled: true, editable: true },
  select_option: { visible: true, enabled: true },
  screenshot: { visible: true, stable: true },
  scroll_into_view: { stable: true },
  focus: {},
  blur: {},
  press: {},
  type: {},
  enter: {},
  set_input_files: {},
};

/** The actions that happen at a point of the screen. */
const SCROLLS = new Set(["click", "dblclick", "tap", "check", "uncheck", "drag", "hover", "drop", "scroll_into_view", "screenshot"]);

/** How long a document may take to arrive, in milliseconds, before it counts as one that is written bit by bit. */
const ARRIVAL = 2000;

/** Whether the scripts at its end may not have run yet: what is done now would happen without them. */
const isArriving = () => document.readyState === "loading" && performance.now() < ARRIVAL;

/**
 * Waits, for a slice, until `args.action` can be done to the one element of `args.chain`. Gives `{done, x, y, box, …}`, or
 * `{verdict}`: missing, many, arriving, hidden, moving, disabled, readonly, outside, covered, detached.
 */
async function prepare(args) {
  const needs = args.force ? {} : NEEDS[args.action];
  const tries = { scrolled: 0 };
  return poll(args.slice, async (tell) => {
    const found = findOne(args);
    if (!found.element) {
      tell(found.verdict === "many" ? `it means ${found.count} elements` : "no such element");
      return found;
    }
    const { element } = found;
    standsFor(element);
    tell(`found ${preview(element)}`);
    if (!args.force && isArriving()) {
      tell("the document has not been read to its end");
      return { verdict: "arriving", element: preview(element) };
    }
    if (isChosen(element, args)) return { done: true, already: true, element: preview(element) };
    const ready = await readiness(element, needs, args, tries);
    if (ready.verdict) {
      tell(ready.tells);
      return { ...ready, element: preview(element) };
    }
    if (args.guarded) guard(element, args.action);
    return { done: true, element: preview(element), ...ready, ...act(element, args) };
  });
}

/** The first need that is not met, or the point to press. */
async function readiness(element, needs, args, tries) {
  if (needs.visible && !isVisible(element)) {
    const why = whyHidden(element);
    return { verdict: "hidden", why, tells: `it is hidden: ${why}` };
  }
  if (needs.enabled && isDisabled(element)) return { verdict: "disabled", tells: "it is disabled" };
  if (needs.editable) {
    const editable = isEditable(element);
    if (editable === undefined) throw new Wrong(`${preview(element)} is nothing to type into: ${args.action} needs an <input>, <textarea>, <select> or contenteditable element`);
    if (!editable) return { verdict: "readonly", tells: "it cannot be edited" };
  }
  // The next try after a cover scrolls in another way.
  if (SCROLLS.has(args.action)) {
    if (tries.covered || !isOnScreen(pointOf(element, args.position))) scrollTo(element, tries.scrolled++);
    tries.covered = false;
  }
  const began = performance.now();
  const unrest = needs.stable && await unrestOf(element);
  const waited = performance.now() - began;
  if (unrest) return { ...unrest, waited };
  const point = pointOf(element, args.position);
  if (needs.receives) {
    if (!isOnScreen(point)) return { verdict: "outside", waited, tells: "it is outside of the viewport and cannot be scrolled into it" };
    const cover = coverOf(element, point);
    if (cover) {
      const by = tellCover(cover, element);
      tries.covered = true;
      return { verdict: "covered", by, waited, tells: `${by} covers it` };
    }
  }
  const box = element.getBoundingClientRect();
  return { ...point, box: { x: box.left, y: box.top, width: box.width, height: box.height } };
}

/** The part of the action that is done in the page itself. */
function act(element, args) {
  switch (args.action) {
    case "fill": return fill(element, args.value);
    case "clear": return fill(element, "");
    case "select_option": return select(element, args.values);
    case "focus": case "press": case "type":
      element.focus();
      return {};
    case "blur":
      element.blur();
      return {};
    case "scroll_into_view":
      if (args.force || !isOnScreen(pointOf(element))) scrollTo(element, 0);
      return {};
    case "set_input_files":
      return filesOf(element);
    default: return {};
  }
}

/** Whether `check` or `uncheck` finds what it is to bring about. */
function isChosen(element, { action }) {
  if (action !== "check" && action !== "uncheck") return false;
  const checked = checkedState(element);
  if (checked === undefined) throw new Wrong(`${preview(element)} is no checkbox, radio button or switch: ${action} needs one`);
  if (action === "uncheck" && element.type === "radio" && checked) throw new Wrong(`${preview(element)} is a radio button, which only another one can uncheck`);
  return checked === (action === "check");
}

function filesOf(element) {
  const input = element.nodeName === "LABEL" ? element.control : element;
  if (input?.nodeName !== "INPUT" || input.type !== "file") throw new Wrong(`${preview(element)} is no <input type="file">`);
  return { multiple: input.multiple };
}
