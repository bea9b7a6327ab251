// Joins the parts: what the address says is shown; keys move through it.
let lastShown = null, wantsOverview = false;
async function follow() {
  readAddress();
  refreshList();
  const main = byId("main");
  const row = at.s ? over.rows[indexOfId.get(at.s)] : null;
  const key = `${at.s} ${at.try} ${over.seq}`;
  if (row) wantsOverview = false;
  document.body.classList.toggle("reading", !!row || wantsOverview || !(at.q || at.f || at.t || at.o.length) && !at.s && lastShown === null && window.innerWidth > 820);
  if (key === lastShown) return;
  const isSame = lastShown !== null && lastShown.startsWith(`${at.s} ${at.try} `);
  lastShown = key;
  try {
    const page = row ? await scenarioPage(row) : at.s ? h("p", { class: "loading" }, "This run has no scenario of that name.") : overviewPage();
    if (lastShown !== key) return;
    const scroll = main.scrollTop, opened = isSame ? [...main.querySelectorAll("details.step[open]")].map((box) => box.id) : [];
    main.replaceChildren(page);
    for (const id of opened) { const box = byId(id); if (box) { box.open = true; box.fill?.(); } }
    if (at.open === "all") openAll();
    main.scrollTop = isSame ? scroll : 0;
    if (!isSame && window.innerWidth <= 820) window.scrollTo(0, 0);
  } catch (error) {
    main.replaceChildren(h("p", { class: "loading" }, `This part cannot be shown: ${error.message}`));
  }
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}
// On a narrow screen the list hides it.
function showOverview(wanted = true) {
  wantsOverview = wanted;
  go({ s: "", try: "" });
  follow();
}
function openAll(which = "#main details") {
  // Each may bring others with it.
  for (let more = true; more;) { more = false; for (const box of document.querySelectorAll(`${which}:not([open])`)) { box.open = true; box.fill?.(); box.dispatchEvent(new Event("toggle")); more = true; } }
}
function switchTheme() {
  const root = document.documentElement, isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  try { localStorage.setItem("scenario-theme", root.dataset.theme); } catch { /* pages from files may have no storage */ }
}
function showKeys() {
  const keys = [["j k", "next, previous scenario"], ["n p", "next, previous failure"], ["/", "search"], ["o", "overview of the run"], ["e", "open or close all steps"], ["t", "light or dark"], ["Esc", "back"]];
  show(h("div", {}, h("h2", {}, "Keys"), h("table", { class: "kv" }, h("tbody", {}, keys.map(([key, what]) => h("tr", {}, h("th", {}, key.split(" ").flatMap((one) => [h("kbd", {}, one), " "])), h("td", {}, what)))))));
}
function nextBad(step) {
  for (let place = cursor + step; place >= 0 && place < shown.length; place += step) if (over.rows[shown[place]][F.VERDICT] <= 4) { moveTo(place); return; }
  say("no more failures in that direction");
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "Escape") { if (isTyping) event.target.blur(); else if (at.s) go({ s: "", try: "" }); return; }
  if (isTyping) return;
  const actions = { j: () => moveTo(cursor + 1), k: () => moveTo(cursor - 1), n: () => nextBad(1), p: () => nextBad(-1), "/": () => { wantsOverview = false; document.body.classList.remove("reading"); byId("search").focus(); }, o: () => showOverview(), t: switchTheme, "?": showKeys,
    e: () => { if (document.querySelector("details.step:not([open])")) openAll("details.step"); else for (const box of document.querySelectorAll("details.step")) box.open = false; } };
  if (event.key in actions) { event.preventDefault(); actions[event.key](); }
});
// Paper is white: what is light on dark would be lost on it.
let screenTheme;
window.addEventListener("beforeprint", () => { openAll(); const root = document.documentElement; screenTheme = root.dataset.theme; root.dataset.theme = "light"; });
window.addEventListener("afterprint", () => { const root = document.documentElement; if (screenTheme) root.dataset.theme = screenTheme; else delete root.dataset.theme; });
window.addEventListener("hashchange", follow);
window.addEventListener("resize", () => { measureHead(); drawList(); });

async function keepUp() {
  // A live page asks for what is new; it says so when the run cannot be reached any more.
  try {
    const answer = await fetch(`overview?after=${over.seq}`);
    if (answer.status === 200) {
      over = await answer.json();
      indexRows(); buildHead();
      const active = document.activeElement?.id, scroll = byId("list").scrollTop;
      if (active !== "search") { buildSide(); byId("list").scrollTop = scroll; }
      await follow();
    }
    document.body.classList.remove("lost");
  } catch { document.body.classList.add("lost"); }
  if (over.run.life === "running") setTimeout(keepUp, 700);
}
try { const theme = localStorage.getItem("scenario-theme"); if (theme) document.documentElement.dataset.theme = theme; } catch { /* none */ }
readAddress();
indexRows();
buildHead();
buildSide();
follow();
if (over.live) setTimeout(keepUp, 700);
