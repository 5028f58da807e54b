// The page: what was pasted goes to the engine, what it answers is shown.
//
// Nothing is sent anywhere: the only addresses asked are this page's own files, and the page's
// Content-Security-Policy holds it to that.
// Not here: the words (words.js), how findings look (show.js), the box (box.js), the worker (engine.js).

import { Box, fromUtf8 } from "./box.js";
import { element, phrase } from "./element.js";
import { Engine } from "./engine.js";
import { evidenceSpans, findings } from "./show.js";
import { nearest, words } from "./words.js";

const PASTE = "paste.txt";
const TYPING_PAUSE = 150;
const LARGEST_MB = 256;
const QUIET_BEFORE_PROGRESS = 400;
const QUIET_BEFORE_STOP = 2000;

const at = (id) => document.getElementById(id);
const files = [];
let lang = firstLanguage();
let say = words(lang);
let version = "";
let shown;
let pause;
let waitingSince;

const box = new Box(at("box"), changed);
const engine = new Engine({ started, answered, failed });

speak();
wire();
// A browser may bring back what stood in the box before a reload.
if (box.text) ask();

// What goes in

function wire() {
  at("pick").onclick = () => at("picker").click();
  at("picker").onchange = async ({ target }) => {
    await addFiles(target.files);
    target.value = "";
  };
  at("clear").onclick = clear;
  at("stop").onclick = () => engine.stop();
  at("copy").onclick = ({ target }) => copy(shown.answer.markdown, target);
  at("download").onclick = () => download("whytls-report.md", shown.answer.markdown);
  for (const button of document.querySelectorAll("[data-lang]")) button.onclick = () => chooseLanguage(button.dataset.lang);
  wireDrop();
  wireTabs();
}

function wireDrop() {
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    addFiles(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    addFiles(event.clipboardData.files);
  });
}

