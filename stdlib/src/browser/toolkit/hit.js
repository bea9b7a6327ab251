// Where to press, and whether a press there would arrive.

/** The first box of an element; one that spans lines has several. */
function boxOf(element) {
  let boxes = element.getClientRects();
  if (!boxes.length && getComputedStyle(element).display === "contents") {
    // It has none of its own: what is in it stands for it.
    const inside = document.createRange();
    inside.selectNodeContents(element);
    boxes = inside.getClientRects();
  }
  for (const box of boxes) if (box.width > 0 && box.height > 0) return box;
  return element.getBoundingClientRect();
}

/** The point to press: the middle of what is on the screen, or `position` from the corner of the element. */
function pointOf(element, position) {
  const box = boxOf(element);
  if (position) return { x: box.left + position.x, y: box.top + position.y };
  const left = Math.max(box.left, 0);
  const top = Math.max(box.top, 0);
  const right = Math.min(box.right, innerWidth);
  const bottom = Math.min(box.bottom, innerHeight);
  if (right <= left || bottom <= top) return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

function isOnScreen(point) {
  return point.x >= 0 && point.y >= 0 && point.x < innerWidth && point.y < innerHeight;
}

/** The innermost element at a point, within open shadow roots too. */
function elementAt({ x, y }) {
  let at = document.elementFromPoint(x, y);
  while (at?.shadowRoot) {
    const inner = at.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === at) break;
    at = inner;
  }
  return at;
}

/** What else would receive a press at the point; `null` when the element does. */
function coverOf(element, point) {
  const hit = elementAt(point);
  return hit ? coverIs(element, hit) : document.documentElement;
}

/** Whether what was hit is something else than the element: that, or `null`. */
function coverIs(element, hit) {
  for (let at = hit; at; at = shownIn(at)) {
    if (at === element) return null;
    // A press on a label is a press on its field.
    if (at.nodeName === "LABEL" && at.control === element) return null;
  }
  // A label is pressed through the field inside it.
  const label = element.closest("label");
  if (label && isWithin(hit, label) && label.control === element) return null;
  return hit;
}

/** A cover as told in messages: itself, and the outermost part of the page that is not around the element. */
function tellCover(cover, element) {
  if (getComputedStyle(element).pointerEvents === "none") return `${preview(cover)}, since its style says \`pointer-events: none\``;
  let outer = cover;
  for (let at = parentOf(cover); at && !isWithin(element, at); at = parentOf(at)) outer = at;
  return outer === cover ? preview(cover) : `${preview(cover)} from ${preview(outer)}`;
}

const ALIGNMENTS = [
  { block: "center", inline: "center" },
  { block: "end", inline: "end" },
  { block: "start", inline: "start" },
  { block: "nearest", inline: "nearest" },
];

/** Scrolls the element onto the screen; each try in another way, since a fixed header may hide one of them. */
function scrollTo(element, tries) {
  element.scrollIntoView({ ...ALIGNMENTS[tries % ALIGNMENTS.length], behavior: "instant" });
}

function sameBox(one, other) {
  return one.left === other.left && one.top === other.top && one.width === other.width && one.height === other.height;
}
