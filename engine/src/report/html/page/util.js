// Elements are made of text nodes only: nothing that came from a run is ever parsed as markup.
const SVG = "http://www.w3.org/2000/svg";

function put(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.setAttribute("class", value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [name, to] of Object.entries(value)) node.style.setProperty(name, to);
    else if (key in node && !(node instanceof SVGElement) && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}
const h = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => put(document.createElementNS(SVG, tag), attributes, children);
const byId = (id) => document.getElementById(id);
const iso = (text) => h("span", { class: "iso" }, text);

// Durations are microseconds everywhere.
function took(micros) {
  if (micros === null || micros === undefined) return "";
  const ms = micros / 1000;
  if (ms < 1) return "<1ms";
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(2).replace(/0$/, "") : seconds.toFixed(1)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(Math.round(seconds % 60)).padStart(2, "0")}s`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
  return `${Math.floor(minutes / 1440)}d${Math.floor((minutes % 1440) / 60)}h`;
}
const after = (micros) => (micros < 0 ? `−${took(-micros)}` : `+${took(micros)}`);
const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many || one + "s"}`;
function size(bytes) {
  if (bytes < 1024) return count(bytes, "byte");
  if (bytes < 1 << 20) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
const cut = (text, most) => (text.length > most ? text.slice(0, most) + "…" : text);

const MARKS = { passed: "✓", failed: "✗", errored: "!", defective: "!", flaky: "~", parked: "…", waiting: "…", skipped: "–", interrupted: "■",
  aborted: "■", cutoff: "‖", notrun: "·", pending: "·", executing: "›", running: "›" };
const WORDS = { passed: "passed", failed: "failed", errored: "errored", flaky: "flaky", parked: "parked", skipped: "skipped", interrupted: "interrupted",
  cutoff: "cut off", notrun: "not run", running: "running", quarantined: "quarantined" };
const mark = (state) => h("span", { class: `mark ${state}`, title: WORDS[state] || state, "aria-label": WORDS[state] || state, role: "img" }, MARKS[state] || "?");
const badge = (state, text) => h("span", { class: `badge ${state}` }, text || WORDS[state] || state);

function say(text) { byId("said").textContent = text; }

async function copy(text, what) {
  let done = true;
  try { await navigator.clipboard.writeText(text); } catch {
    // Pages from files may not have the clipboard; the old way still works there.
    const area = h("textarea", { style: { position: "fixed", opacity: "0" } });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  say(done ? `${what} copied` : "the browser refused to copy");
  return done;
}
function copyButton(label, text) {
  const button = h("button", { type: "button", onclick: async (event) => {
    event.preventDefault();
    const done = await copy(typeof text === "function" ? text() : text, label);
    button.textContent = done ? "copied" : "not copied";
    setTimeout(() => { button.textContent = label; }, 1200);
  } }, label);
  return button;
}
function fold(title, content, open) {
  const box = h("details", { class: "fold", open: !!open }, h("summary", {}, title));
  let filled = false;
  const fill = () => { if (box.open && !filled) { filled = true; box.append(typeof content === "function" ? content() : content); } };
  box.addEventListener("toggle", fill);
  fill();
  return box;
}
function pretty(text) {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || trimmed.length > 200000) return text;
  try { return JSON.stringify(JSON.parse(trimmed), null, 2); } catch { return text; }
}
const json = (value) => (typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value, null, 2));

const tip = {
  show(event, text) {
    const box = byId("tip");
    box.textContent = text;
    box.hidden = false;
    const { innerWidth: width, innerHeight: height } = window;
    box.style.left = `${Math.max(4, Math.min(event.clientX + 14, width - box.offsetWidth - 8))}px`;
    box.style.top = `${event.clientY + 18 + box.offsetHeight > height ? event.clientY - box.offsetHeight - 10 : event.clientY + 18}px`;
  },
  hide() { byId("tip").hidden = true; },
};
function tipped(node, text) {
  node.addEventListener("pointermove", (event) => tip.show(event, typeof text === "function" ? text() : text));
  node.addEventListener("pointerleave", tip.hide);
  return node;
}
