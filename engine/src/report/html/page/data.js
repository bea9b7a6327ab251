// What the report is made of: an overview that is read at once, and one packed part per group of scenarios that is unpacked when it is looked at.
let over = JSON.parse(byId("overview").textContent);
const F = { FILE: 0, NAME: 1, LINE: 2, VERDICT: 3, TAGS: 4, TOOK: 5, AT: 6, TRIES: 7, FLAGS: 8, HEADLINE: 9, PLACE: 10, PARTS: 11, PAST: 12, USUAL: 13 };
const VERDICTS = ["failed", "errored", "interrupted", "cutoff", "flaky", "running", "parked", "notrun", "skipped", "passed"];
const QUARANTINED = 1, VACUOUS = 2;

const verdictOf = (row) => VERDICTS[row[F.VERDICT]];
const idOf = (row) => `${over.files[row[F.FILE]]}::${row[F.NAME]}`;
let indexOfId = new Map();
function indexRows() { indexOfId = new Map(over.rows.map((row, index) => [idOf(row), index])); }

async function unpack(id) {
  const node = byId(id);
  if (!node) throw new Error("this part of the report is missing");
  const text = atob(node.textContent.trim());
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  if (node.dataset.packed === undefined) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
const parts = new Map();
async function part(number) {
  if (!parts.has(number)) {
    parts.set(number, unpack(`c${number}`).then((bytes) => JSON.parse(new TextDecoder().decode(bytes))));
    if (parts.size > 24) parts.delete(parts.keys().next().value);
  }
  return parts.get(number);
}

// Everything known of one scenario. What a former process recorded and this one did not keep stands in an earlier part.
async function detailOf(row) {
  if (over.live) {
    const answer = await fetch(`detail?scenario=${encodeURIComponent(idOf(row))}`);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }
  const all = [];
  for (const [chunk, place] of row[F.PARTS]) all.push((await part(chunk))[place]);
  const last = all.pop();
  if (!last) return null;
  for (const former of all) mend(last, former);
  return last;
}
function mend(into, from) {
  const key = (tried, phase, attempt, step) => `${tried.round} ${tried.number} ${attempt.number} ${step.id} ${phase.name}`;
  const known = new Map();
  const each = (detail, act) => {
    for (const tried of detail.tries) for (const phase of tried.phases) for (const attempt of phase.attempts) for (const step of attempt.steps) act(step, key(tried, phase, attempt, step));
  };
  each(from, (step, name) => { if (step.data !== undefined) known.set(name, step.data); });
  each(into, (step, name) => { if (step.data === undefined && known.has(name)) step.data = known.get(name); });
  into.files = { ...from.files, ...into.files };
  into.lines = { ...from.lines, ...into.lines };
  into.sources = { ...from.sources, ...into.sources };
}

// What services wrote that this scenario shared with others.
async function sharedLogs(row) {
  const mine = (over.shared || []).filter(([file]) => file === "" || file === over.files[row[F.FILE]]);
  if (over.live) {
    const answers = await Promise.all(mine.map(([, number]) => fetch(`shared?log=${number}`)));
    return Promise.all(answers.filter((answer) => answer.ok).map((answer) => answer.json()));
  }
  return Promise.all(mine.map(async ([, [chunk, place]]) => (await part(chunk))[place]));
}

// An attached file: its bytes as a URL of this page, or the place beside it.
async function fileUrl(detail, path) {
  const file = detail.files[path];
  if (!file) return null;
  if (file.href) return file.href;
  if (over.live) return `file?path=${encodeURIComponent(path)}`;
  if (file.url) return file.url;
  if (file.chunk === undefined) return null;
  const bytes = await unpack(`f${file.chunk}`);
  file.url = URL.createObjectURL(new Blob([bytes], { type: file.shown }));
  return file.url;
}
async function fileText(detail, path) {
  const file = detail.files[path];
  if (over.live) return (await fetch(`file?path=${encodeURIComponent(path)}`)).text();
  if (!file || file.chunk === undefined) return null;
  return new TextDecoder().decode(await unpack(`f${file.chunk}`));
}
