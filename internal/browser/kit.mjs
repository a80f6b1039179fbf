// What the tests share: a browser for each file of tests, and visits to pages, which
// fail if something goes wrong on the page that nobody looks at.
//
// It gets BASE_URL, where the site is, CHROMIUM, the browser's path, and MODULES, the
// folder whose node_modules it uses.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before } from "node:test";

const load = createRequire(`${process.env.MODULES}/package.json`);
const { chromium } = load("playwright-core");

/** The source of axe-core, which finds barriers. */
export const axe = load("axe-core").source;

/** Where the site is, without a slash at the end. */
export const base = process.env.BASE_URL;

/** How long one step may take, in ms: far longer than it does, for busy machines. */
const patience = 30_000;

// The last two keep the browser itself off the network, the others keep it quiet.
const flags = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync",
  "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags, timeout: patience });
});
after(() => browser?.close());

/**
 * Opens path in a fresh session and hands page and answer to look. Afterwards nothing
 * may have gone wrong: no message in the console, no blocked or failed request, none to
 * another site. With status 400 or more the browser's own message about it is expected.
 */
export async function visit(path, options, look) {
  const { width = 1280, height = 800, scheme = "light", scripts = true } = options;
  const context = await browser.newContext({
    baseURL: base, viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: scripts, reducedMotion: "reduce",
  });
  try {
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const wrong = await watch(page);
    const answer = await page.goto(path);
    await look(page, answer);
    assert.deepEqual(wrong, [], `what went wrong on ${path}`);
  } finally {
    await context.close();
  }
}

/** Collects what goes wrong on a page, one line each. */
async function watch(page) {
  const wrong = [];
  await page.addInitScript(() => addEventListener("securitypolicyviolation",
    (e) => console.error(`${e.violatedDirective} blocked ${e.blockedURI || "what is inline"}`)));
  page.on("console", (m) => {
    const expected = m.text().startsWith("Failed to load resource") && m.location().url === page.url();
    if (["error", "warning"].includes(m.type()) && !expected) wrong.push(`${m.type()}: ${m.text()}`);
  });
  page.on("pageerror", (e) => wrong.push(`exception: ${e.message}`));
  page.on("requestfailed", (r) => {
    const left = r.failure().errorText === "net::ERR_ABORTED"; // for the next page, before this one was all there
    if (!left) wrong.push(`failed: ${r.url()} ${r.failure().errorText}`);
  });
  page.on("request", (r) => r.url().startsWith(`${base}/`) || wrong.push(`asked another site: ${r.url()}`));
  page.on("response", (r) => {
    if (!r.request().isNavigationRequest() && !r.ok()) wrong.push(`${r.status()}: ${r.url()}`);
  });
  return wrong;
}
