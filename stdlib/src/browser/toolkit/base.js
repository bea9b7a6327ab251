// What core itself asks of a document. Runs in the sandbox; `toolkit` is the object that is being filled.

// Whether a document is there, and what it is.
toolkit.document = () => ({
  url: document.URL,
  title: document.title,
  ready: document.readyState,
  width: innerWidth,
  height: innerHeight,
});

// The document as HTML, with its doctype.
toolkit.content = () => {
  const doctype = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\n' : '';
  return doctype + (document.documentElement ? document.documentElement.outerHTML : '');
};

// What the page keeps for its origin.
toolkit.storage = () => {
  const all = (from) => {
    try {
      return Object.fromEntries(Object.entries(from));
    } catch {
      return {};
    }
  };
  return { origin: location.origin, local: all(localStorage), session: all(sessionStorage) };
};

// Puts it back.
toolkit.restore = ({ local, session }) => {
  for (const [key, value] of Object.entries(local || {})) localStorage.setItem(key, value);
  for (const [key, value] of Object.entries(session || {})) sessionStorage.setItem(key, value);
};
