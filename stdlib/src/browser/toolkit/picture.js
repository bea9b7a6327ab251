// A page that holds still for a picture, with what changes anyway painted over.

const STILL = "scenario-still";

/** Ends animations, hides the caret, paints over `args.masks` (chains), and waits for fonts. */
async function still(args) {
  const style = document.createElement("style");
  style.id = STILL;
  style.textContent = "* { caret-color: transparent !important; scroll-behavior: auto !important }";
  document.documentElement.append(style);
  for (const animation of document.getAnimations()) {
    const endless = animation.effect?.getComputedTiming().iterations === Infinity;
    // What ends is shown as it ends; what goes on for ever as it began.
    if (endless) animation.cancel();
    else if (animation.playState === "running") animation.finish();
  }
  await Promise.race([document.fonts.ready, pause(3000)]);
  return once(() => {
    for (const chain of args.masks || []) for (const element of find(chain)) cover(element, args.color || "#ff00ff");
    return { done: true };
  });
}

function cover(element, color) {
  const box = element.getBoundingClientRect();
  const paint = document.createElement("div");
  paint.className = STILL;
  paint.style.cssText = `all: initial; position: absolute; z-index: 2147483647; background: ${color}; pointer-events: none`;
  const place = { left: box.left + scrollX, top: box.top + scrollY, width: box.width, height: box.height };
  for (const [side, length] of Object.entries(place)) paint.style[side] = `${length}px`;
  document.documentElement.append(paint);
}

/** Undoes what `still` added. */
function unstill() {
  for (const one of document.querySelectorAll(`#${STILL}, .${STILL}`)) one.remove();
  return { done: true };
}
