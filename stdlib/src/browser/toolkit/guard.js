// Between the look at an element and the press on it, something else may come below the pointer. Such a press is kept from
// what it would hit, and told; the host then tries again.

const PRESSES = ["pointerdown", "mousedown", "touchstart", "pointerup", "mouseup", "touchend", "click", "dblclick", "auxclick", "contextmenu"];
const MOVES = ["pointermove", "mousemove"];
const BEGINS = new Set(["pointerdown", "mousedown", "touchstart"]);
/** A press that has not come by then is no business of the guard any more. */
const EXPIRES = 5000;
/** How long the end of a press is waited for; some never come, such as those in a frame that lies above. */
const UNDECIDED = 300;

let guarded = null;

function guard(element, action) {
  disarm();
  const state = { element, began: performance.now(), hit: false, missed: null, ends: 0, awaited: 0, types: action === "hover" ? MOVES : PRESSES };
  state.heard = (event) => {
    if (!event.isTrusted || performance.now() - state.began > EXPIRES) return;
    if (event.type === "pointerup" && ++state.ends === state.awaited) state.over();
    // Of a press the beginning counts, of moves the last one.
    const counts = state.types === MOVES || (!state.hit && !state.missed && BEGINS.has(event.type));
    if (counts) {
      const at = event.composedPath()[0];
      const other = at instanceof Element ? coverIs(element, at) : null;
      state.missed = other ? tellCover(other, element) : null;
      state.hit = !other;
    }
    if (!state.missed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  for (const type of state.types) addEventListener(type, state.heard, { capture: true, passive: false });
  guarded = state;
}

/**
 * Resolves when as many presses as `ends` have ended; `undecided` when they do not come. Told by the event itself: looking again and
 * again would keep the page from it. The click follows in the same task.
 */
async function pressed({ ends }) {
  const state = guarded;
  if (!state) return {};
  await new Promise((resolve) => {
    if (state.ends >= ends) resolve();
    Object.assign(state, { awaited: ends, over: resolve });
    setTimeout(resolve, UNDECIDED);
  });
  return { undecided: state.ends < ends };
}

/**
 * Gives what got the press instead of the element, if something would have, and ends the guard, but for `args.keep`. A call of its own,
 * so that it comes behind the click: a timer would come a frame later, as browsers put them off after an input.
 */
function unguard({ keep }) {
  const missed = guarded?.missed ?? null;
  if (!keep || !missed) disarm();
  return { missed };
}

function disarm() {
  if (!guarded) return;
  for (const type of guarded.types) removeEventListener(type, guarded.heard, { capture: true });
  guarded = null;
}
