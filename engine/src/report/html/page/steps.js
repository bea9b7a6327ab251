// The steps of an attempt as a tree; what a step has to show is made when it is opened.
function stepTree(detail, tried, phase, attempt) {
  const kids = new Map();
  for (const step of attempt.steps) {
    const parent = step.parent ?? 0;
    if (!kids.has(parent)) kids.set(parent, []);
    kids.get(parent).push(step);
  }
  const known = new Set(attempt.steps.map((step) => step.id));
  for (const [parent, list] of [...kids]) if (parent !== 0 && !known.has(parent)) { kids.set(0, [...(kids.get(0) || []), ...list]); kids.delete(parent); }
  const make = (step) => stepRow(detail, tried, phase, attempt, step, kids, make);
  const misses = attempt.failures.map((failure) => missRow(failure));
  const top = kids.get(0) || [];
  const most = 300;
  const box = h("div", { class: "steps" }, top.slice(0, most).map(make));
  if (top.length > most) box.append(h("button", { class: "bare", type: "button", onclick: (event) => { event.target.remove(); box.append(...top.slice(most).map(make)); } }, `show ${count(top.length - most, "more step")}`));
  box.append(...misses);
  return attempt.steps.length || misses.length ? box : "";
}
// A claim is no step: what did not hold is told below the steps before it.
function missRow(failure) {
  return h("a", { class: `step miss ${failure.kind === "failure" ? "failed" : "errored"}`, href: "#", onclick: (event) => { event.preventDefault(); document.querySelector(".failure")?.scrollIntoView({ block: "center" }); } },
    h("div", { class: "line" }, mark(failure.kind === "failure" ? "failed" : "errored"), h("div", { class: "title" }, h("span", { class: "what iso" }, ticks(cut(failure.message, 300)), failure.label ? `: ${cut(failure.label, 120)}` : "")), h("span", {}), h("span", { class: "site" }, failure.location ? `${failure.location.file}:${failure.location.line}` : "")));
}
const stepState = (step, attempt) => step.outcome || (attempt.state ? "cutoff" : over.run.life === "running" ? "running" : "cutoff");
const stepEnd = (step, attempt) => (step.outcome ? step.at + step.took : attempt.state ? attempt.at + attempt.took : over.run.now);

function stepRow(detail, tried, phase, attempt, step, kids, make) {
  const state = stepState(step, attempt);
  const below = kids.get(step.id) || [];
  const data = step.data || {};
  const status = step.kind === "http" && (data.status || data.error) ? h("span", { class: `status ${statusTone(data.status, data.error)}` }, data.status || "no answer") : "";
  const line = [mark(state), h("div", { class: "title" }, h("span", { class: "what iso" }, cut(step.title, 2000))), h("span", { class: "num soft" }, status, " ", step.outcome ? took(step.took) : "open"), h("span", { class: "site" }, step.site)];
  const attached = attempt.attachments.filter((one) => one.step === step.id);
  const logs = attempt.logs.filter((one) => one.step === step.id);
  const serviceLines = linesDuring(detail, tried, step.at, stepEnd(step, attempt));
  const source = sourceOf(detail, step.site);
  const box = h("details", { class: `step ${state}`, id: stepId(phase, attempt, step), open: state === "failed" && (below.length > 0 || step.id === lastFailed(attempt)) }, h("summary", {}, line));
  let filled = false;
  const fill = () => {
    if (filled || !box.open) return;
    filled = true;
    const body = h("div", { class: "body" },
      source ? h("div", { class: "src" }, h("span", {}, step.site.split(":").pop()), h("span", { class: "iso" }, source.trim())) : "",
      h("div", { class: "faint", style: { "font-size": "12px", "margin": "4px 0" } }, [step.kind, step.site, `began ${after(step.at - tried.at)}`].filter(Boolean).join(" · ")),
      shownData(detail, step),
      step.observed.length ? [h("div", { class: "sub" }, "What it saw"), observations(step.observed, step.at, stepEnd(step, attempt))] : "",
      logs.length ? [h("div", { class: "sub" }, "Logged"), h("div", { class: "log" }, logs.map((one) => h("div", { class: one.level === "warn" && "warn" }, h("span", {}, after(one.at - step.at)), h("span", { class: "iso" }, one.text))))] : "",
      attached.map((one) => [h("div", { class: "sub" }), attachment(detail, one)]),
      serviceLines.map(([name, lines]) => [h("div", { class: "sub" }, `${name} wrote during this step`, h("span", {}, count(lines.length, "line"))), logBox(lines, step.at)]));
    box.append(body);
    if (below.length) box.append(h("div", { class: "kids" }, below.map(make)));
  };
  box.addEventListener("toggle", fill);
  box.fill = fill;
  fill();
  return box;
}
const stepId = (phase, attempt, step) => `step-${phase.place}-${attempt.number}-${step.id}`;
function lastFailed(attempt) {
  const failed = attempt.steps.filter((step) => step.outcome === "failed" || !step.outcome);
  return failed.length ? failed[failed.length - 1].id : null;
}
function sourceOf(detail, site) {
  const cutAt = site.lastIndexOf(":");
  return cutAt < 0 ? null : detail.sources[site.slice(0, cutAt)]?.[site.slice(cutAt + 1)];
}
// Lines that services wrote between two moments, by service.
function linesDuring(detail, tried, from, to) {
  const found = [];
  for (const log of tried.logs || []) {
    const lines = log.lines.filter(([at]) => at >= from && at <= to);
    if (lines.length) found.push([log.service, lines]);
  }
  return found;
}
function logBox(lines, origin, most = 400) {
  const box = h("div", { class: "log", tabindex: "0" });
  const row = ([at, isError, text]) => h("div", { class: isError ? "err" : "" }, h("span", {}, after(at - origin)), h("span", { class: "iso" }, text));
  const half = most / 2;
  if (lines.length <= most) box.append(...lines.map(row));
  else box.append(...lines.slice(0, half).map(row), h("div", {}, h("span", {}, ""), h("button", { class: "bare", type: "button", onclick: () => box.replaceChildren(...lines.slice(0, 20000).map(row)) }, `… ${count(lines.length - most, "line")} between; show all`)), ...lines.slice(-half).map(row));
  return box;
}
const SHADES = ["var(--bar-wait)", "var(--bar-step)", "var(--bar-service)", "var(--bar-browser)"];
function observations(list, from, to) {
  const end = Math.max(to ?? 0, list[list.length - 1].at + 1);
  const shades = new Map();
  const shade = (seen) => { if (!shades.has(seen)) shades.set(seen, SHADES[shades.size % SHADES.length]); return shades.get(seen); };
  const spans = list.map((one, index) => ({ ...one, until: list[index + 1]?.at ?? end }));
  const most = 60;
  const rows = spans.length > most ? [...spans.slice(0, most / 2), null, ...spans.slice(-most / 2)] : spans;
  return h("div", { class: "seen" }, h("div", { class: "strip" }, spans.map((one) => tipped(h("i", { style: { flex: String(Math.max(1, one.until - one.at)), background: shade(one.seen) } }), `${one.seen}\nfor ${took(one.until - one.at)}, ${count(one.polls, "poll")}`))),
    rows.map((one) => (one ? h("div", {}, h("span", { class: "faint" }, after(one.at - from)), h("span", { class: "iso" }, cut(one.seen, 2000)), h("span", { class: "faint" }, `for ${took(one.until - one.at)} · poll ${one.polls}`)) : h("div", {}, "…", count(spans.length - most, "sighting")))));
}
