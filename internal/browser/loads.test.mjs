// Every page loads: with its status, a title, headers that let nothing in, and links
// that lead somewhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { base, visit } from "./kit.mjs";
import { pages } from "./pages.mjs";

for (const { path, status } of pages) {
  for (const scripts of [true, false]) {
    test(`${path} loads with scripts ${scripts ? "on" : "off"}`, () =>
      visit(path, { scripts }, async (page, answer) => {
        assert.equal(answer.status(), status);
        assert.match(answer.headers()["content-type"], /^text\/html; charset=utf-8$/);
        assert.match(await page.title(), /\w{3}/);
        assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, "headings of the first level");
        assert.ok(await page.getByRole("main").getByRole("heading", { level: 1 }).isVisible(), "the heading is to be seen");
      }));
  }

  test(`${path} lets nothing in`, async () => {
    const { headers } = await ask(path);
    const policy = directives(headers.get("content-security-policy"));
    assert.equal(policy["default-src"], "'none'");
    assert.equal(policy["base-uri"], "'none'");
    assert.equal(policy["frame-ancestors"], "'none'");
    assert.match(policy["form-action"], /^'(none|self)'$/);
    for (const [name, sources] of Object.entries(policy)) {
      assert.doesNotMatch(sources, /unsafe|\*|http|data:/, `${name} ${sources}`);
    }
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("referrer-policy"), /^(no-referrer|same-origin)$/);
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
  });

  test(`${path} has no link that leads nowhere, and none to a page that isn't tested`, () =>
    visit(path, {}, async (page) => {
      const links = await page.locator("a[href]").evaluateAll((all) => all.map((a) => a.href));
      assert.ok(links.length > 0, "there are links");
      for (const [address, fragments] of byAddress(links)) {
        const { status, body, kind } = await ask(address);
        assert.equal(status, 200, address);
        for (const id of fragments) assert.match(body, new RegExp(`id="?${id}["\\s>]`), `#${id} in ${address}`);
        if (kind === "text/html") assert.ok(pages.some((p) => base + p.path === address), `${address} is in no row of pages.mjs`);
      }
    }));
}

test("no two pages have the same title", async () => {
  const titles = await Promise.all(pages.map(async ({ path }) => (await ask(path)).body.match(/<title>(.*)<\/title>/)[1]));
  assert.deepEqual([...new Set(titles)], titles);
});

/** Asks for an address as a browser does. */
async function ask(address) {
  const answer = await fetch(new URL(address, base), { headers: { Accept: "text/html,*/*;q=0.8" }, signal: AbortSignal.timeout(30_000) });
  const { status, headers } = answer;
  return { status, headers, kind: headers.get("content-type").split(";")[0], body: await answer.text() };
}

/** The directives of a policy by their names. */
function directives(policy) {
  return Object.fromEntries(policy.split(";").map((d) => d.trim()).map((d) => [d.split(" ")[0], d.slice(d.indexOf(" ") + 1)]));
}

/** Links to the site by what they ask for, each with the fragments that they jump to. */
function byAddress(links) {
  const found = new Map();
  for (const link of links) {
    const url = new URL(link);
    assert.equal(url.origin, base, link);
    const address = base + url.pathname;
    if (!found.has(address)) found.set(address, new Set());
    if (url.hash) found.get(address).add(decodeURIComponent(url.hash.slice(1)));
  }
  return found;
}
