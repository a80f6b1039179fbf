// What people do on the pages, from beginning to end, with scripts on and off.

import assert from "node:assert/strict";
import { test } from "node:test";
import { visit } from "./kit.mjs";

for (const scripts of [true, false]) {
  const mode = `with scripts ${scripts ? "on" : "off"}`;

  test(`from the start page one reads how to create a ticket, ${mode}`, () =>
    visit("/", { scripts }, async (page) => {
      await page.getByRole("link", { name: "Read the API" }).click();
      await page.waitForURL("**/api/docs");
      await page.getByRole("navigation", { name: "Contents" }).getByRole("link", { name: /^POST .*ticket/i }).first().click();
      const operation = page.locator("article:has(:target)");
      await operation.getByRole("heading", { level: 3 }).waitFor();
      assert.ok(await inView(operation.getByRole("heading", { level: 3 })), "its heading is in view, below the bar");
      assert.match(await operation.innerText(), /POST\s+\/api\/tickets\//);
      assert.match(await operation.getByRole("figure").first().innerText(), /curl .*\/api\/tickets\//);
    }));

  test(`a page that isn't there leads back to the start page, ${mode}`, () =>
    visit("/no/such/page", { scripts }, async (page) => {
      await page.getByRole("link", { name: "Start page" }).click();
      await page.getByRole("heading", { level: 1, name: /right person/ }).waitFor();
      assert.equal(new URL(page.url()).pathname, "/");
    }));

  test(`the console's form moves the clock and sets it right, ${mode}`, () =>
    visit("/_dev/", { scripts }, async (page) => {
      const clock = page.getByRole("region", { name: "Clock" });
      await clock.getByLabel("Move by").fill("26h");
      await clock.getByRole("button", { name: "Move" }).click();
      await clock.getByText("moved by 26h0m0s").waitFor();
      const shown = Date.parse(`${(await clock.locator("time").innerText()).replace(" ", "T")}Z`);
      assert.ok(Math.abs(shown - Date.now() - 26 * 3600e3) < 60e3, "the page has the time of tomorrow");
      const { shift } = await (await page.request.get("/_dev/api/clock")).json();
      assert.equal(shift, "26h0m0s");
      await clock.getByRole("button", { name: "Set right" }).click();
      await clock.getByText("moved by 0s").waitFor();
    }));
}

test("the console ends a function's process, and says that it was started again", () =>
  visit("/_dev/", {}, async (page) => {
    const row = page.getByRole("row").filter({ has: page.getByRole("button", { name: "Kill measure" }) });
    const before = await row.getByRole("cell").nth(3).innerText();
    await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), row.getByRole("button").click()]);
    await page.goto("/_dev/?refresh=1");
    await row.getByRole("cell", { name: String(Number(before) + 1), exact: true }).waitFor();
    await row.getByText("running").waitFor();
  }));

test("the console reloads itself until it is told to stop", () =>
  visit("/_dev/facts", {}, async (page) => {
    await page.getByRole("link", { name: "Refresh every 2 s" }).click();
    await page.waitForURL("**/_dev/facts?refresh=2");
    await page.waitForEvent("framenavigated");
    await page.getByRole("link", { name: "Stop refreshing" }).click();
    await page.getByRole("link", { name: "Refresh every 2 s" }).waitFor();
  }));

test("the first link skips what is the same on every page", () =>
  visit("/api/docs", {}, async (page) => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.ok(await page.locator("main :focus").count(), "the focus is in the content");
  }));

/** Whether nothing covers the middle of an element. */
function inView(locator) {
  return locator.evaluate((e) => {
    const { left, right, top, bottom } = e.getBoundingClientRect();
    return e.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  });
}
