// Makes elements. Strings become text; only what the core rendered becomes HTML.

/** `element("a", { href, onclick }, "text", child)`; children that are null or false are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made[key] = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** HTML by the core, as a fragment. Nothing but the core's own output may come here. */
export function prose(html) {
  return Object.assign(document.createElement("template"), { innerHTML: (html ?? "").trim() }).content;
}

/** The same for one phrase: what stands in its only paragraph. */
export function phrase(html) {
  const fragment = prose(html);
  const only = fragment.childElementCount === 1 && fragment.firstElementChild.localName === "p" ? fragment.firstElementChild : null;
  if (only) only.replaceWith(...only.childNodes);
  return fragment;
}
