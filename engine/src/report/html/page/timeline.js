// Phases, steps, waits, services and the browser side by side over time; drawn anew when the width changes. Drag to look closer.
function timeline(detail, tried) {
  const lanes = lanesOf(detail, tried);
  let begin = Infinity, end = -Infinity;
  for (const lane of lanes) for (const bar of lane.bars) { begin = Math.min(begin, bar.from); end = Math.max(end, bar.to); }
  if (!(end > begin)) return null;
  const whole = [begin, end + (end - begin) * 0.01];
  let span = whole;
  const box = h("div", { class: "chart" });
  let drawn = 0;
  const draw = () => box.replaceChildren(chart(lanes, span, box.clientWidth || 900, (next) => { span = next || whole; draw(); }, span !== whole, tried.at), legend(lanes));
  // At once, so that it is there wherever no frame is ever shown (print, a tab in the background); then for the width it came to,
  // after the frame: what is drawn changes the height that is observed.
  draw();
  new ResizeObserver(() => { const width = box.clientWidth; if (width && width !== drawn) { drawn = width; requestAnimationFrame(draw); } }).observe(box);
  return box;
}
function legend(lanes) {
  const kinds = new Set(lanes.flatMap((lane) => lane.bars.map((bar) => bar.kind)));
  const all = [["step", "step", "var(--bar-step)"], ["browser", "browser", "var(--bar-browser)"], ["wait", "waiting", "var(--bar-wait)"], ["service", "service up", "var(--bar-service)"], ["bad", "failed", "var(--failed)"]];
  return h("div", { class: "legend" }, all.filter(([kind]) => kinds.has(kind)).map(([, name, color]) => h("span", {}, h("i", { style: { background: color } }), name)), h("span", {}, "drag to look closer, double-click for all"));
}
const WAITS = /^(wait_until|never|sleep|wait|wait_for_signal|manual)/;
function lanesOf(detail, tried) {
  const lanes = [];
  for (const phase of tried.phases) {
    const bars = [], changes = phase.changes;
    changes.forEach(([from, state], index) => {
      const last = phase.attempts[phase.attempts.length - 1];
      const to = changes[index + 1]?.[0] ?? (["executing", "waiting"].includes(state) ? over.run.now : from);
      if (state === "pending" || to <= from) return;
      const verdict = changes[index + 1]?.[1];
      if (state === "waiting") bars.push({ from, to, kind: "wait", state, label: `waiting${phase.observed.length ? `: ${phase.observed[phase.observed.length - 1].seen}` : ""}`, about: `${phase.name}: waited ${took(to - from)}`, ticks: phase.observed.map((one) => one.at) });
      else if (state === "executing") bars.push({ from, to, kind: verdict && !["passed", "skipped"].includes(verdict) && verdict !== "pending" ? "bad" : "phase", state: verdict || "running", label: last && phase.attempts.length > 1 ? `${phase.attempts.length} attempts` : took(to - from), about: `${phase.name}: ${verdict || "executing"} after ${took(to - from)}` });
    });
    if (!bars.length) continue;
    const points = phase.attempts.flatMap((attempt) => (attempt.failures.length && attempt.state ? [[attempt.at + attempt.took, attempt.failures.map((failure) => cut(failure.message, 200)).join("\n")]] : []));
    lanes.push({ name: phase.name, head: true, bars, points: [] });
    const failedAt = points;
    const rows = [];
    for (const attempt of phase.attempts) {
      const rowOf = new Map();
      const steps = attempt.steps.slice(0, 1500);
      const total = steps.length;
      for (const step of steps) {
        let row = step.parent && rowOf.has(step.parent) ? rowOf.get(step.parent) + 1 : 0;
        const from = step.at, to = Math.max(stepEnd(step, attempt), from + 1);
        while (rows[row] && rows[row].some((bar) => bar.from < to - 1 && bar.to > from + 1)) row += 1;
        if (row > 7) continue;
        rowOf.set(step.id, row);
        (rows[row] ??= []).push({ from, to, kind: step.outcome === "failed" ? "bad" : step.kind === "browser" ? "browser" : WAITS.test(step.kind) ? "wait" : "step", label: step.title, about: `${step.title}\n${step.outcome || "open"}, ${took(to - from)}${total > 1 ? `, ${after(from - tried.at)}` : ""}`, go: stepId(phase, attempt, step), ticks: step.observed.map((one) => one.at), hollow: step.kind === "step" });
      }
    }
    rows.forEach((bars, place) => { if (bars) lanes.push({ name: "", bars, points: place === 0 ? failedAt : [] }); });
  }
  for (const service of tried.services || []) {
    const bars = [], points = [];
    let from = null, ready = null;
    const close = (to, bad) => { if (from === null) return; if (ready !== null) { if (ready > from) bars.push({ from, to: ready, kind: "wait", label: "starting", about: `${service.name}: ready after ${took(ready - from)}` }); bars.push({ from: ready, to, kind: bad ? "bad-end" : "service", label: "up", about: `${service.name}: up for ${took(to - ready)}${bad ? ", then it ended by itself" : ""}` }); } else bars.push({ from, to, kind: "wait", label: bad ? "never ready" : "starting", about: `${service.name}: never ready, ${took(to - from)}` }); from = ready = null; };
    for (const { at: when, what, data } of service.news) {
      if (what === "started" || what === "restarted") { if (from !== null) close(when, true); from = when; ready = null; }
      if (what === "ready") ready = when;
      if (what === "exited") { close(when, true); points.push([when, `exited ${data ? json(data) : ""}`]); }
      if (what === "stopped") close(when, false);
    }
    const until = Math.max(...tried.phases.flatMap((phase) => phase.changes.map(([when]) => when)), 0);
    if (from !== null) close(Math.max(until, from), false);
    const log = (tried.logs || []).find((one) => one.service === service.name);
    if (bars.length) lanes.push({ name: service.name, bars, service: true, dots: log ? log.lines.slice(0, 3000) : [], points });
  }
  return lanes;
}
function chart(lanes, [begin, end], width, zoom, isZoomed, origin) {
  const left = Math.min(150, Math.max(78, width * 0.16)), right = 12, top = 22;
  const x = (time) => left + ((time - begin) / (end - begin)) * (width - left - right);
  const parts = [];
  let y = top;
  const steps = [1, 2, 5].flatMap((d) => [...Array(13)].map((_, power) => d * 10 ** power)).concat([60e6, 300e6, 600e6, 1800e6, 3600e6, 21600e6, 86400e6]).sort((a, b) => a - b);
  const gap = steps.find((step) => step > ((end - begin) / (width - left)) * 78) || end - begin;
  const grid = [];
  for (let time = Math.ceil((begin - origin) / gap) * gap; time + origin <= end; time += gap) grid.push([x(time + origin), time]);
  let clip = 0;
  const defs = s("defs");
  for (const lane of lanes) {
    if (lane.head || lane.service) { y += 7; parts.push(s("line", { class: "sep", x1: 0, x2: width, y1: y - 4, y2: y - 4 })); }
    const tall = lane.head ? 20 : 17;
    if (lane.name) parts.push(s("text", { class: "lane", x: 12, y: y + tall - 6 }, s("title", {}, lane.name), cut(lane.name, Math.max(6, Math.floor((left - 22) / 6.6)))));
    for (const bar of lane.bars) {
      if (bar.to < begin || bar.from > end) continue;
      const from = Math.max(left, x(bar.from)), to = Math.min(width - right, x(bar.to)), wide = Math.max(2, to - from);
      const cls = { phase: "f-wash", bad: lane.head ? "f-tone failed" : "f-bad", "bad-end": "f-service", wait: "f-wait", browser: "f-browser", service: "f-service", step: "f-step" }[bar.kind];
      const hollow = bar.hollow && bar.kind === "step";
      const group = s("g", { class: `${bar.go ? "hot" : ""} ${bar.kind === "phase" ? bar.state : ""}` }, s("rect", { class: `bar ${hollow ? "f-step" : cls}`, x: from, y, width: wide, height: tall - 3, rx: 3, opacity: hollow ? 0.55 : 1 }));
      for (const tick of bar.ticks || []) if (tick >= begin && tick <= end) group.append(s("line", { class: "now", x1: x(tick), x2: x(tick), y1: y + tall - 8, y2: y + tall - 3 }));
      if (bar.kind === "bad-end") group.append(s("rect", { class: "f-bad", x: to - 3, y, width: 3, height: tall - 3 }));
      // Half a number would be another one.
      const room = Math.floor((wide - 9) / 6.2);
      if (room >= Math.min(bar.label.length, 5)) {
        clip += 1;
        const id = `clip${chartNumber}-${clip}`;
        defs.append(s("clipPath", { id }, s("rect", { x: from, y, width: wide - 4, height: tall })));
        group.append(s("text", { x: from + 5, y: y + tall - 7, "clip-path": `url(#${id})`, class: bar.kind === "bad" ? "on-bad" : "" }, cut(bar.label, room)));
      }
      tipped(group, bar.about);
      if (bar.go) group.addEventListener("click", () => openStep(bar.go));
      parts.push(group);
    }
    if (lane.service) {
      let lastX = -9;
      for (const [time, isError] of lane.dots) { const place = x(time); if (time < begin || time > end || (place - lastX < 1.5 && !isError)) continue; lastX = place; parts.push(s("rect", { class: isError ? "f-bad" : "f-tone passed", x: place, y: y + tall - 5, width: 1.2, height: 3, opacity: 0.75 })); }
    }
    {
      for (const [time, text] of lane.points || []) if (time >= begin && time <= end) parts.push(tipped(s("text", { x: x(time) - 4, y: y + tall - 5, style: { fill: "var(--failed)", "font-weight": 700 } }, "✗"), text));
    }
    y += tall;
  }
  chartNumber += 1;
  const brush = s("rect", { class: "f-tone parked", opacity: 0.18, y: 0, height: y, width: 0, x: 0, "pointer-events": "none" });
  const cursor = s("line", { class: "now", y1: top - 6, y2: y, x1: -9, x2: -9, "pointer-events": "none" });
  const when = s("text", { class: "small", y: 11, x: -99, "text-anchor": "middle" });
  const svg = s("svg", { viewBox: `0 0 ${width} ${y + 4}`, height: y + 4, role: "img", "aria-label": "Timeline; the steps below tell the same in words" }, defs,
    grid.map(([place, time]) => [s("line", { class: "grid", x1: place, x2: place, y1: 16, y2: y }), s("text", { class: "small", x: place, y: 11, "text-anchor": "middle" }, time === 0 ? "0" : took(time))]), parts, brush, cursor, when);
  const timeAt = (event) => { const rect = svg.getBoundingClientRect(); const px = Math.max(left, Math.min(width - right, ((event.clientX - rect.left) / rect.width) * width)); return [px, begin + ((px - left) / (width - left - right)) * (end - begin)]; };
  let from = null;
  svg.addEventListener("pointerdown", (event) => { from = timeAt(event); });
  svg.addEventListener("pointermove", (event) => { const [px] = timeAt(event); cursor.setAttribute("x1", px); cursor.setAttribute("x2", px); if (from) { brush.setAttribute("x", Math.min(px, from[0])); brush.setAttribute("width", Math.abs(px - from[0])); } });
  svg.addEventListener("pointerup", (event) => { const to = timeAt(event); if (from && Math.abs(to[0] - from[0]) > 12) zoom([Math.min(from[1], to[1]), Math.max(from[1], to[1])]); from = null; brush.setAttribute("width", 0); });
  svg.addEventListener("pointerleave", () => { from = null; brush.setAttribute("width", 0); cursor.setAttribute("x1", -9); cursor.setAttribute("x2", -9); });
  svg.addEventListener("dblclick", () => zoom(null));
  return svg;
}
let chartNumber = 0;

