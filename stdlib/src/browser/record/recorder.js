// What a person does in a page, told as it happens: each deed with the locator a script would use for its element. Runs
// beside the toolkit in a world of its own; `TOKEN` is known to us alone, so a page cannot tell deeds of its own.

/** Told through the console, which outlives the document that says it: a press may lead to another page. */
const tell = (deed) => console.debug(TOKEN + JSON.stringify({ ...deed, frames: framesOf(window), stamp }));

/** When what is told happened: a pop-up may keep the window of its first, empty document, and then tells everything twice. */
let stamp = 0;

/** Roles of elements that a press is meant for, also when it hits something inside them. */
const PRESSED = new Set(
  `button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem combobox listbox textbox
  searchbox slider spinbutton`.split(/\s+/),
);

/** The element that is meant by a press on `target`. */
function meantBy(target) {
  for (let at = target; at; at = parentOf(at)) {
    if (PRESSED.has(roleOf(at)) || at.nodeName === "SUMMARY" || at.hasAttribute("onclick") || isField(at)) return at;
  }
  return target;
}

/** A field that text is written into. */
function isText(element) {
  if (element.nodeName === "TEXTAREA" || element.isContentEditable) return true;
  return element.nodeName === "INPUT" && (TYPED.has(element.type) || SET.has(element.type));
}

function isField(element) {
  return /^(INPUT|SELECT|TEXTAREA)$/.test(element.nodeName) || element.isContentEditable;
}

const hidden = new WeakSet();

/** Whether what is written here is nobody else's business; once so, also when the page shows it. */
function isSecret(element) {
  const hint = element.getAttribute("autocomplete") || "";
  if (element.type === "password" || /password|one-time-code|cc-/.test(hint)) hidden.add(element);
  return hidden.has(element);
}

/** The locator of an element, by what a person sees first. */
function locate(element) {
  lookAnew();
  return propose(element, TEST_ID);
}

/** What a field is called, for the name of a variable. */
function calledName(element) {
  lookAnew();
  return (isLabelled(element) && labelsOf(element)[0]) || element.getAttribute("name") || element.id || "";
}

/** Selectors of the frames around this document, the outermost first. */
function framesOf(view) {
  const chain = [];
  for (let at = view; at !== at.parent; at = at.parent) {
    let frame = null;
    try {
      frame = at.frameElement;
    } catch {
      // Of another origin: its address is all that is known here.
    }
    if (!frame) {
      chain.unshift(`iframe[src^=${JSON.stringify(at === view ? location.origin : "http")}]`);
      break;
    }
    chain.unshift(frameCss(frame));
  }
  return chain;
}

function frameCss(frame) {
  const tag = frame.nodeName.toLowerCase();
  const ways = handmadeCss(frame);
  for (const name of ["title", "src"]) {
    const value = frame.getAttribute(name);
    if (value) ways.push(`${tag}[${name}=${JSON.stringify(value)}]`);
  }
  const around = frame.ownerDocument;
  return [...ways, tag].find((css) => around.querySelectorAll(css).length === 1) || cssPath(frame);
}

function listen(type, heard, capture = true) {
  const told = (event) => {
    if (!event.isTrusted || event.composedPath()[0]?.nodeType !== 1) return;
    stamp = event.timeStamp;
    heard(event);
  };
  addEventListener(type, told, capture);
}

/** Whether a field has just been left with Enter, which presses the button of its form by itself. */
let entered = false;

listen("pointerdown", () => (entered = false));
listen("keyup", () => (entered = false));

listen("click", (event) => {
  const target = event.composedPath()[0];
  if (event.altKey) return claim(event, target);
  if (event.detail === 0 && entered) return;
  const element = meantBy(target);
  // The browser goes on to press what the label is for.
  const label = element === target || element.nodeName === "LABEL" ? target.closest("label") : null;
  if (label?.control && label.control !== element && !isField(element)) return;
  if (isText(element)) return tell({ act: "focus", at: locate(element) });
  // Their change is what counts.
  if (/^(SELECT|OPTION)$/.test(element.nodeName)) return;
  if (element.nodeName === "INPUT" && /^(checkbox|radio|file|range|color)$/.test(element.type)) return;
  tell({ act: "click", at: locate(element) });
});

