// Entering values as a person would, with the events a page listens for.

const TYPED = new Set(["", "email", "number", "password", "search", "tel", "text", "url"]);
/** How the values of fields are written that people pick. */
const LIKE = {
  color: "#ff8800", date: "2026-12-24", "datetime-local": "2026-12-24T18:30", month: "2026-12", time: "18:30", week: "2026-W52",
};
const SET = new Set(["color", "date", "datetime-local", "month", "range", "time", "week"]);

/** Replaces what a field holds. */
function fill(element, value) {
  if (element.nodeName === "INPUT" && !TYPED.has(element.type)) return setValue(element, value);
  if (element.nodeName === "SELECT") throw new Wrong(`${preview(element)} is a list: use select_option`);
  if (element.nodeName === "INPUT" && element.type === "number" && value !== "" && isNaN(Number(value))) {
    throw new Wrong(`${quoted(value)} cannot be typed into ${preview(element)}`);
  }
  element.focus();
  selectAll(element);
  let heard = false;
  const listen = () => (heard = true);
  element.addEventListener("input", listen, { capture: true, once: true });
  // Typing through the editor gives the same trusted events as a keyboard, and keeps undo working.
  if (value === "") document.execCommand("delete");
  else document.execCommand("insertText", false, value);
  element.removeEventListener("input", listen, { capture: true });
  if (!heard && valueOf(element) !== value) return setValue(element, value);
  return {};
}

function selectAll(element) {
  if (element.select) return element.select();
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

/** Sets a value that is picked rather than typed, such as a date. */
function setValue(element, value) {
  if (element.nodeName === "INPUT" && !TYPED.has(element.type) && !SET.has(element.type)) {
    throw new Wrong(`an input of type ${element.type} cannot be filled${element.type === "file" ? ": use set_input_files" : ""}`);
  }
  element.focus();
  if ("value" in element) {
    const text = value.trim();
    element.value = element.type === "color" ? text.toLowerCase() : text;
    if (SET.has(element.type) && element.value !== (element.type === "color" ? text.toLowerCase() : text)) {
      throw new Wrong(`${quoted(value)} is no value for ${preview(element)}${element.type in LIKE ? `, which takes one like ${LIKE[element.type]}` : ""}`);
    }
  } else element.textContent = value;
  fire(element, "input");
  fire(element, "change");
  return {};
}

function fire(element, type) {
  element.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
}

/** Chooses options by value, by what they say, or `{index}`. Gives the values that are chosen then. */
function select(element, wanted) {
  const list = element.nodeName === "LABEL" ? element.control : element;
  if (list?.nodeName !== "SELECT") throw new Wrong(`${preview(element)} is no <select>: open it and click the option`);
  if (wanted.length > 1 && !list.multiple) throw new Wrong(`${preview(list)} takes one option, not ${wanted.length}`);
  const options = [...list.options];
  const chosen = wanted.map((one) => optionOf(options, one));
  const missing = wanted.filter((_, at) => !chosen[at]);
  if (missing.length) {
    const offers = options.map((option) => normal(option.label));
    return { done: false, verdict: "no_option", missing: missing.map(tellOption), offers: offers.slice(0, 30) };
  }
  const disabled = chosen.find(isDisabled);
  if (disabled) return { done: false, verdict: "option_disabled", missing: [normal(disabled.label)] };
  list.focus();
  const before = options.map((option) => option.selected);
  for (const option of options) option.selected = chosen.includes(option);
  if (options.some((option, at) => option.selected !== before[at])) {
    fire(list, "input");
    fire(list, "change");
  }
  return { values: chosen.map((option) => option.value) };
}

function optionOf(options, wanted) {
  if (wanted.index !== undefined) return options[wanted.index];
  const text = normal(wanted.label ?? wanted.text ?? "");
  const byLabel = (option) => normal(option.label) === text;
  if (wanted.label !== undefined) return options.find(byLabel);
  if (wanted.value !== undefined) return options.find((option) => option.value === wanted.value);
  return options.find((option) => option.value === wanted.text) || options.find(byLabel);
}

function tellOption(wanted) {
  return wanted.index !== undefined ? `option ${wanted.index}` : quoted(wanted.text ?? wanted.label ?? wanted.value);
}
