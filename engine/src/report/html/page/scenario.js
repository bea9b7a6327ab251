// The page of one scenario: bad news first, then where it stands in time, then every step.
async function scenarioPage(row) {
  const detail = await detailOf(row);
  if (!detail) return h("div", {}, backButton(), h("h1", { class: "iso" }, row[F.NAME]), h("p", { class: "soft" }, "Nothing is recorded of it."));
  detail.shared = await sharedLogs(row);
  detail.files ??= {}; detail.lines ??= {}; detail.sources ??= {}; detail.edited ??= [];
  detail.tries.forEach((tried) => tried.phases.forEach((phase, place) => { phase.place = `${tried.round}-${tried.number}-${place}`; }));
  const verdict = verdictOf(row);
  const tries = detail.tries;
  const wanted = tries.findIndex((tried) => `${tried.round}.${tried.number}` === at.try);
  const chosen = tries[wanted >= 0 ? wanted : pickTry(tries)];
  const declared = detail.declared;
  const page = h("div", {}, backButton(),
    h("div", { class: "headline" }, h("h1", { class: "iso" }, cut(row[F.NAME], 1000)), badge(verdict), row[F.FLAGS] & QUARANTINED ? badge("quarantined") : ""),
    h("div", { class: "meta" }, h("span", { class: "mono iso" }, `${over.files[row[F.FILE]]}:${declared.line}`), h("span", {}, took(detail.took)), h("span", {}, count(detail.assertions, "claim checked", "claims checked")), past(row, detail), h("span", {}, declared.tags.map((tag) => h("a", { class: "tag iso", href: addressOf({ t: tag, s: "" }) }, cut(tag, 60))))),
    declared.description ? h("p", { class: "iso", style: { "margin-top": "8px" } }, declared.description) : "",
    detail.reason ? h("p", { class: "notice iso" }, detail.reason) : "",
    declared.quarantine ? h("p", { class: "notice iso" }, `In quarantine until ${declared.quarantine.expires}, owned by ${declared.quarantine.owner}${declared.quarantine.ticket ? `, ${declared.quarantine.ticket}` : ""}.`) : "",
    verdict === "parked" ? h("p", { class: "hint" }, "Go on with ", h("code", {}, `scenario resume ${over.run.id}`)) : "");
  if (tries.length > 1) page.append(tabs(tries, chosen));
  if (chosen) page.append(...tryParts(detail, chosen, row));
  return page;
}
// What the page looked like when it went wrong.
const shotOf = (attempt, failure) => (attempt && !failure.soft ? attempt.attachments.findLast((one) => one.media_type === "image/png" && /screenshot/.test(one.name)) : null);
const backButton = () => h("button", { class: "back", type: "button", onclick: () => { document.body.classList.remove("reading"); go({ s: "" }); } }, "‹ Scenarios");
function pickTry(tries) {
  const bad = tries.findLastIndex((tried) => tried.outcome && !["passed", "skipped", "parked"].includes(tried.outcome));
  return tries.length - 1 > bad && tries[tries.length - 1]?.outcome === "passed" && bad >= 0 ? bad : Math.max(0, tries.length - 1);
}
function past(row, detail) {
  const list = row[F.PAST] || [];
  if (!list.length) return "";
  const slow = row[F.USUAL] && detail.took > 2 * row[F.USUAL] && detail.took - row[F.USUAL] > 200000 ? h("b", { class: "flaky", style: { color: "var(--tone)" } }, ` ${(detail.took / row[F.USUAL]).toFixed(1)}× slower than usual`) : row[F.USUAL] ? ` usually ${took(row[F.USUAL])}` : "";
  const dots = [...[...list].reverse().map(([verdict, micros, run]) => ({ verdict, text: `${run}: ${WORDS[verdict] || verdict}, ${took(micros)}` })), { verdict: verdictOf(row), text: "this run" }];
  return h("span", {}, h("span", { class: "past", role: "img", "aria-label": `Earlier runs, oldest first: ${dots.map((dot) => dot.verdict).join(", ")}` }, dots.map((dot) => tipped(h("i", { class: dot.verdict }), dot.text))), slow);
}
function tabs(tries, chosen) {
  const rounds = tries.some((tried) => tried.round > 1);
  return h("div", { class: "tabs", role: "tablist", "aria-label": "Tries" }, tries.map((tried) => h("button", { type: "button", role: "tab", "aria-selected": String(tried === chosen), onclick: () => go({ try: `${tried.round}.${tried.number}` }) }, mark(tried.outcome || "running"), ` ${rounds ? `Round ${tried.round}, ` : ""}${rounds ? "try" : "Try"} ${tried.number} `, h("span", { class: "soft num" }, took(tried.took)))));
}
function tryParts(detail, tried, row) {
  const out = [];
  tried.logs = Object.entries(detail.lines).filter(([, log]) => log.round === tried.round && log.number === tried.number).map(([path, log]) => ({ path, ...log }));
  const until = tried.outcome ? tried.at + tried.took : Infinity;
  for (const log of detail.shared) {
    const lines = log.lines.filter(([when]) => when >= tried.at && when <= until);
    if (lines.length) tried.logs.push({ ...log, lines });
  }
  const bad = tried.phases.flatMap((phase) => [...phase.attempts.flatMap((attempt) => attempt.failures.map((failure) => [phase, failure, attempt])), ...phase.failures.map((failure) => [phase, failure, null])]);
  if (bad.length) {
    const several = detail.declared.phases.length > 1;
    out.push(h("section", { "aria-label": "What went wrong" }, bad.slice(0, 20).map(([phase, failure, attempt]) => failureCard(detail, failure, [several && `phase ${phase.name}`, attempt && phase.attempts.length > 1 && `attempt ${attempt.number} of ${phase.attempts.length}`].filter(Boolean).join(", "), shotOf(attempt, failure))), bad.length > 20 ? h("p", { class: "soft" }, `and ${bad.length - 20} more`) : ""));
  }
  const waiting = tried.phases.filter((phase) => phase.state === "waiting");
  for (const phase of waiting) out.push(h("section", {}, h("div", { class: "card parked", style: { "border-left": "3px solid var(--tone)" } }, h("b", {}, "Waits for ", iso(`“${phase.name}”`)), h("p", { class: "soft iso" }, waitWords(detail, phase)), phase.observed.length ? observations(phase.observed, phase.observed[0].at, over.run.now) : "")));
  const map = graph(detail, tried);
  if (map) out.push(h("section", {}, h("h2", {}, "Phases"), map));
  const gantt = timeline(detail, tried);
  if (gantt) out.push(h("section", {}, h("h2", {}, "Timeline"), gantt));
  const phases = tried.phases.filter((phase) => phase.attempts.length || phase.observed.length || phase.cause);
  if (phases.length) out.push(h("section", {}, h("h2", {}, "Steps"), phases.map((phase) => phasePart(detail, tried, phase))));
  const state = finalState(tried);
  if (state.length) out.push(h("section", {}, h("h2", {}, "State handed on"), h("div", { class: "card" }, h("table", { class: "kv" }, h("tbody", {}, state.map(([key, value, phase]) => h("tr", {}, h("th", { scope: "row", class: "iso" }, key), h("td", {}, h("pre", { class: "iso" }, value === null ? "removed" : json(value))), h("td", { class: "faint iso" }, phase))))))));
  if (tried.services?.length || tried.logs.length) out.push(h("section", {}, h("h2", {}, "Services"), h("div", { class: "card" }, serviceParts(detail, tried))));
  const files = tried.phases.flatMap((phase) => phase.attempts.flatMap((attempt) => attempt.attachments.filter((one) => one.step === null || one.step === undefined || attempt.steps.every((step) => step.id !== one.step))));
  if (files.length) out.push(h("section", {}, h("h2", {}, "Attachments"), h("div", { class: "card" }, files.map((one) => attachment(detail, one)))));
  const seeds = tried.phases.flatMap((phase) => phase.attempts.map((attempt) => [`Seed of ${phase.name}${phase.attempts.length > 1 ? `, attempt ${attempt.number}` : ""}`, String(attempt.seed)]));
  out.push(h("section", {}, fold("About this try", () => h("div", { class: "card" }, table([["Began", new Date(over.run.started + tried.at / 1000).toLocaleString()], ["Took", took(tried.took)], ["Trace", detail.traces?.[`${tried.round}.${tried.number}`]], ["Machine", over.run.host], ["Version", `scenario ${over.run.program}`], ["Base URL", over.run.base_url], ...seeds.slice(0, 50)])))));
  return out;
}
function waitWords(detail, phase) {
  const declared = detail.declared.phases.find((one) => one.name === phase.name);
  if (declared?.instruction) return declared.instruction;
  if (declared?.signal) return `It goes on with: scenario signal ${over.run.id} ${declared.signal}`;
  const last = phase.observed[phase.observed.length - 1];
  return last ? `last seen: ${last.seen} (poll ${last.polls})` : "";
}
function phasePart(detail, tried, phase) {
  const began = phase.changes[0]?.[0] ?? tried.at;
  const parts = phase.attempts.map((attempt) => [
    phase.attempts.length > 1 ? h("div", { class: "sub" }, mark(attempt.state || "running"), `Attempt ${attempt.number}`, h("span", {}, took(attempt.took))) : "",
    stepTree(detail, tried, phase, attempt),
    attempt.logs.filter((one) => !one.step).length ? [h("div", { class: "sub" }, "Logged outside of steps"), h("div", { class: "log" }, attempt.logs.filter((one) => !one.step).slice(0, 2000).map((one) => h("div", { class: one.level === "warn" && "warn" }, h("span", {}, after(one.at - attempt.at)), h("span", { class: "iso" }, one.text))))] : ""]);
  const executed = phase.attempts.reduce((sum, attempt) => sum + attempt.took, 0);
  return h("div", { class: "phase" }, h("h3", {}, mark(phase.state), iso(phase.name), h("span", { class: "soft" }, [phase.state, executed && took(executed), causeOf(phase)].filter(Boolean).join(" · "))),
    phase.observed.length ? [h("div", { class: "sub" }, "What it waited for, and saw"), h("div", { class: "box" }, observations(phase.observed, began, phase.changes.find(([when, state]) => when >= phase.observed[phase.observed.length - 1].at && state !== "waiting")?.[0] ?? over.run.now))] : "", parts);
}
function finalState(tried) {
  const state = new Map();
  for (const phase of tried.phases) for (const attempt of phase.attempts) for (const [key, value] of attempt.writes) state.set(key, [key, value, phase.name]);
  return [...state.values()];
}
function serviceParts(detail, tried) {
  const names = new Set([...(tried.services || []).map((service) => service.name), ...tried.logs.map((log) => log.service)]);
  return [...names].map((name) => {
    const service = tried.services?.find((one) => one.name === name), logs = tried.logs.filter((one) => one.service === name);
    const news = (service?.news || []).map((one) => `${one.what} ${after(one.at - tried.at)}${one.data?.after ? ` (after ${one.data.after})` : ""}${one.what === "exited" && one.data ? ` ${json(one.data)}` : ""}`).join(" · ");
    return h("div", { style: { "margin-bottom": "12px" } }, h("b", { class: "iso" }, name), " ", h("span", { class: "soft" }, news), logs.map((log) => (log.lines.length ? fold(`log: ${count(log.lines.length, "line")}${log.cut ? " (its end)" : ""}`, () => logBox(log.lines, tried.at)) : "")));
  });
}
function openStep(id) {
  let node = byId(id);
  if (!node) {
    // Its parents were not opened yet.
    const [, phase, attempt, step] = id.match(/^step-(.*)-(\d+)-(\d+)$/);
    for (let guard = 0; !byId(id) && guard < 50; guard += 1) for (const box of document.querySelectorAll(`details.step[id^="step-${phase}-${attempt}-"]`)) if (!box.open && Number(box.id.split("-").pop()) < Number(step)) { box.open = true; box.fill(); }
    node = byId(id);
  }
  if (!node) return;
  for (let up = node; up; up = up.parentElement) if (up.tagName === "DETAILS") { up.open = true; up.fill?.(); }
  document.querySelector(".step.target")?.classList.remove("target");
  node.classList.add("target");
  node.scrollIntoView({ block: "center" });
  node.querySelector("summary").focus({ preventScroll: true });
}
