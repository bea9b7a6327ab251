// Does an element stand still? Two looks in different frames tell.

/** More than two frames of a screen that draws sixty a second, in milliseconds. */
const SOME_FRAMES = 40;

/** Where elements were at the last look, and since when they were found there. */
const stands = new WeakMap();

/** Takes note of where an element is; gives for how long it has been found there, in milliseconds. */
function standsFor(element) {
  const box = element.getBoundingClientRect();
  const now = performance.now();
  const seen = stands.get(element);
  if (seen && sameBox(seen.box, box)) return now - seen.since;
  stands.set(element, { box, since: now });
  return 0;
}

/** Why an element cannot be pressed yet; `null` when it stands still. No frame is waited for where earlier looks tell. */
async function unrestOf(element) {
  const animated = document.getAnimations().length > 0;
  if (!animated && standsFor(element) >= SOME_FRAMES) return null;
  // Between frames an animation is shown as it will be in the next one: two looks within frames tell whether it moves.
  if (animated) await nextFrame();
  const before = element.getBoundingClientRect();
  const came = await nextFrame();
  if (!isAttached(element)) return { verdict: "detached", tells: "it was taken off the page; looking anew" };
  // Without a frame in between nothing can have moved yet, as on a machine that has more to do than it can.
  const moves = !sameBox(before, element.getBoundingClientRect()) || (!came && isAnimated(element));
  return moves ? { verdict: "moving", tells: "it is moving" } : null;
}

/** Whether an animation of the element, or of what is around it, is under way. */
function isAnimated(element) {
  const runs = ({ playState, effect }) => playState === "running" && effect?.target && isWithin(element, effect.target);
  return document.getAnimations().some(runs);
}
