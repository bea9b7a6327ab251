// The address holds what is looked at, so that it can be sent to somebody: #o=failed,errored&t=smoke&f=a.rhai&q=text&s=a.rhai::name&try=2
const NOTHING = { o: [], t: "", f: "", q: "", s: "", try: "", sort: "", open: "" };
let at = { ...NOTHING };

function readAddress() {
  const query = new URLSearchParams(location.hash.slice(1));
  at = { ...NOTHING };
  for (const key of Object.keys(NOTHING)) {
    const value = query.get(key) || "";
    at[key] = key === "o" ? value.split(",").filter(Boolean) : value;
  }
}
function addressOf(change) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...at, ...change })) {
    if (value && value.length) query.set(key, Array.isArray(value) ? value.join(",") : value);
  }
  return `#${query}`;
}
function go(change, quietly) {
  const to = addressOf(change);
  if (to === location.hash || (to === "#" && !location.hash)) return;
  if (quietly) { history.replaceState(null, "", to); follow(); } else { location.hash = to; }
}
