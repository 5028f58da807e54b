// The page in a real browser, as it is served from target/site.
//
// In:  target/site (`make site`) and target/release/whytls, /usr/bin/chromium.
// Not here: what the core finds and why. Here it only has to be the same as on the command line.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = new URL("../../", import.meta.url);
const SITE = new URL("target/site/", ROOT);
const WHYTLS = fileURLToPath(new URL("target/release/whytls", ROOT));
const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
  "style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
const CHROMIUM = {
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

// How long anything may take on a busy machine; no test is about speed.
const SLOW_MACHINE = 90_000;

const MAILKIT = await readFile(new URL("web/examples/mailkit-usessl.txt", ROOT), "utf8");
const POST = await readFile(new URL("web/examples/windows-7-mail.md", ROOT), "utf8");

let browser, home, elsewhere, context, page;
const seenElsewhere = [];
const foreign = [];

before(async () => {
  // Not at the root, so that an absolute link in the page shows.
  home = await serve(async (request, response) => {
    const path = new URL(request.url, "http://home").pathname;
    if (path === "/bare") return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
    const [, place, rest] = path.match(/^\/(some\/where|no-header)\/(.*)$/) ?? [];
    const file = new URL(rest || "index.html", SITE);
    const body = place && (await readFile(file).catch(() => null));
    const policy = place === "no-header" ? {} : { "content-security-policy": CSP };
    response.writeHead(body ? 200 : 404, { "content-type": TYPES[extname(file.pathname)] ?? "text/plain", ...policy }).end(body);
  });
  elsewhere = await serve((request, response) => {
    seenElsewhere.push(request.url);
    response.writeHead(200, { "access-control-allow-origin": "*" }).end();
  });
  browser = await chromium.launch(CHROMIUM);
});

after(async () => {
  await browser?.close();
  home?.server.close();
  elsewhere?.server.close();
});

beforeEach(() => open({ locale: "en-GB" }));

afterEach(async () => {
  await context.close();
  assert.deepEqual(foreign.splice(0), [], "the page asked another address");
});

for (const lang of ["en", "zh-CN"]) {
  test(`gives the same report as the command line, byte for byte (${lang})`, async () => {
    await page.goto(`${home.url}/some/where/?lang=${lang}`);
    await paste(POST);
    await page.click("#tab-report");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
    const { stdout } = spawnSync(WHYTLS, ["diagnose", "--format", "markdown", "--lang", lang, "-"], { input: POST });
    assert.ok(stdout.length > 0);
    assert.equal(await readFile(await download.path(), "utf8"), stdout.toString());
  });
}

test("no request leaves for another address, whoever tries", async () => {
  const everyWay = ["beacon", "fetch", "form", "image", "script", "socket"];
  await page.goto(`${home.url}/bare`);
  await tryEveryWay("bare");
  assert.deepEqual(arrived("bare"), everyWay, "without the policy each of them arrives");

  // A server that sends no headers leaves the page to its <meta>.
  await page.goto(`${home.url}/no-header/`);
  await tryEveryWay("meta");
  assert.deepEqual(arrived("meta"), []);

  await page.goto(`${home.url}/some/where/`);
  const worker = page.workers()[0] ?? (await page.waitForEvent("worker"));
  await assert.rejects(worker.evaluate((to) => fetch(to), `${elsewhere.url}/header/worker`));
  await tryEveryWay("header");
  assert.deepEqual(arrived("header"), []);
  foreign.length = 0;
});

test("HTML in the paste and in file names is text", async () => {
  const hostile = `<img src=x onerror="window.ran=1"><script>window.ran=1</script>`;
  await paste(`${hostile}\n${MAILKIT.trimEnd()} ${hostile}\n`);
  await page.setInputFiles("#picker", { name: `${hostile.replaceAll("/", "|")}.txt`, mimeType: "text/plain", buffer: Buffer.from(MAILKIT) });
  await settled();
  for (const tab of ["#tab-findings", "#tab-report"]) {
    await page.click(tab);
    assert.equal(await page.locator(":is(#answer, #files) :is(img, script, iframe, [onerror])").count(), 0);
  }
  assert.match(await page.innerText("#files"), /<img src=x onerror="window\.ran=1"><script>/);
  assert.equal(await page.evaluate(() => window.ran), undefined);
});

test("findings appear while typing, and evidence selects its place in the paste", async () => {
  assert.equal(await page.locator(".finding").count(), 0);
  const before = "中文在前，还有 😀\n\n";
  await page.fill("#paste", before);
  await page.locator("#paste").press("Control+End");
  await page.locator("#paste").pressSequentially(MAILKIT, { delay: 5 });
  await page.locator(".finding.problem").first().waitFor();
  await settled();

  const pieces = page.locator(".evidence li:has(button.place)");
  assert.ok((await pieces.count()) > 0);
  for (const piece of await pieces.all()) {
    // What is folded up has its evidence too.
    await piece.evaluate((item) => item.closest("details")?.setAttribute("open", ""));
    await piece.locator("button.place").click();
    const quote = await piece.locator(".quote").textContent();
    assert.equal(await selection(), quote);
    assert.equal(await page.locator("mark.current").first().textContent(), quote.split("\n")[0]);
    assert.ok(MAILKIT.includes(quote));
  }
});

test("the language follows the browser, the address and the switch, and is kept", async () => {
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await paste(MAILKIT);
  const english = await page.innerText("#findings h2");
  await page.click("button[data-lang='zh-CN']");
  await settled();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  assert.match(await page.innerText("h1"), /安全连接/);
  assert.match(await page.innerText("#findings"), /证据/);
  assert.notEqual(await page.innerText("#findings h2"), english);
  assert.equal(await page.getAttribute("[data-link='problems/']", "href"), "zh-CN/problems/");

  await page.reload();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  await page.goto(`${home.url}/some/where/?lang=en`);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");

  await context.close();
  await open({ locale: "zh-TW" });
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
});

test("every example loads, as the file is, and finds something", async () => {
  const labels = await page.locator("#examples button").allInnerTexts();
  assert.equal(labels.length, 6);
  const texts = new Set();
  for (const label of labels) {
    await page.getByRole("button", { name: label, exact: true }).click();
    await page.locator(".finding.problem").first().waitFor();
    texts.add(await page.inputValue("#paste"));
    await page.click("#clear");
    assert.equal(await page.locator(".finding").filter({ visible: true }).count(), 0);
  }
  assert.equal(texts.size, 6);
  assert.ok(texts.has(POST) && texts.has(MAILKIT));
});

test("a UTF-16 file is read, picked or dropped, and can be taken away again", async () => {
  const utf16 = Buffer.from(`\ufeff${MAILKIT}`, "utf16le");
  await page.setInputFiles("#picker", { name: "picked.log", mimeType: "text/plain", buffer: utf16 });
  await settled();
  const found = await page.innerText(".finding.problem h2");
  assert.match(await page.innerText(".finding .evidence"), /picked\.log/);
  await page.getByRole("button", { name: "Remove picked.log" }).click();
  await page.locator(".finding").first().waitFor({ state: "hidden" });

  const dropped = await page.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "dropped.log"));
    return transfer;
  }, [...utf16]);
  await page.dispatchEvent("main", "drop", { dataTransfer: dropped });
  await page.locator("#files li").waitFor();
  await settled();
  assert.equal(await page.innerText(".finding.problem h2"), found);
});