listen("dblclick", (event) => {
  const element = meantBy(event.composedPath()[0]);
  if (!isField(element)) tell({ act: "dblclick", at: locate(element) });
});

listen("contextmenu", (event) => {
  if (event.button === 2) tell({ act: "click", at: locate(meantBy(event.composedPath()[0])), button: "right" });
});

listen("input", (event) => {
  let element = event.composedPath()[0];
  while (element.isContentEditable && parentOf(element)?.isContentEditable) element = parentOf(element);
  if (!isText(element) && element.type !== "range" && element.type !== "color") return;
  const value = "value" in element ? element.value : element.innerText;
  tell({ act: "fill", at: locate(element), value, secret: isSecret(element), called: calledName(element) });
});

listen("change", (event) => {
  const element = event.composedPath()[0];
  if (element.nodeName === "SELECT") {
    const options = [...element.options];
    const chosen = options.filter((option) => option.selected);
    const said = (option) => {
      const text = normal(option.label);
      return optionOf(options, { text }) === option ? { text } : { value: option.value };
    };
    tell({ act: "select", at: locate(element), options: chosen.map(said), many: element.multiple });
  } else if (element.type === "checkbox" || element.type === "radio") {
    tell({ act: element.checked ? "check" : "uncheck", at: locate(element) });
  } else if (element.type === "file") upload(element);
});

/** Keys that mean something by themselves. */
const MEANT = /^(Enter|Escape|Arrow(Up|Down|Left|Right)|PageUp|PageDown|F\d+)$/;

listen("keydown", (event) => {
  const element = event.composedPath()[0];
  const held = ["Control", "Alt", "Meta"].filter((name) => event.getModifierState(name));
  const isShortcut = held.length > 0 && event.key.length === 1 && !/^[acvxz]$/i.test(event.key);
  if (!MEANT.test(event.key) && !isShortcut) return;
  // Moves the cursor, opens a list, makes a new line: the value that comes of it is told.
  if (isField(element) && /^(Arrow|Page)/.test(event.key) && !element.hasAttribute("role")) return;
  if (event.key === "Enter") {
    // A press of a button or a link by the keyboard is told as a press.
    if (!isText(element)) return;
    if (element.nodeName !== "INPUT") return;
    entered = true;
  }
  press(event, element, [...held, event.shiftKey && MEANT.test(event.key) ? "Shift" : ""]);
});

// In a field of several lines, Enter is a deed only where the page makes one of it.
listen(
  "keydown",
  (event) => {
    const element = event.composedPath()[0];
    const isLines = isText(element) && element.nodeName !== "INPUT";
    if (event.key === "Enter" && isLines && event.defaultPrevented) press(event, element, [event.shiftKey ? "Shift" : ""]);
  },
  false,
);

function press(event, element, held) {
  const key = [...held.filter(Boolean), event.key].join("+");
  const isPage = element === document.body || element === document.documentElement;
  tell({ act: "press", at: isPage ? "" : locate(element), key });
}

let uploads = 0;
const LARGEST = 4 << 20;

function upload(element) {
  const files = [...element.files];
  const number = `${location.href} ${++uploads}`;
  tell({ act: "files", at: locate(element), number, names: files.map((file) => file.name) });
  // What they hold comes later, since reading takes time.
  files.forEach(async (file, index) => {
    if (file.size > LARGEST) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    tell({ act: "content", number, index, base64: btoa(text) });
  });
}

/** A press with Alt held claims what is there, and does nothing to the page. */
function claim(event, target) {
  event.preventDefault();
  event.stopImmediatePropagation();
  const field = meantBy(target);
  const element = isField(field) || PRESSED.has(roleOf(field)) ? field : target;
  const at = locate(element);
  if (element.type === "checkbox" || element.type === "radio") return tell({ act: "claim", at, what: element.checked ? "checked" : "unchecked" });
  if (isText(element)) {
    if (isSecret(element)) return tell({ act: "claim", at, what: "visible" });
    return tell({ act: "claim", at, what: "value", text: element.value ?? element.innerText });
  }
  const text = textOf(element);
  const isSaid = at.includes(quoted(text)) || text === "" || text.length > LONGEST;
  tell(isSaid ? { act: "claim", at, what: "visible" } : { act: "claim", at, what: "text", text });
}
