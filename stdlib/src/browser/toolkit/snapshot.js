// The page as one HTML text that can be looked at later: open shadow roots, what fields hold, styles set by scripts; no scripts.

const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/;
const LONGEST_SNAPSHOT = 4_000_000;

function snapshot() {
  const out = { text: "<!doctype html>\n", full: false };
  writeNode(out, document.documentElement);
  return { html: out.text, url: location.href, cut: out.full };
}

function write(out, text) {
  if (out.full || out.text.length + text.length > LONGEST_SNAPSHOT) out.full = true;
  else out.text += text;
}

function writeNode(out, node) {
  if (node.nodeType === Node.TEXT_NODE) {
    const raw = node.parentNode?.nodeName === "STYLE";
    return write(out, raw ? node.nodeValue.replace(/<\/style/gi, "<\\/style") : escapeText(node.nodeValue));
  }
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const tag = node.nodeName.toLowerCase();
  if (tag === "script" || tag === "noscript" || tag === "template" || isActiveMeta(node)) return;
  write(out, `<${tag}${attributesOf(node)}>`);
  if (tag === "head") write(out, `<base href="${escapeAttribute(document.baseURI)}">${adoptedStyles(document)}`);
  if (VOID.test(tag)) return;
  if (node.shadowRoot) {
    write(out, `<template shadowrootmode="open">${adoptedStyles(node.shadowRoot)}`);
    for (const child of node.shadowRoot.childNodes) writeNode(out, child);
    write(out, "</template>");
  }
  if (tag === "textarea") write(out, escapeText(node.value));
  else if (tag === "style" && node.sheet && !node.textContent.trim()) write(out, rulesOf(node.sheet));
  else for (const child of node.childNodes) writeNode(out, child);
  write(out, `</${tag}>`);
}

/** A meta element that would do something when the snapshot is opened: go elsewhere, forbid its styles. */
function isActiveMeta(node) {
  return node.nodeName === "META" && node.httpEquiv !== "" && node.httpEquiv.toLowerCase() !== "content-type";
}

function attributesOf(element) {
  let text = "";
  for (const { name, value } of element.attributes) {
    if (/^on/i.test(name) || (name === "value" && isSecret(element)) || /^(srcdoc|nonce|integrity|checked|selected)$/.test(name)) continue;
    if (name === "value" && /^(INPUT)$/.test(element.nodeName)) continue;
    if (/^\s*javascript:/i.test(value)) continue;
    text += ` ${name}="${escapeAttribute(value)}"`;
  }
  if (element.nodeName === "INPUT" && element.type !== "file") {
    if (element.value) text += ` value="${isSecret(element) ? "•••" : escapeAttribute(element.value)}"`;
    if (element.checked) text += " checked";
  }
  if (element.nodeName === "OPTION" && element.selected) text += " selected";
  return text;
}

/** Styles that a script gave to a document or shadow root. */
function adoptedStyles(root) {
  const text = [...root.adoptedStyleSheets].map(rulesOf).join("\n");
  return text ? `<style>${text}</style>` : "";
}

function rulesOf(sheet) {
  try {
    return [...sheet.cssRules].map((rule) => rule.cssText).join("\n").replace(/<\/style/gi, "<\\/style");
  } catch {
    return "";
  }
}

function escapeText(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function escapeAttribute(text) {
  return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
}