for (const [asked, slug] of [
  ["dh key too small", "weak-dh-key/"],
  ["curl: (35) error:0A00018A:SSL routines::dh key too small", "weak-dh-key/"],
  ["alert 70", "no-shared-protocol/"],
  ["wrong-certificate-usage", "wrong-certificate-usage/"],
  ["由于远程方已关闭传输流", "closed-during-handshake/"],
]) {
  test(`the problems can be searched: ${asked}`, async () => {
    for (const prefix of ["", "zh-CN/"]) {
      await page.goto(`${home.url}/some/where/${prefix}problems/index.html`);
      await page.fill("#words", asked);
      const first = page.locator("#found li a").first();
      await first.waitFor();
      assert.equal(await first.getAttribute("href"), slug);
    }
  });
}

test("what nobody prints is not found, and is only text", async () => {
  await page.goto(`${home.url}/no-header/problems/index.html`);
  await page.fill("#words", "<img src=x onerror=window.ran=1> zzqx");
  await page.waitForFunction(() => document.getElementById("found").textContent !== "");
  assert.equal(await page.locator("#found :is(li, img)").count(), 0);
  assert.equal(await page.evaluate(() => window.ran), undefined);
});

test("the tabs work from the keyboard", async () => {
  await paste(MAILKIT);
  await page.focus("#tab-findings");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-report");
  assert.ok(await page.isVisible("#report-body"));
  assert.ok(await page.isHidden("#findings"));
  await page.keyboard.press("Home");
  assert.ok(await page.isVisible("#findings"));
});

