// Between the look at an element and the press on it, something else may come below the pointer. Such a press is kept from
// what it would hit, and told; the host then tries again.

const PRESSES = ["pointerdown", "mousedown", "touchstart", "pointerup", "mouseup", "touchend", "click", "dblclick", "auxclick", "contextmenu"];
const MOVES = ["pointermove", "mousemove"];
const BEGINS = new Set(["pointerdown", "mousedown", "touchstart"]);
/** A press that has not come by then is no business of the guard any more. */
const EXPIRES = 5000;

let guarded = null;

function guard(element, action) {
  unguard();
  const state = { element, began: performance.now(), hit: false, missed: null, types: action === "hover" ? MOVES : PRESSES };
  state.heard = (event) => {
    if (!event.isTrusted || performance.now() - state.began > EXPIRES) return;
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

/** Gives what got the press instead of the element, if something would have. Ends the guard, but for `args.keep`. */
function unguard(args) {
  if (!guarded) return { missed: null };
  const { missed, types, heard } = guarded;
  if (args?.keep && missed) return { missed };
  for (const type of types) removeEventListener(type, heard, { capture: true });
  guarded = null;
  return { missed };
}
