// What the host may call. Each is one round trip; none leaves anything in the page unless it says so.

const toolkit = {
  prepare,
  expect: expectation,
  query,
  explain,
  reach,
  frame: frameOf,
  aria: (args) => once(() => tellAria(args?.chain ? find(args.chain)[0] : document.body || document.documentElement)),
  snapshot,
  still,
  unstill,
  accessibility,
};
