// The first page: what broke, in groups of the same cause, and what else is worth a look.
function buildHead() {
  const run = over.run, counts = tally();
  const words = VERDICTS.filter((verdict) => counts.get(verdict)).map((verdict) => [verdict, `${counts.get(verdict).toLocaleString("en")} ${WORDS[verdict]}`]);
  const sentence = words.length ? words.flatMap(([verdict, text], index) => [index ? ", " : "", h("span", { class: verdict, style: { color: "var(--tone)" } }, text)]) : ["nothing was run"];
  const facts = [run.started && new Date(run.started).toLocaleString(), run.took !== null && took(run.took), run.profile !== "default" && `profile ${run.profile}`, run.id].filter(Boolean).flatMap((fact, index) => [index ? " · " : "", h("span", { class: "whole" }, fact)]);
  const life = run.life === "killed" ? badge("cutoff", "the run was killed") : run.life === "running" ? badge("running", "running") : "";
  const total = over.rows.length || 1;
  byId("head").replaceChildren(
    h("div", { class: "sum" }, h("div", { class: "verdict" }, h("a", { href: addressOf({ s: "", try: "" }), style: { color: "inherit" }, title: "Overview of the run", onclick: (event) => { event.preventDefault(); showOverview(); } }, sentence), " ", life), h("div", { class: "facts iso" }, facts)),
    h("div", { class: "share", role: "img", "aria-label": words.map(([, text]) => text).join(", ") }, words.map(([verdict]) => h("i", { class: verdict, style: { flex: String(counts.get(verdict) / total) } }))),
    h("div", { class: "tools" },
      h("button", { class: "bare", type: "button", title: "Light or dark (t)", "aria-label": "Light or dark", onclick: switchTheme }, "◐"),
      h("button", { class: "bare", type: "button", title: "Keys (?)", "aria-label": "Keys", onclick: showKeys }, "?")));
  measureHead();
  document.title = `${words.map(([, text]) => text).join(", ") || "nothing run"} – scenario`;
}
// The list takes the rest of a narrow screen.
function measureHead() { document.body.style.setProperty("--head", `${byId("head").offsetHeight}px`); }

function groups() {
  const found = new Map();
  for (const row of over.rows) {
    if (row[F.VERDICT] > 3) continue;
    // Numbers and names differ from one scenario to the next, the cause does not.
    const key = `${verdictOf(row)} ${row[F.HEADLINE].replace(/[0-9a-f]{6,}|\d+/gi, "#")}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(row);
  }
  return [...found.values()].sort((a, b) => b.length - a.length || a[0][F.VERDICT] - b[0][F.VERDICT]);
}

function overviewPage() {
  const run = over.run;
  const bad = groups();
  const open = (row) => addressOf({ s: idOf(row), try: "" });
  const card = (title, ...content) => h("div", { class: "card" }, h("h2", {}, title), content);
  const parts = [];
  for (const text of over.warnings.slice(0, 20)) parts.push(h("p", { class: "notice" }, text));
  if (run.interrupted) parts.push(h("p", { class: "notice" }, `Interrupted: ${run.interrupted}`));
  if (run.life === "killed") parts.push(h("p", { class: "notice" }, "The process that ran this was killed. What stands here is what it had recorded until then."));
  for (const text of over.notes || []) parts.push(h("p", { class: "notice" }, text));

  if (bad.length) {
    const number = bad.reduce((sum, rows) => sum + rows.length, 0);
    parts.push(h("section", {}, card(bad.length === 1 ? (number === 1 ? "What broke" : `What broke: ${number} scenarios, one cause`) : `What broke: ${count(number, "scenario")}, ${count(bad.length, "cause")}`,
      bad.slice(0, 60).map((rows) => {
        const [first] = rows;
        return h("a", { class: "group", href: rows.length === 1 ? open(first) : addressOf({ s: idOf(first), q: cut(first[F.HEADLINE].split(/[0-9a-f]{6,}|\d+/i)[0].trim(), 60), try: "" }) },
          h("div", { class: "what iso" }, mark(verdictOf(first)), " ", first[F.HEADLINE] ? ticks(first[F.HEADLINE]) : WORDS[verdictOf(first)]),
          h("div", { class: "who iso" }, rows.length === 1 ? `${first[F.NAME]} · ${first[F.PLACE] || over.files[first[F.FILE]]}` : `${count(rows.length, "scenario")}: ${rows.slice(0, 3).map((row) => cut(row[F.NAME], 60)).join(", ")}${rows.length > 3 ? " …" : ""}`));
      }))));
  } else if (over.rows.length) {
    parts.push(h("section", {}, h("h1", {}, run.life === "running" ? "Nothing has broken so far." : over.rows.some((row) => verdictOf(row) === "parked") ? "Nothing broke; some of it still waits." : "Nothing broke.")));
  }
  const listed = (rows, text) => h("div", { class: "slow" }, rows.flatMap((row) => [h("a", { class: "iso", href: open(row) }, row[F.NAME]), h("span", { class: "num soft" }, text(row))]));
  const some = (title, rows, text) => rows.length ? card(title, listed(rows.slice(0, 10), text), rows.length > 10 && title !== "Slowest" ? h("p", { class: "faint" }, `and ${rows.length - 10} more`) : "") : "";
  const flaky = over.rows.filter((row) => verdictOf(row) === "flaky");
  const parked = over.rows.filter((row) => verdictOf(row) === "parked");
  const slow = [...over.rows].sort((a, b) => b[F.TOOK] - a[F.TOOK]).filter((row) => row[F.TOOK] > 0);
  const slower = over.rows.filter((row) => row[F.USUAL] && row[F.TOOK] > 2 * row[F.USUAL] && row[F.TOOK] - row[F.USUAL] > 200000);
  const vacuous = over.rows.filter((row) => row[F.FLAGS] & VACUOUS);
  parts.push(h("section", { class: "cols" },
    some("Waiting", parked, (row) => cut(row[F.HEADLINE], 40)),
    some("Flaky: passed only after a failed try", flaky, (row) => count(row[F.TRIES], "try", "tries")),
    some("Slower than usual", slower, (row) => `${took(row[F.TOOK])}, usually ${took(row[F.USUAL])}`),
    some("Slowest", slow, (row) => took(row[F.TOOK])),
    some("Passed without checking anything", vacuous, () => ""),
    card("The run", table([["Command", h("code", {}, `scenario ${run.args.join(" ")}`)], ["Base URL", run.base_url], ["Profile", run.profile], ["Seed", String(run.seed)], ["Jobs", String(run.jobs)],
      ["Machine", run.host], ["Version", `scenario ${run.program}`], ["Trace", run.trace], ["Exit code", run.exit === null ? (run.life === "running" ? "not yet" : "none: killed") : String(run.exit)],
      ["Secrets", run.masked ? `${count(run.masked, "value")} masked${run.masked_in ? `: ${run.masked_in}` : ""}` : "none masked"], ...Object.entries(run.vars).map(([key, value]) => [`vars.${key}`, h("code", {}, json(value))])])),
    over.not_selected.length ? card(`Not selected: ${over.not_selected.length}`, fold("which, and why", () => table(over.not_selected.slice(0, 2000)))) : ""));
  return h("div", {}, h("button", { class: "back", type: "button", onclick: () => showOverview(false) }, "‹ Scenarios"), parts);
}
function table(rows) {
  const filled = rows.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return h("table", { class: "kv" }, h("tbody", {}, filled.map(([key, value]) => h("tr", {}, h("th", { scope: "row", class: "iso" }, key), h("td", { class: "iso" }, value)))));
}
