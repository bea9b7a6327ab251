// What a step has to show: an HTTP exchange, a statement, a browser action, a service, or whatever its primitive recorded.
function shownData(detail, step) {
  const data = step.data;
  if (data === undefined || data === null) return [];
  if (step.kind === "http" || (data.method && data.url)) return [exchange(data)];
  if (step.kind === "browser" || data.before || data.after || data.locator) return [browserAction(detail, data)];
  if (data.statement) return [statement(data)];
  return [rest(data, ["micros"])];
}
function rest(data, without) {
  const entries = Object.entries(data).filter(([key, value]) => !without.includes(key) && value !== null && value !== "" && !(typeof value === "object" && !Object.keys(value).length));
  if (!entries.length) return "";
  const value = (v) => {
    if (typeof v === "string") return h("pre", { class: "iso" }, v);
    const text = json(v);
    return text.length > 240 || text.split("\n").length > 8 ? fold(Array.isArray(v) ? count(v.length, "item") : count(Object.keys(v).length, "entry", "entries"), () => h("pre", { class: "iso" }, text)) : h("pre", { class: "iso" }, text);
  };
  return h("table", { class: "kv" }, h("tbody", {}, entries.map(([key, v]) => h("tr", {}, h("th", { scope: "row" }, key.replaceAll("_", " ")), h("td", {}, value(v))))));
}
function statusTone(status, error) { return error || !status || status >= 500 ? "failed" : status >= 400 ? "errored" : status >= 300 ? "parked" : "passed"; }

