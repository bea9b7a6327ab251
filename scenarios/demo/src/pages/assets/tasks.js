// The live list of the start page: asks for the newest tasks and brings the rows up to date, touching only what
// has changed, so that a row somebody points at stays the same element.
"use strict";
const list = document.getElementById("tasks");
const form = document.getElementById("new-task");
const problem = document.getElementById("problem");
const empty = document.getElementById("empty");
let asking = null;
let askAgain = false;

function tell(message) {
  problem.textContent = message;
  problem.hidden = !message;
}

function make(tag, className, attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function newRow(task) {
  const row = make("li", "task", { id: `task-${task.id}`, "data-testid": "task", "data-id": task.id });
  const name = make("span", "name");
  const id = make("span", "muted");
  id.textContent = `#${task.id}`;
  name.append(`${task.kind} `, id);
  const actions = make("span", "actions");
  const download = make("a", "download", { href: `/tasks/${task.id}/result.csv`, download: "", "aria-label": `Download the result of task ${task.id}` });
  download.textContent = "Download";
  const cancel = make("button", "quiet cancel", { type: "button", "aria-label": `Cancel task ${task.id}` });
  cancel.textContent = "Cancel";
  actions.append(download, cancel);
  row.append(name, make("span", "state"), make("progress", "", { max: 100, "aria-label": `Progress of task ${task.id}` }), make("span", "detail"), actions);
  return row;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function bringUpToDate(row, task) {
  row.dataset.state = task.state;
  setText(row.querySelector(".state"), task.state);
  setText(row.querySelector(".detail"), task.error ?? `${task.rows} rows, ${task.seconds} s`);
  row.querySelector("progress").value = task.progress;
  row.querySelector(".download").hidden = task.result === null;
  row.querySelector(".cancel").hidden = !["PENDING", "STARTED"].includes(task.state);
}

function show(tasks) {
  const known = new Map([...list.children].map((row) => [row.dataset.id, row]));
  let before = list.firstElementChild;
  for (const task of tasks) {
    const row = known.get(String(task.id)) ?? newRow(task);
    known.delete(String(task.id));
    bringUpToDate(row, task);
    if (row === before) before = before.nextElementSibling;
    else list.insertBefore(row, before);
  }
  for (const gone of known.values()) gone.remove();
  empty.hidden = tasks.length > 0;
}

// One question at a time: an older answer must not overwrite a newer one.
async function refresh() {
  if (asking) {
    askAgain = true;
    return asking;
  }
  asking = (async () => {
    do {
      askAgain = false;
      const response = await fetch("/tasks?per_page=50");
      if (response.ok) show(await response.json());
    } while (askAgain);
  })();
  try {
    await asking;
  } finally {
    asking = null;
  }
}

async function send(method, address, body) {
  tell("");
  try {
    const headers = body ? { "Content-Type": "application/json", Accept: "application/json" } : {};
    const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    if (!response.ok) {
      const told = await response.json();
      tell((told.fields ?? []).map((field) => `${field.field} ${field.message}`).join("; ") || told.message);
    }
    await refresh();
  } catch {
    tell("The service cannot be reached.");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = form.elements;
  send("POST", "/tasks", {
    kind: field.kind.value,
    seconds: Number(field.seconds.value),
    rows: Number(field.rows.value),
    fail: field.fail.checked,
  });
});

list.addEventListener("click", (event) => {
  const button = event.target.closest(".cancel");
  if (button) send("DELETE", `/tasks/${button.closest(".task").dataset.id}`);
});

empty.hidden = list.children.length > 0;
async function live() {
  try {
    if (!document.hidden) await refresh();
  } catch {
    // The next round asks again.
  }
  setTimeout(live, 500);
}
live();
