// Every page can be used by everybody, in light and dark, and fits every width.
//
// With PICTURES=folder each look of a page is also left there as a picture.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, visit } from "./kit.mjs";
import { pages } from "./pages.mjs";

// What axe looks for. In the dark only colours are others than in the light.
const wanted = {
  light: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  dark: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

for (const { path } of pages) {
  for (const width of [1280, 390]) {
    test(`${path} has no barrier at ${width} px, in light and dark`, () =>
      visit(path, { width }, async (page) => {
        await page.evaluate(axe);
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          await keep(page, path, width, colorScheme);
          assert.deepEqual(await page.evaluate(barriers, wanted[colorScheme]), [], colorScheme);
        }
      }));
  }

  test(`${path} needs no scrolling sideways`, () =>
    visit(path, { width: 320 }, async (page) => {
      for (const width of [320, 390, 768, 1280, 1920]) {
        await page.setViewportSize({ width, height: 800 });
        assert.deepEqual(await page.evaluate(tooWide), [], `at ${width} px`);
      }
    }));
}

/** What axe finds, in the page: each rule, how often and where first it is broken. */
async function barriers(runOnly) {
  const found = await globalThis.axe.run({ runOnly, resultTypes: ["violations"], preload: false });
  return found.violations.map(({ id, help, nodes: [first, ...more] }) => `${id}: ${help}: ${first.target} ${first.html} (+${more.length})`);
}

/** What makes the page wider than the window, in the page; nothing if it isn't. */
function tooWide() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > clientWidth);
  return [`${scrollWidth} px wide`, ...out.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
}

/** Leaves a picture of the page, if that is wanted. */
async function keep(page, path, width, scheme) {
  const folder = process.env.PICTURES;
  if (!folder) return;
  const name = path.replace(/^\W+|\W+$/g, "").replace(/\W+/g, "-") || "welcome";
  await page.screenshot({ path: `${folder}/${name}-${width}-${scheme}.png`, fullPage: path !== "/api/docs" });
}
