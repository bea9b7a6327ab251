// What the host may call besides. Each is one round trip; none leaves anything in the page unless it says so.

Object.assign(toolkit, {
  prepare,
  pressed,
  unguard,
  expect: expectation,
  query,
  explain,
  reach,
  frame: frameOf,
  aria: (args) => once(() => tellAria(args?.chain ? find(args.chain)[0] : document.body || document.documentElement)),
  snapshot,
  dom: () => snapshot().html,
  still,
  unstill,
  accessibility,
});
