// A keyboard is enough: Tab reaches everything that can be used, in the order in which
// it stands, and one always sees where one is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "./kit.mjs";
import { pages } from "./pages.mjs";

for (const { path } of pages) {
  for (const width of [1280, 390]) {
    test(`${path} can be used by keyboard at ${width} px`, () =>
      visit(path, { width }, async (page) => {
        const all = await page.evaluateHandle(usable);
        const names = await all.evaluate((elements) => elements.map((e) => e.outerHTML.slice(0, 120)));
        assert.ok(names.length > 0, "there is something to use");
        for (const [i, name] of names.entries()) {
          await page.keyboard.press("Tab");
          const { at, faults } = await all.evaluate(focused);
          assert.equal(at, i, `after ${names[i - 1] ?? "the beginning"} Tab goes to ${names[at]}, not to ${name}`);
          assert.deepEqual(faults, [], name);
        }
      }));
  }
}

/** What can be used, in the page and in its order. */
function usable() {
  const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']");
  return [...all].filter((e) => e.checkVisibility({ checkVisibilityCSS: true }));
}

/** Which of the elements has the focus, in the page, and why one might not see it. */
function focused(elements) {
  const e = document.activeElement;
  const faults = [];
  const { outlineStyle, outlineWidth } = getComputedStyle(e);
  if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) faults.push(`its outline is ${outlineWidth} ${outlineStyle}`);
  const [box] = e.getClientRects();
  const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
  const top = document.elementFromPoint(middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
  if (!top || !e.contains(top)) faults.push(`it is covered by ${top ? top.outerHTML.slice(0, 80) : "the window's edge"}`);
  return { at: elements.indexOf(e), faults };
}