async function addFiles(list) {
  hideTrouble();
  for (const file of [...list]) {
    if (file.size > LARGEST_MB * 1_000_000) {
      trouble("file-trouble", say.tooLarge(file.name, LARGEST_MB));
      continue;
    }
    try {
      files.push({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    } catch {
      trouble("file-trouble", say.unreadable(file.name));
    }
  }
  listFiles();
  ask();
}

function listFiles() {
  at("files").hidden = files.length === 0;
  at("files").replaceChildren(...files.map(fileRow));
}

function fileRow(file) {
  const remove = () => {
    files.splice(files.indexOf(file), 1);
    listFiles();
    ask();
    at("pick").focus();
  };
  return element(
    "li",
    {},
    element("span", { class: "file-name" }, file.name),
    element("span", { class: "faint" }, say.size(file.bytes.length)),
    element("button", { type: "button", class: "quiet", "aria-label": say.remove(file.name), title: say.remove(file.name), onclick: remove }, "✕"),
  );
}

function clear() {
  box.text = "";
  files.length = 0;
  listFiles();
  ask();
  at("paste").focus();
}

async function loadExample(name) {
  hideTrouble();
  try {
    const response = await fetch(`examples/${name}`);
    if (!response.ok) throw new Error(response.statusText);
    box.text = await response.text();
    ask();
    window.scrollTo(0, 0);
  } catch {
    trouble("trouble", say.unavailable(name));
  }
}

// Question and answer

function changed() {
  clearTimeout(pause);
  pause = setTimeout(ask, TYPING_PAUSE);
  showBusy();
}

function ask() {
  clearTimeout(pause);
  pause = undefined;
  hideTrouble();
  const text = box.text;
  const isEmpty = text === "" && files.length === 0;
  at("clear").hidden = isEmpty;
  if (isEmpty) return forget();
  at("empty").hidden = true;
  const pasted = text === "" ? [] : [{ name: PASTE, bytes: new TextEncoder().encode(text) }];
  waitingSince ??= performance.now();
  showProgress();
  engine.ask({ files: [...pasted, ...files], lang, text });
}

function forget() {
  engine.drop();
  settle();
  hideAnswer();
  at("empty").hidden = false;
}

function hideAnswer() {
  shown = undefined;
  box.mark([]);
  at("first").textContent = "";
  at("answer").hidden = true;
}

function started(running) {
  version = running;
  at("version").textContent = `whytls ${version}`;
}

function answered(question, answer) {
  started(answer.version);
  const { text } = question;
  try {
    if (shown?.answer.json !== answer.json || shown.text !== text) show({ json: answer.view, text, answer });
    settle();
  } catch (error) {
    failed(question, "crash", String(error));
  }
}

function show(next) {
  shown = next;
  const { json, text, answer } = next;
  const pasted = text === "" ? -1 : 0;
  const reveal = (span) => box.reveal(inBox(text, [span])[0]);
  box.mark(inBox(text, evidenceSpans(json, pasted)));
  at("findings").replaceChildren(...findings(json, { say, pasted, site: siteOf(lang), reveal }));
  at("report-body").replaceChildren(reportOf(answer.html));
  at("tab-findings").textContent = say.findings(json.findings.length);
  // What the core fences as "text" is a quote from the paste; nobody needs that back.
  for (const code of at("answer").querySelectorAll("pre:not(:has(.language-text))")) addCopyButton(code);
  for (const link of at("answer").querySelectorAll("a:not([href^='#'])")) Object.assign(link, { target: "_blank", rel: "noopener" });
  at("answer").hidden = false;
  announce(json.findings[0]);
}

// The report's headings have ids, which must not be taken for the page's own.
function reportOf(html) {
  const { content } = Object.assign(document.createElement("template"), { innerHTML: html });
  for (const part of content.querySelectorAll("[id]")) part.id = `in-report-${part.id}`;
  for (const link of content.querySelectorAll("a[href^='#']")) link.setAttribute("href", link.getAttribute("href").replace("#", "#in-report-"));
  return content;
}

// Spans count bytes of UTF-8, the box counts UTF-16.
function inBox(text, spans) {
  const offsets = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const places = new Map(fromUtf8(text, offsets).map((place, index) => [offsets[index], place]));
  return spans.map(({ start, end }) => ({ start: places.get(start), end: places.get(end) })).sort((a, b) => a.start - b.start);
}

function announce(finding) {
  const text = finding ? say.first(say.confidence[finding.confidence], phrase(finding.title).textContent) : say.nothing;
  if (at("first").textContent !== text) at("first").textContent = text;
}

function failed(question, reason, detail) {
  settle();
  hideAnswer();
  const lines = [`whytls ${version}`, navigator.userAgent, ...(question?.files ?? []).map(({ bytes }, index) => `input ${index}: ${bytes.length} bytes`), detail];
  const isFault = reason === "crash" || reason === "start";
  if (!isFault) return trouble("trouble", say.failed[reason]);
  const details = element("pre", {}, element("code", {}, lines.filter(Boolean).join("\n")));
  trouble("trouble", say.failed[reason], say.reportFault, details);
  addCopyButton(details);
}

function settle() {
  waitingSince = undefined;
  showProgress();
}

function showBusy() {
  at("answer-area").setAttribute("aria-busy", pause !== undefined || waitingSince !== undefined);
}

function showProgress() {
  showBusy();
  const waited = waitingSince === undefined ? 0 : performance.now() - waitingSince;
  const progress = at("progress");
  progress.hidden = waited < QUIET_BEFORE_PROGRESS;
  progress.firstElementChild.textContent = waited < QUIET_BEFORE_STOP ? say.reading : say.stillReading(Math.round(waited / 1000));
  at("stop").hidden = waited < QUIET_BEFORE_STOP;
  clearTimeout(showProgress.timer);
  if (waitingSince !== undefined) showProgress.timer = setTimeout(showProgress, 200);
}

function trouble(id, ...content) {
  at(id).replaceChildren(...content.map((piece) => (typeof piece === "string" ? element("p", {}, piece) : piece)));
  at(id).hidden = false;
}

function hideTrouble() {
  for (const id of ["trouble", "file-trouble"]) at(id).hidden = true;
}

// What goes out, on a click

function addCopyButton(code) {
  const button = element("button", { type: "button", class: "copy quiet", onclick: () => copy(code.textContent, button) }, say.copy);
  const frame = element("div", { class: "code" });
  code.replaceWith(frame);
  frame.append(code, button);
}

async function copy(text, button) {
  if (!(await intoClipboard(text))) return;
  const before = button.textContent;
  if (before === say.copied) return;
  button.textContent = say.copied;
  setTimeout(() => (button.textContent = before), 1500);
}

// The clipboard is only there over https; on an http host the old way still works.
async function intoClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const carrier = element("textarea", { class: "unseen" }, text);
  const { activeElement } = document;
  document.body.append(carrier);
  carrier.select();
  const done = document.execCommand("copy");
  carrier.remove();
  activeElement?.focus();
  return done;
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// Tabs

function wireTabs() {
  const tabs = [at("tab-findings"), at("tab-report")];
  const keys = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
  tabs.forEach((tab, index) => {
    tab.onclick = () => choose(tabs, tab);
    tab.onkeydown = (event) => {
      const step = keys[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = Number.isFinite(step) ? (index + step + tabs.length) % tabs.length : step < 0 ? 0 : tabs.length - 1;
      choose(tabs, tabs[next]);
      tabs[next].focus();
    };
  });
}

function choose(tabs, chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    at(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
}

// Language

// The address first, then what was chosen before, then what the browser asks for.
function firstLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  return [asked, remembered(), ...navigator.languages].map(nearest).find(Boolean) ?? "en";
}

function chooseLanguage(chosen) {
  lang = chosen;
  say = words(lang);
  remember(lang);
  const address = new URL(location);
  if (address.searchParams.has("lang")) {
    address.searchParams.set("lang", lang);
    history.replaceState(null, "", address);
  }
  shown = undefined;
  speak();
  ask();
}

function speak() {
  document.documentElement.lang = lang;
  document.title = `whytls: ${say.question}`;
  box.hint = say.hint;
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = say[part.dataset.say];
  for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", say[part.dataset.label]);
  for (const part of document.querySelectorAll("[data-lang]")) part.setAttribute("aria-pressed", part.dataset.lang === lang);
  at("tab-findings").textContent = say.findings(0);
  document.querySelector("[data-link='problems/']").href = `${siteOf(lang)}problems/`;
  document.querySelector("[data-link='reports/']").href = `${siteOf(lang)}reports/`;
  at("examples").replaceChildren(...Object.entries(say.example).map(exampleRow));
  listFiles();
}

function siteOf(language) {
  return language === "en" ? "" : `${language}/`;
}

function exampleRow([name, label]) {
  return element("li", {}, element("button", { type: "button", onclick: () => loadExample(name) }, label));
}

// localStorage is closed in some private windows.
function remembered() {
  try {
    return localStorage.getItem("lang");
  } catch {
    return null;
  }
}

function remember(chosen) {
  try {
    localStorage.setItem("lang", chosen);
  } catch {
    // The choice then lasts as long as the page.
  }
}