for (const lang of ["en", "zh-CN"]) {
  test(`nothing is wider than a phone of 320 px (${lang})`, async () => {
    await context.close();
    await open({ viewport: { width: 320, height: 640 }, locale: lang });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await width(), 320);
    await paste(POST);
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
    assert.equal(await width(), 320);
    await page.click("#tab-report");
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
    assert.equal(await width(), 320);
  });
}

test("a huge paste that is quickly typed over does not hold the page up", { timeout: 4 * SLOW_MACHINE }, async () => {
  const line = "12:34:56.789 worker-7 DEBUG connection pool: 0x7f3a handed out, 中文, nothing wrong here\n";
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((text) => navigator.clipboard.writeText(text), line.repeat(5_000_000 / line.length));
  await page.focus("#paste");
  await page.keyboard.press("Control+V");
  await page.locator("#answer-area[aria-busy=true]").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(MAILKIT);
  await page.locator(".finding.problem").first().waitFor();
  await settled();
  assert.match(await page.innerText(".finding .evidence"), /client\.Connect/);
});

test("a core that crashes or never ends leaves a sentence, and the page goes on", { timeout: 4 * SLOW_MACHINE }, async () => {
  await context.route("**/pkg/whytls_wasm.js", (route) => route.fulfill({ contentType: "text/javascript", body: `(${badCore})();export default async () => {}; export const Case = self.Case, html = (text) => text, version = () => "0"` }));
  await page.reload();
  const trouble = page.locator("#trouble");
  await page.fill("#paste", "crash");
  await trouble.getByText("That is a fault in whytls").waitFor();
  await page.fill("#paste", "fine");
  await trouble.waitFor({ state: "hidden" });
  await settled();

  await page.fill("#paste", "loop");
  await page.waitForTimeout(500);
  await page.fill("#paste", "fine again");
  await settled();
  await page.fill("#paste", "loop");
  await page.click("#stop");
  await trouble.getByText("Stopped.").waitFor();
  assert.equal(await page.getAttribute("#answer-area", "aria-busy"), "false");
});

// Stands in for the core: does what it is told.
function badCore() {
  self.Case = class {
    add(name, bytes) {
      this.told = new TextDecoder().decode(bytes);
    }
    at() {}
    diagnose() {
      if (this.told === "crash") throw new WebAssembly.RuntimeError("unreachable");
      while (this.told === "loop");
      return { json: '{"inputs":[],"artifacts":[],"findings":[]}', markdown: "", html: "", free() {} };
    }
    free() {}
  };
}

async function open(options) {
  context = await browser.newContext(options);
  context.on("request", (request) => {
    if (/^(https?|wss?):/.test(request.url()) && !request.url().startsWith(`${home.url}/`)) foreign.push(request.url());
  });
  context.setDefaultTimeout(SLOW_MACHINE);
  page = await context.newPage();
  await page.goto(`${home.url}/some/where/`);
}

async function paste(text) {
  await page.fill("#paste", text);
  await settled();
}

// Fill and click have done their work on the page when this is asked, so "busy" is already set.
async function settled() {
  await page.locator("#answer-area[aria-busy=false]").waitFor();
  assert.equal(await page.isHidden("#trouble"), true, await page.innerText("#trouble"));
}

async function selection() {
  return page.locator("#paste").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
}

async function tryEveryWay(name) {
  await page.evaluate(async (to) => {
    const quietly = (attempt) => Promise.resolve().then(attempt).catch(() => {});
    const load = (element, to) => new Promise((done) => {
      element.onload = element.onerror = done;
      element.src = to;
      document.body.append(element);
    });
    await quietly(() => fetch(`${to}/fetch`));
    await quietly(() => navigator.sendBeacon(`${to}/beacon`, "x"));
    await quietly(() => load(new Image(), `${to}/image`));
    await quietly(() => load(document.createElement("script"), `${to}/script`));
    await quietly(() => new Promise((done) => (new WebSocket(`${to.replace("http", "ws")}/socket`).onerror = done)));
    const form = document.createElement("form");
    Object.assign(form, { action: `${to}/form`, method: "post" });
    document.body.append(form);
    form.submit();
  }, `${elsewhere.url}/${name}`).catch(() => {});
  await page.waitForTimeout(500);
}

function arrived(name) {
  return seenElsewhere.filter((path) => path.startsWith(`/${name}/`)).map((path) => path.split("/")[2]).sort();
}

async function serve(answer) {
  const server = createServer(answer);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}
