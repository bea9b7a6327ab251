// One piece of bad news: what was expected and seen, where, and what to do next.
const KINDS = { failure: "The product is wrong", fault: "The harness or the machine is wrong", usage: "The script is wrong" };
const EXPECTED = /^(expected|wanted)$/i, RECEIVED = /^(received|got|actual)$/i;

function failureCard(detail, failure, place, shot) {
  const tone = failure.kind === "failure" ? "failed" : "errored";
  const expected = failure.details?.find((d) => EXPECTED.test(d.label)), received = failure.details?.find((d) => RECEIVED.test(d.label));
  const rest = (failure.details || []).filter((d) => !(expected && received && (d === expected || d === received)));
  const short = rest.filter((d) => !d.text.includes("\n") && d.text.length < 300);
  const long = rest.filter((d) => !short.includes(d));
  return h("div", { class: `card failure ${tone}` },
    h("div", { class: "kind" }, failure.soft ? "Soft failure: the phase went on" : KINDS[failure.kind] || failure.kind, place ? h("span", { class: "soft" }, ` · ${place}`) : ""),
    h("div", { class: "message iso" }, ticks(failure.message)),
    failure.steps?.length ? h("div", { class: "path iso" }, "in ", failure.steps.flatMap((step, index) => [index ? " › " : "", cut(step, 120)])) : "",
    failure.location ? frame(detail, failure.location, failure.label) : failure.label ? h("p", {}, failure.label) : "",
    (failure.calls || []).map((call) => h("div", { class: "path mono iso" }, `called from ${call.file}:${call.line}`)),
    expected && received ? versus(expected.text, received.text) : "",
    shot ? h("div", { class: "shots", style: { "margin-top": "12px" } }, picture(detail, shot.path, "the page at that moment")) : "",
    long.filter((d) => d.label !== "last exchange").map(block),
    short.length ? h("dl", { class: "facts-list" }, short.flatMap((d) => [h("dt", { class: "iso" }, d.label), h("dd", { class: "mono iso" }, d.text)])) : "",
    failure.hint ? h("p", { class: "hint iso" }, failure.hint) : "",
    long.filter((d) => d.label === "last exchange").map((d) => fold("last exchange", () => h("div", { class: "box" }, h("pre", { class: "iso" }, d.text)), false)),
    h("div", { class: "actions" }, copyButton("copy for a chat", () => digest(detail, failure)), copyButton("copy the command to run it again", `scenario run '${detail.declared.id.replaceAll("'", "'\\''")}'`)));
}
function ticks(text) {
  return text.split(/(`[^`\n]+`)/).map((piece) => (piece.length > 2 && piece.startsWith("`") && piece.endsWith("`") ? h("code", {}, piece.slice(1, -1)) : piece));
}
function frame(detail, location, label) {
  const lines = detail.sources[location.file] || {};
  const around = [-2, -1, 0, 1, 2].map((d) => [location.line + d, d === 0 ? location.text : lines[location.line + d]]).filter(([, text]) => text !== undefined);
  const underlined = (text) => {
    const chars = [...text], from = Math.max(0, location.column - 1), to = from + Math.max(1, location.width || 1);
    return [chars.slice(0, from).join(""), h("mark", {}, chars.slice(from, to).join("") || " "), chars.slice(to).join("")];
  };
  // Below a line that wraps it would point at something else; what is meant is underlined anyway.
  const caret = location.column <= 60 && h("span", { class: "caret" }, `${" ".repeat(Math.max(0, location.column - 1))}^ `);
  const edited = detail.edited.includes(location.file);
  return h("div", { class: "frame" }, h("div", { class: "place iso" }, `${location.file}:${location.line}:${location.column}${edited ? " (edited since: lines around it are left out)" : ""}`),
    h("ol", {}, around.filter(([n]) => n === location.line || !edited).map(([number, text]) => h("li", { class: number === location.line && "hit" }, h("span", {}, number),
      h("span", { class: "iso" }, number === location.line ? underlined(text) : text, number === location.line && label ? [h("br"), h("span", { class: "label" }, caret, label)] : "")))));
}
function versus(expected, received) {
  const [was, is] = marked(expected, received);
  return h("dl", { class: "versus" }, h("dt", { class: "was" }, "expected"), h("dd", { class: "was" }, h("pre", { class: "iso" }, was)), h("dt", { class: "is" }, "received"), h("dd", { class: "is" }, h("pre", { class: "iso" }, is)));
}
// Both texts with what only one of them has marked, word by word: the longest words in common stay plain.
function marked(first, second) {
  const words = (text) => text.match(/[\p{L}\p{N}_.]+|\s+|[^\p{L}\p{N}_.\s]/gu) || [];
  const a = words(first), b = words(second);
  if (!a.length || !b.length || a.length * b.length > 250000) return [first, second];
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) for (let j = b.length - 1; j >= 0; j -= 1) best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
  // Texts that have next to nothing in common are easier to read unmarked.
  if (best[0][0] * 3 < Math.max(a.length, b.length)) return [first, second];
  const left = [], right = [];
  const add = (list, text, isOwn) => { const last = list[list.length - 1]; if (last && last[1] === isOwn) last[0] += text; else list.push([text, isOwn]); };
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { add(left, a[i], false); add(right, b[j], false); i += 1; j += 1; }
    else if (j >= b.length || (i < a.length && best[i + 1][j] >= best[i][j + 1])) { add(left, a[i], true); i += 1; } else { add(right, b[j], true); j += 1; }
  }
  const nodes = (list) => list.map(([text, isOwn]) => (isOwn && text.trim() ? h("mark", {}, text) : text));
  return [nodes(left), nodes(right)];
}
function block(d) {
  const lines = d.text.trimEnd().split("\n");
  // A list has dashes, too; only a difference has both.
  const isDiff = /diff/i.test(d.label) || (lines.some((line) => line.startsWith("+ ")) && lines.some((line) => line.startsWith("- ")));
  const body = isDiff ? h("div", { class: "diff" }, lines.map((line) => h("div", { class: `iso ${line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : ""}` }, line || " "))) : h("div", { class: "box" }, h("pre", { class: "iso" }, d.text));
  return [h("div", { class: "sub" }, d.label), body];
}
// Small enough for a chat, and enough to go on with.
function digest(detail, failure) {
  const out = [`Scenario: ${detail.declared.id}`, `Run: ${over.run.id}`, "", failure.message];
  if (failure.location) out.push(`at ${failure.location.file}:${failure.location.line}:${failure.location.column}${failure.label ? ` (${failure.label})` : ""}`, `    ${failure.location.text.trim()}`);
  for (const d of failure.details || []) out.push(`${d.label}: ${cut(d.text, 1200)}`);
  if (failure.hint) out.push(`hint: ${failure.hint}`);
  if (failure.steps?.length) out.push(`in step: ${failure.steps.join(" > ")}`);
  if (detail.trace) out.push(`trace: ${detail.trace}`);
  return out.join("\n");
}
