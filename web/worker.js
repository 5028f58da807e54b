// Runs whytls beside the page, so that a long diagnosis never holds it up.
//
// In:  { id, files: [{ name, bytes }], lang }
// Out: { id, json, view, markdown, html, version } or { id, error }; view is json with its prose, chains and drawings as HTML;
//      once at the start { version }, or { error } if WebAssembly does not start.
// Not here: anything of the page. This is the only file that knows WebAssembly.

import init, { Case, html as toHtml, version } from "./pkg/whytls_wasm.js";

const ready = init();

ready.then(
  () => postMessage({ version: version() }),
  (error) => postMessage({ error: String(error) }),
);

onmessage = async ({ data: { id, files, lang } }) => {
  try {
    await ready;
    postMessage({ id, ...diagnose(files, lang), version: version() });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};

function diagnose(files, lang) {
  const paste = new Case();
  for (const { name, bytes } of files) paste.add(name, bytes);
  paste.at(Date.now());
  const answer = paste.diagnose(lang);
  const { json, markdown, html, chains, drawings } = answer;
  answer.free();
  paste.free();
  const view = JSON.parse(json, (key, value) => (PROSE.has(key) ? rendered(value) : value));
  return { json, view: { ...view, chains, drawings }, markdown, html };
}

// The fields of the contract that are Markdown.
const PROSE = new Set(["title", "cause_title", "only_if", "summary", "cause_summary", "why", "body_markdown"]);

function rendered(markdown) {
  return typeof markdown === "string" ? toHtml(markdown) : markdown;
}
