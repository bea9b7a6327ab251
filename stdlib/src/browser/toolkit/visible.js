// What can be seen, and what assistive technology is told of.

/** Whether a person could see the element: it has a box with an area, and no style hides it. */
function isVisible(element) {
  const style = getComputedStyle(element);
  if (style.display === "contents") {
    for (let child = element.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === Node.ELEMENT_NODE && isVisible(child)) return true;
      if (child.nodeType === Node.TEXT_NODE && isVisibleText(child)) return true;
    }
    return false;
  }
  if (style.visibility !== "visible" || !isRendered(element)) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

function isVisibleText(node) {
  const range = document.createRange();
  range.selectNode(node);
  const box = range.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

/** Whether no `display: none`, `content-visibility: hidden` or closed `<details>` around it takes it off the page. */
function isRendered(element) {
  return element.checkVisibility({ contentVisibilityAuto: false });
}

/** Why an element cannot be seen, in a few words. */
function whyHidden(element) {
  for (let at = element; at; at = shownIn(at)) {
    const style = getComputedStyle(at);
    const who = at === element ? "it" : `${preview(at)} around it`;
    if (style.display === "none") return `${who} has display: none`;
    if (at.nodeName === "DETAILS" && !at.open && at !== element) return `${preview(at)} around it is closed`;
  }
  const style = getComputedStyle(element);
  if (style.visibility !== "visible") return `its visibility is ${style.visibility}`;
  return "it has no size";
}

/** Whether assistive technology is not told of the element. */
function isHiddenForAria(element) {
  let hidden = look.hidden.get(element);
  if (hidden === undefined) {
    hidden = decideHidden(element);
    look.hidden.set(element, hidden);
  }
  return hidden;
}

function decideHidden(element) {
  // The browser knows best what is shown; what it says is not may still be a slot, an option or a box-less element.
  if (element.checkVisibility({ visibilityProperty: true })) return SILENT.has(element.nodeName) || isMuted(element);
  return decideHiddenOfUnseen(element);
}

/** Whether the element, or something around it, is kept from assistive technology on purpose. */
function isMuted(element) {
  let muted = look.muted.get(element);
  if (muted === undefined) {
    const outer = shownIn(element);
    muted = element.getAttribute("aria-hidden") === "true" || (outer !== null && isMuted(outer));
    look.muted.set(element, muted);
  }
  return muted;
}

function decideHiddenOfUnseen(element) {
  if (SILENT.has(element.nodeName) || element.nodeName === "META" || element.nodeName === "LINK") return true;
  const style = getComputedStyle(element);
  const isSlot = element.nodeName === "SLOT";
  if (style.display === "contents" && !isSlot) {
    let seen = false;
    for (let child = element.firstChild; child && !seen; child = child.nextSibling) {
      seen = child.nodeType === Node.ELEMENT_NODE ? !isHiddenForAria(child) : child.nodeType === Node.TEXT_NODE && isVisibleText(child);
    }
    if (!seen) return true;
  }
  // An <option> of a closed list has no box and is told nevertheless.
  const isOption = element.nodeName === "OPTION" && element.closest("select");
  if (!isOption && !isSlot && style.visibility !== "visible") return true;
  return isOption ? false : isTakenAway(element);
}

/** Whether something around the element, or its own style, takes it away from assistive technology. */
function isTakenAway(element) {
  const known = look.hidden.get(element);
  if (known === true) return true;
  if (element.getAttribute("aria-hidden") === "true" || getComputedStyle(element).display === "none") return true;
  const parent = parentOf(element);
  // A child of a shadow host that no slot shows is nowhere.
  if (parent?.shadowRoot && element.parentNode === parent && !element.assignedSlot) return true;
  if (parent?.nodeName === "DETAILS" && !parent.open && element !== parent.querySelector(":scope > summary")) return true;
  const outer = shownIn(element);
  return outer ? isTakenAway(outer) : false;
}
