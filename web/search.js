// The search of the problems: by slug, title, message, code or alert, in this page alone.
//
// In:  search.json, which the site's build writes: pages, each with the texts that lead to it.
// Not here: the diagnosis. A whole paste is the page's business.

import { element } from "./element.js";

const MOST = 20;
const LINES = 3;
const PAUSE = 120;

const search = document.getElementById("search");
const input = document.getElementById("words");
const found = document.getElementById("found");
const lang = document.documentElement.lang === "zh-CN" ? "zh" : "en";
let pages;
let pause;

search.hidden = false;
input.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(look, PAUSE);
});
if (input.value) look();

async function look() {
  const asked = plain(input.value);
  if (asked.length < 2) return found.replaceChildren();
  pages ??= fetch(search.dataset.index).then((response) => response.json()).then(prepare);
  const hits = rank(await pages, asked);
  // Something newer was typed meanwhile.
  if (asked !== plain(input.value)) return;
  found.replaceChildren(hits.length ? element("ol", {}, ...hits.map(row)) : search.dataset.none);
}

function row({ page, texts }) {
  const lines = texts.slice(0, LINES).map((text) => element("code", {}, text.shown));
  return element(
    "li",
    {},
    element("a", { href: `${page.slug}/` }, page[lang]),
    " ",
    element("code", {}, page.slug),
    ...lines.flatMap((line) => [element("br"), line]),
  );
}

function prepare(list) {
  return list.map((page) => ({
    ...page,
    names: plain(`${page.slug} ${page.en} ${page.zh}`),
    texts: page.texts.map((shown) => ({ shown, parts: plain(shown).split("…").map((part) => part.trim()).filter(Boolean) })),
  }));
}

function plain(text) {
  return text.toLowerCase().replace(/[‘’‚‛]/g, "'").replace(/[“”„]/g, '"').replace(/\s+/g, " ").trim();
}

// A text that stands in what was asked says more than one that has the words of it.
function rank(list, asked) {
  const words = asked.split(" ");
  const hits = [];
  for (const page of list) {
    let best = page.names.includes(asked) ? 3 : words.every((word) => page.names.includes(word)) ? 1 : 0;
    const texts = [];
    for (const text of page.texts) {
      const worth = value(text.parts, asked, words);
      if (worth > 0) texts.push({ ...text, worth });
      best = Math.max(best, worth);
    }
    texts.sort((a, b) => b.worth - a.worth);
    if (best > 0) hits.push({ page, texts, best });
  }
  return hits.sort((a, b) => b.best - a.best).slice(0, MOST);
}

function value(parts, asked, words) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length >= 6 && standsIn(parts, asked)) return 4 + Math.min(length, 200) / 200;
  const text = parts.join(" ");
  if (text === asked) return 6;
  if (text.includes(asked)) return 2 + asked.length / (text.length + 1);
  return words.every((word) => text.includes(word)) ? 0.5 : 0;
}

// All parts, in their order.
function standsIn(parts, asked) {
  let from = 0;
  for (const part of parts) {
    const at = asked.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}