// The graph of phases: which needs which, what ends which, and where each stands.
function graph(detail, tried) {
  const declared = detail.declared.phases;
  const states = new Map(tried.phases.map((phase) => [phase.name, phase]));
  const edges = declared.flatMap((phase) => [...phase.needs.map((need) => [need.phase, phase.name, need.states.length && need.states.length < 5 ? need.states.join(" or ") : need.states.length ? "any end" : "", ""]), ...(phase.stop_when || []).map((need) => [need.phase, phase.name, `stops it${need.states.length && need.states.length < 5 ? ` when ${need.states.join(" or ")}` : ""}`, "dash"]), ...(phase.during ? [[phase.during, phase.name, "during", "dash"]] : [])]);
  if (declared.length < 2) return null;
  const level = new Map(declared.map((phase) => [phase.name, 0]));
  for (let round = 0; round < declared.length; round += 1) for (const [from, to, text, dash] of edges) if ((!dash || text === "during") && level.has(from) && level.get(to) < level.get(from) + 1 && level.get(from) + 1 <= declared.length) level.set(to, level.get(from) + 1);
  const columns = [];
  for (const phase of declared) (columns[level.get(phase.name)] ??= []).push(phase.name);
  const full = columns.filter(Boolean);
  const wide = 158, tall = 44, across = Math.max(60, ...edges.map(([, , text]) => text.length * 6.2 + 34)), down = 20;
  const rows = Math.max(...full.map((column) => column.length));
  const place = new Map();
  full.forEach((column, c) => column.forEach((name, r) => place.set(name, [c * (wide + across), r * (tall + down) + ((rows - column.length) * (tall + down)) / 2])));
  const nodes = declared.map((phase) => {
    const [x, y] = place.get(phase.name), view = states.get(phase.name), state = view?.state || "pending";
    return tipped(s("g", { class: `node ${state}` }, s("rect", { x, y, width: wide, height: tall, rx: 7 }), s("text", { x: x + 12, y: y + 18 }, cut(phase.name, 21)), s("text", { class: "state", x: x + 12, y: y + 34 }, [state, phase.always ? "always" : "", phase.signal ? "by signal" : phase.has_ready ? "when ready" : ""].filter(Boolean).join(" · "))), () => [phase.name, ...(view?.changes || []).map(([at, to]) => `${after(at - tried.at)} ${to}`), causeOf(view)].filter(Boolean).join("\n"));
  });
  const lines = edges.filter(([from, to]) => place.has(from) && place.has(to)).map(([from, to, text, dash]) => {
    const [fx, fy] = place.get(from), [tx, ty] = place.get(to);
    const x1 = fx + wide, y1 = fy + tall / 2, x2 = tx, y2 = ty + tall / 2, bend = Math.max(20, Math.abs(x2 - x1) / 2);
    const back = x2 <= x1, path = back ? `M${fx + wide / 2},${fy + tall} C${fx + wide / 2},${fy + tall + 40} ${tx + wide / 2},${ty + tall + 40} ${tx + wide / 2},${ty + tall}` : `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2 - 3},${y2}`;
    return [s("path", { class: `edge ${dash}`, d: path, "marker-end": "url(#arrow)" }), text ? s("text", { class: "small", x: back ? (fx + tx + wide) / 2 : (x1 + x2) / 2, y: back ? Math.max(fy, ty) + tall + 28 : (y1 + y2) / 2 - 5, "text-anchor": "middle" }, text) : ""];
  });
  const width = full.length * (wide + across) - across + 4, height = rows * (tall + down) - down + 4, room = edges.some(([from, to]) => (place.get(to)?.[0] ?? 0) <= (place.get(from)?.[0] ?? 0)) ? 44 : 0;
  const svg = s("svg", { width, height: height + room, viewBox: `-2 -2 ${width} ${height + room}`, role: "img", "aria-label": `Phases: ${tried.phases.map((phase) => `${phase.name} ${phase.state}`).join(", ")}` },
    s("defs", {}, s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, s("path", { d: "M0,0 L8,4 L0,8 z", fill: "var(--line-strong)" }))), lines, nodes);
  return h("div", { class: "chart graph", tabindex: "0" }, svg);
}
function causeOf(view) {
  const cause = view?.cause;
  if (!cause) return "";
  return { script: `skipped: ${cause.reason}`, needs: `"${cause.phase}" ended ${cause.state}`, condition: cause.reason, stopped: `ended because "${cause.phase}" is ${cause.state}`, interrupted: cause.reason, retry: `attempt ${cause.attempt} is repeated`, killed: "its process was killed", signal: `signal ${cause.name}` }[cause.cause] || "";
}