function exchange(data) {
  const hops = data.hops || [];
  const hopViews = hops.length ? hops.map(hop) : [h("div", {}, h("div", { class: "first" }, h("b", {}, data.method), h("span", { class: "iso" }, data.url), data.status ? h("span", { class: `code ${statusTone(data.status, data.error)}` }, data.status) : "", h("span", { class: "faint" }, [took(data.micros), size(data.bytes || 0), data.reused && "connection reused", data.redirects && count(data.redirects, "redirect"), data.tries > 1 && count(data.tries, "try", "tries")].filter(Boolean).join(" · "))),
    data.error ? h("pre", { class: "iso failed", style: { color: "var(--tone)" } }, data.error) : "", bodies(data.request_body, data.body))];
  return h("div", { class: "http" }, hopViews, h("div", { class: "actions" }, data.curl || data.curl_options !== undefined ? copyButton("copy as curl", () => data.curl || curl(data)) : "", data.url ? copyButton("copy the URL", data.url) : ""));
}
// The words that the account of an exchange spares where they follow from the rest.
function curl(data) {
  const word = (text) => (/^[\w\-./:=@%+,]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return `curl${data.curl_options}${data.request_body ? ` --data-raw ${word(data.request_body)}` : ""} ${word(data.url)}`;
}
function bodies(sent, got) {
  return [sent ? fold("request body", () => h("div", { class: "box" }, h("pre", { class: "iso" }, pretty(sent)))) : "", got ? fold("response body", () => h("div", { class: "box" }, h("pre", { class: "iso" }, pretty(got)))) : ""];
}
function hop(one) {
  const answer = one.response, timings = one.timings || {};
  const marks = [["dns", timings.dns_us, "var(--bar-wait)"], ["connect", timings.connect_us, "var(--bar-step)"], ["tls", timings.tls_us, "var(--bar-browser)"]];
  let spent = 0;
  const slices = [];
  for (const [name, micros, color] of marks) if (micros) { slices.push([name, micros, color]); spent += micros; }
  if (timings.first_byte_us) { slices.push(["waiting", Math.max(0, timings.first_byte_us - spent), "var(--bar-service)"]); spent = Math.max(spent, timings.first_byte_us); }
  if (timings.total_us > spent) slices.push(["receiving", timings.total_us - spent, "var(--accent)"]);
  const heads = (list) => h("div", { class: "box head-table" }, list.flatMap(([name, value]) => [h("span", { class: "iso" }, name), h("span", { class: "iso" }, value)]));
  return h("div", { style: { "margin-top": "8px" } }, one.cause ? h("div", { class: "faint" }, one.cause) : "",
    h("div", { class: "first" }, h("b", {}, one.method), h("span", { class: "iso" }, one.url), answer ? h("span", { class: `code ${statusTone(answer.status)}` }, answer.status) : "", h("span", { class: "faint" }, [took(timings.total_us), answer && size(answer.size), answer && answer.version, one.reused && "connection reused", answer && answer.remote].filter(Boolean).join(" · "))),
    one.error ? h("pre", { class: "iso failed", style: { color: "var(--tone)" } }, one.error) : "",
    slices.length ? tipped(h("div", { class: "timing" }, slices.map(([, micros, color]) => h("i", { style: { flex: String(micros), background: color } }))), slices.map(([name, micros]) => `${name} ${took(micros)}`).join("\n")) : "",
    fold("request headers", () => heads(one.request_headers || [])),
    one.request_body ? fold("request body", () => h("div", { class: "box" }, h("pre", { class: "iso" }, pretty(one.request_body)))) : "",
    answer ? fold("response headers", () => heads(answer.headers)) : "",
    answer?.body ? fold("response body", () => h("div", { class: "box" }, h("pre", { class: "iso" }, pretty(answer.body))), answer.status >= 400) : "");
}
function statement(data) {
  return h("div", {}, h("div", { class: "box" }, h("pre", { class: "iso" }, data.statement)), h("div", { class: "actions" }, copyButton("copy the statement", data.statement)), rest(data, ["statement", "micros"]));
}
function browserAction(detail, data) {
  const pictures = [["before", data.before], ["after", data.after]].filter(([, path]) => path);
  return h("div", {}, rest(data, ["before", "after", "log", "console"]),
    pictures.length ? h("div", { class: "shots", style: { "margin-top": "10px" } }, pictures.map(([name, path]) => picture(detail, path, name))) : "",
    data.log?.length ? fold("what it waited for", () => h("div", { class: "log" }, data.log.map((line) => h("div", {}, h("span", {}), h("span", { class: "iso" }, typeof line === "string" ? line : json(line))))), true) : "",
    data.console?.length ? fold(`console: ${count(data.console.length, "line")}`, () => consoleLines(data.console)) : "");
}
function consoleLines(entries) {
  return h("div", { class: "log" }, entries.map((entry) => {
    const level = entry.level || entry.type || "", text = entry.text ?? entry.message ?? json(entry);
    return h("div", { class: /error/i.test(level) ? "err" : /warn/i.test(level) ? "warn" : "" }, h("span", {}, level), h("span", { class: "iso" }, text, entry.url || entry.location ? h("span", { class: "faint" }, `  ${entry.url || json(entry.location)}`) : ""));
  }));
}
function picture(detail, path, caption) {
  const image = h("img", { alt: `${caption}: a picture of the page` });
  const shot = h("figure", {}, image, h("figcaption", { class: "iso" }, caption));
  fileUrl(detail, path).then((url) => {
    if (!url) { image.replaceWith(h("p", { class: "faint" }, `the picture is no longer there (${path})`)); return; }
    image.src = url;
    image.addEventListener("click", () => show(h("img", { src: url, alt: image.alt })));
  });
  return shot;
}
function attachment(detail, one) {
  const file = detail.files[one.path];
  const about = `${one.name} · ${size(one.bytes)}`;
  if (!file && !over.live) return h("p", { class: "faint iso" }, `${about} · the file is no longer there`);
  if (one.media_type.startsWith("image/") && !one.media_type.includes("svg")) return h("div", { class: "shots" }, picture(detail, one.path, about));
  const open = h("a", { href: "#", onclick: async (event) => {
    event.preventDefault();
    const url = await fileUrl(detail, one.path);
    if (url) { const link = h("a", { href: url, download: one.name.replace(/[/\\]/g, "-") }); document.body.append(link); link.click(); link.remove(); }
  } }, "save");
  const isText = /^text\/|json|xml|yaml|javascript/.test(one.media_type) && (over.live || file.chunk !== undefined);
  if (!isText) return h("p", { class: "iso" }, about, " · ", open);
  const view = () => {
    const box = h("div", { class: "box" }, h("pre", {}, "…"));
    fileText(detail, one.path).then((text) => {
      const lines = /jsonl$/.test(one.name) ? text.split("\n").filter(Boolean).map((line) => { try { return JSON.parse(line); } catch { return { text: line }; } }) : null;
      if (lines && /console/.test(one.name)) box.replaceWith(consoleLines(lines));
      else if (lines && /network/.test(one.name)) box.replaceWith(networkLines(lines));
      else box.replaceChildren(h("pre", { class: "iso" }, /json/.test(one.media_type) ? pretty(text) : cut(text, 200000)));
    }, (error) => { box.replaceChildren(h("p", { class: "faint" }, String(error.message))); });
    return box;
  };
  return h("div", {}, fold([iso(about), " · ", open], view));
}
function networkLines(lines) {
  return h("div", { class: "log" }, lines.map((one) => {
    const status = one.status ?? one.response?.status, url = one.url ?? one.request?.url ?? "", method = one.method ?? one.request?.method ?? "";
    return h("div", { class: one.error || status >= 400 ? "err" : "" }, h("span", {}, status ?? (one.error ? "failed" : "…")), h("span", { class: "iso" }, `${method} ${url}${one.error ? ` ${one.error}` : ""}`));
  }));
}
function show(content) {
  const box = h("dialog", { "aria-label": "Picture", onclick: () => box.close(), onclose: () => box.remove() }, content);
  document.body.append(box);
  box.showModal();
}
