// Why a locator means nothing: how far it came, what is there instead, and where it cannot look.

/** `{part, few, unloaded, offers, frames, closed}` for a chain that means no element now. */
function explain(args) {
  return once(() => {
    let scopes = [document];
    let part = 0;
    for (; part < args.chain.length; part++) {
      const found = find(args.chain.slice(0, part + 1));
      if (!found.length) break;
      scopes = found;
    }
    const failing = args.chain[part];
    const offers = failing ? scopes.flatMap((scope) => offersFor(scope, failing)) : [];
    // What was counted off from: of too few there is none at that place.
    const few = failing?.nth !== undefined && part > 0 ? scopes.length : undefined;
    return {
      part,
      few,
      unloaded: location.protocol === "chrome-error:",
      offers: [...new Set(offers)].filter(Boolean).slice(0, 40),
      frames: [...document.querySelectorAll("iframe, frame")].slice(0, 5).map(preview),
      closed: closedShadows().slice(0, 5).map(preview),
    };
  });
}

/** What the same kind of locator would find here. */
function offersFor(scope, part) {
  const under = (css) => elementsByCss(scope, css);
  if (part.role) return all(scope, (element) => roleOf(element) === part.role && !isHiddenForAria(element)).map(nameOf);
  if (part.label) return all(scope, isLabelled).flatMap((element) => labelsOf(element).slice(0, 1));
  if (part.test_id) return under(`[${CSS.escape(part.attribute)}]`).map((element) => element.getAttribute(part.attribute));
  for (const name of ["placeholder", "alt", "title"]) if (part[name]) return under(`[${name}]`).map((element) => element.getAttribute(name));
  return [];
}

/** Custom elements that show something and give no way in: they have a closed shadow root, most likely. */
function closedShadows() {
  return all(document, (element) => element.nodeName.includes("-") && !element.shadowRoot && !element.childElementCount && isVisible(element));
}
