// The list of scenarios: only what is in sight exists, so that ten thousand are as quick as ten.
const ROW = 50;
let shown = [];
let cursor = -1;

function sorted(indices) {
  const rows = over.rows;
  if (at.sort === "slowest") return indices.sort((a, b) => rows[b][F.TOOK] - rows[a][F.TOOK]);
  if (at.sort === "file") return indices;
  return indices.sort((a, b) => rows[a][F.VERDICT] - rows[b][F.VERDICT] || a - b);
}
function filtered() {
  const words = at.q.toLowerCase().split(/\s+/).filter(Boolean);
  const tag = at.t ? over.tags.indexOf(at.t) : -1;
  const file = at.f ? over.files.indexOf(at.f) : -1;
  const indices = [];
  over.rows.forEach((row, index) => {
    if (at.o.length && !at.o.includes(verdictOf(row)) && !(at.o.includes("quarantined") && row[F.FLAGS] & QUARANTINED)) return;
    if (at.t && !row[F.TAGS].includes(tag)) return;
    if (at.f && row[F.FILE] !== file) return;
    if (words.length) {
      const text = `${over.files[row[F.FILE]]} ${row[F.NAME]} ${row[F.HEADLINE]} ${row[F.TAGS].map((t) => over.tags[t]).join(" ")}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) return;
    }
    indices.push(index);
  });
  return sorted(indices);
}

function tally() {
  const counts = new Map();
  for (const row of over.rows) counts.set(verdictOf(row), (counts.get(verdictOf(row)) || 0) + 1);
  return counts;
}

function buildSide() {
  const counts = tally();
  const chips = VERDICTS.filter((verdict) => counts.get(verdict)).map((verdict) => h("button", {
    type: "button", class: `chip ${verdict}`, "data-verdict": verdict,
    onclick: () => go({ o: at.o.includes(verdict) ? at.o.filter((o) => o !== verdict) : [...at.o, verdict] }, true),
  }, h("b", { class: "num" }, counts.get(verdict).toLocaleString("en")), ` ${WORDS[verdict]}`));
  const choice = (key, all, values) => h("select", { "aria-label": all, "data-key": key, onchange: (event) => go({ [key]: event.target.value }, true) },
    h("option", { value: "" }, all), values.map((value) => h("option", { value }, cut(value, 80))));
  const search = h("input", { type: "search", placeholder: "Search names, files, messages", "aria-label": "Search scenarios", id: "search", oninput: (event) => go({ q: event.target.value }, true) });
  const list = h("div", { id: "list", tabindex: "0", role: "listbox", "aria-label": "Scenarios", onscroll: drawList, onkeydown: listKey }, h("div", { id: "rows" }));
  byId("side").replaceChildren(
    h("div", { class: "filters" }, search,
      over.files.length > 1 || over.tags.length ? h("div", { class: "row" }, over.files.length > 1 && choice("f", "All files", [...over.files].sort()), over.tags.length > 0 && choice("t", "All tags", [...over.tags].sort())) : "",
      h("div", { class: "chips" }, chips),
      h("div", { class: "found" }, h("span", { id: "found" }), h("select", { id: "sort", "aria-label": "Order", style: { width: "auto" }, onchange: (event) => go({ sort: event.target.value }, true) },
        h("option", { value: "" }, "failures first"), h("option", { value: "slowest" }, "slowest first"), h("option", { value: "file" }, "as planned")))),
    list);
}

function refreshList() {
  shown = filtered();
  const chosen = indexOfId.get(at.s);
  cursor = chosen === undefined ? -1 : shown.indexOf(chosen);
  for (const chip of document.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", at.o.includes(chip.dataset.verdict));
  for (const select of document.querySelectorAll(".filters select[data-key]")) select.value = at[select.dataset.key];
  byId("sort").value = at.sort;
  if (document.activeElement !== byId("search")) byId("search").value = at.q;
  const isFiltered = at.o.length || at.t || at.f || at.q;
  const found = isFiltered ? `${shown.length.toLocaleString("en")} of ${count(over.rows.length, "scenario")}` : count(over.rows.length, "scenario");
  byId("found").replaceChildren(found, ...(isFiltered ? [" · ", h("button", { type: "button", onclick: () => go({ o: [], t: "", f: "", q: "" }, true) }, "show all")] : []));
  byId("rows").style.height = `${shown.length * ROW}px`;
  drawList();
}

function drawList() {
  const list = byId("list"), rows = byId("rows");
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 6);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + (list.clientHeight || 900)) / ROW) + 6);
  const items = [];
  for (let place = first; place < last; place += 1) items.push(item(place));
  rows.replaceChildren(...(items.length ? items : [h("p", { class: "empty" }, over.rows.length ? "No scenario fits these filters." : "Nothing was run.")]));
  if (cursor >= 0) list.setAttribute("aria-activedescendant", `row-${cursor}`); else list.removeAttribute("aria-activedescendant");
}
function item(place) {
  const row = over.rows[shown[place]];
  const verdict = verdictOf(row);
  const under = row[F.HEADLINE] && verdict !== "passed" ? row[F.HEADLINE].replaceAll("`", "") : over.files[row[F.FILE]];
  return h("a", { class: "item", id: `row-${place}`, role: "option", tabindex: "-1", "aria-selected": String(place === cursor), "aria-posinset": String(place + 1), "aria-setsize": String(shown.length),
    href: addressOf({ s: idOf(row), try: "" }), style: { top: `${place * ROW}px` } },
  mark(verdict), h("div", { class: "text" }, h("div", { class: "name iso" }, row[F.NAME]), h("div", { class: "under iso" }, under)),
  h("div", { class: "took num" }, row[F.FLAGS] & QUARANTINED ? "quarantined" : took(row[F.TOOK])));
}
function moveTo(place) {
  if (place < 0 || place >= shown.length) return;
  const list = byId("list");
  if (place * ROW < list.scrollTop) list.scrollTop = place * ROW;
  if ((place + 1) * ROW > list.scrollTop + list.clientHeight) list.scrollTop = (place + 1) * ROW - list.clientHeight;
  go({ s: idOf(over.rows[shown[place]]), try: "" }, true);
}
function listKey(event) {
  const page = Math.max(1, Math.floor(byId("list").clientHeight / ROW) - 1);
  const moves = { ArrowDown: cursor + 1, ArrowUp: Math.max(0, cursor - 1), PageDown: Math.min(shown.length - 1, cursor + page), PageUp: Math.max(0, cursor - page), Home: 0, End: shown.length - 1 };
  if (event.key in moves) { event.preventDefault(); moveTo(moves[event.key]); }
  if (event.key === "Enter") { event.preventDefault(); byId("main").focus(); }
}
