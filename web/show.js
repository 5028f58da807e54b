// Makes the findings out of the core's JSON.
//
// In:  `diagnose --format json` with its prose as HTML by the core, the words of the language, and what to do on a click.
// Out: elements. Text from the paste only ever becomes text; prose is HTML of which the core answers for every tag.
// Not here: the report, which the core renders itself, and anything that knows better than the core.

import { element, phrase, prose } from "./element.js";

// A long log can fall into thousands of pieces.
const LISTED = 200;
// What to do should not be far below why.
const UNFOLDED = 6;

/**
 * Everything in the findings view.
 *
 * `page` holds: `say`, the words; `pasted`, the number of the input that stands in the box, or -1;
 * `site`, where the problem pages are; `reveal(span)`.
 */
export function findings(json, page) {
  const artifacts = new Map(json.artifacts.map((artifact) => [artifact.id, artifact]));
  const full = { ...page, json, artifacts };
  if (json.findings.length === 0) return [nothing(full)];
  return [...json.findings.map((finding, rank) => one(finding, rank, full)), chains(full), wire(full), read(full, "h2")].filter(Boolean);
}

/** The spans of the box that are evidence. */
export function evidenceSpans(json, pasted) {
  const inBox = new Set(json.artifacts.filter(({ input }) => input === pasted).map(({ id }) => id));
  const spans = json.findings.flatMap(({ evidence }) => evidence).filter(({ artifact }) => inBox.has(artifact));
  return spans.map(({ span }) => span);
}

function one(finding, rank, page) {
  const { say } = page;
  const { role, confidence } = finding;
  const parts = [why, evidence, remedies, checks, tried, more].map((make) => make(finding, page));
  return element(
    "article",
    { class: `finding ${role} ${confidence}` },
    element("p", { class: "kind" }, badge(say.role[role] ?? role, "role"), badge(say.confidence[confidence] ?? confidence, "confidence", say.confidenceMeans[confidence])),
    element("h2", {}, phrase(finding.title)),
    element("div", { class: "summary" }, prose(finding.summary), cause(finding, say)),
    ...(rank === 0 ? parts : [element("details", { class: "rest" }, element("summary", {}, say.details), ...parts)]),
  );
}

function cause({ cause_title: title, cause_confidence: confidence, cause_summary: summary }, say) {
  if (!title) return null;
  return element("p", {}, element("strong", {}, say.cause(say.confidence[confidence] ?? confidence), phrase(title)), say.fullStop, phrase(summary ?? ""));
}

function badge(text, name, title) {
  return element("span", { class: `badge ${name}`, title }, text);
}

function part(title, ...content) {
  return element("section", {}, element("h3", {}, title), ...content);
}

function why({ why: text }, { say }) {
  return text ? foldable(say.why, text, false) : null;
}

function evidence({ evidence: pieces }, page) {
  if (!pieces.length) return null;
  const list = (some) => element("ol", { class: "evidence" }, ...some.map((piece) => evidenceRow(piece, page)));
  if (pieces.length <= UNFOLDED + 1) return part(page.say.evidence, list(pieces));
  const rest = element("details", {}, element("summary", {}, page.say.moreEvidence(pieces.length - UNFOLDED)), list(pieces.slice(UNFOLDED)));
  return part(page.say.evidence, list(pieces.slice(0, UNFOLDED)), rest);
}

function evidenceRow({ artifact, span, quote, decoded, says, original }, page) {
  return element(
    "li",
    {},
    place(artifact, span, page),
    element("code", { class: "quote" }, quote),
    // What the bytes of a dump are: the quote is the dump itself.
    decoded && element("p", { class: "faint" }, `= ${decoded}`),
    original && element("p", { class: "faint" }, page.say.original, original),
    element("p", {}, says),
  );
}

// Where a span is. In the box it can be gone to; in a file it can only be named, and in a file
// without lines not even that.
function place(artifact, span, { say, json, artifacts, pasted, reveal }) {
  const { line, end_line: end } = span;
  const input = artifacts.get(artifact)?.input;
  if (input === pasted) return element("button", { type: "button", class: "place", onclick: () => reveal(span) }, say.line(line, end));
  const name = json.inputs[input]?.name ?? "";
  return element("span", { class: "place" }, line ? say.lineIn(name, line, end) : name);
}

function remedies({ remedies: all }, { say }) {
  if (!all.length) return null;
  const row = ({ title, body_markdown: body, risk, only_if: cause }, rank) =>
    foldable(title, body, rank === 0, badge(say.risk[risk] ?? risk, risk), null, cause && element("p", { class: "faint" }, say.onlyIf, phrase(cause)));
  return part(say.remedies, ...all.map(row));
}

function checks({ checks: all }, { say }) {
  if (!all.length) return null;
  const row = ({ title, body_markdown: body, separates }) => foldable(title, body, false, null, separates.length > 0 && separated(separates, say));
  return part(say.checks, ...all.map(row));
}

function separated(slugs, say) {
  return element("p", { class: "faint" }, say.separates, slugs.join(say.comma));
}

function foldable(title, body, open, note, after, before) {
  return element(
    "details",
    { open },
    element("summary", {}, phrase(title), note && " ", note),
    element("div", { class: "body" }, before, prose(body), after),
  );
}

function tried({ tried: all }, { say }) {
  if (!all.length) return null;
  return part(say.tried, element("ul", { class: "tried" }, ...all.map((fix) => triedRow(fix, say))));
}

function triedRow({ what, verdict, why: reason }, say) {
  return element("li", {}, element("p", {}, what, " ", badge(say.verdict[verdict] ?? verdict, verdict)), prose(reason));
}

function more({ problem, cause, sources }, { say, site }) {
  const slug = cause ? `${problem}/${cause}` : problem;
  const addresses = sources.map(({ url, note }) => element("li", {}, element("a", { href: url }, url), note && ` ${note}`));
  return element(
    "div",
    { class: "more" },
    element("p", {}, element("a", { href: `${site}problems/${slug}/` }, say.more), " ", element("code", {}, slug)),
    addresses.length > 0 && element("details", {}, element("summary", {}, say.sources), element("ul", {}, ...addresses)),
  );
}

function chains({ json, say }) {
  return drawn(json.chains, say.chain);
}

function wire({ json, say }) {
  return drawn(json.drawings, say.wire);
}

function drawn(drawings, title) {
  if (!drawings?.length) return null;
  return element("section", { class: "wire" }, element("h2", {}, title), ...drawings.map(prose));
}

function nothing(page) {
  const { say } = page;
  return element(
    "article",
    { class: "finding none" },
    element("h2", {}, say.nothing),
    read(page, "h3"),
    element("section", {}, element("h3", {}, say.addMore), element("ol", {}, ...say.better.map((text) => element("li", {}, text)))),
  );
}

function read(page, heading) {
  const { json, say } = page;
  const notes = json.inputs.filter(({ note }) => note);
  return element(
    "section",
    { class: "read" },
    element(heading, {}, json.findings.length ? say.read : say.nothingRead),
    element("ul", {}, ...json.artifacts.slice(0, LISTED).map((artifact) => artifactRow(artifact, page))),
    json.artifacts.length > LISTED && element("p", { class: "faint" }, say.andMore(json.artifacts.length - LISTED)),
    ...notes.map(({ name, note }) => element("p", {}, `${name}: ${note}`)),
  );
}

function artifactRow({ id, span, name, used }, page) {
  const { say } = page;
  return element("li", {}, place(id, span, page), element("span", {}, name), element("span", { class: used ? "used" : "faint" }, used ? say.used : say.notUsed));
}
