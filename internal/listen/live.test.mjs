// A change is heard of within two seconds by those whom it concerns, and by nobody else.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { as, call, store } from "./kit.mjs";

const soon = 2_000;

/** How long something may take that is not measured, in ms. */
const patience = 60_000;

let uma, nora, otto;
before(async () => {
  [uma, nora, otto] = await Promise.all(["uma", "nora", "otto"].map(as));
  await call(nora, "PATCH", "/api/notifications/preferences/", { quiet_hours: null });
});

/** Listens to a document and keeps every entry that it had. */
function listen(who, path) {
  const entries = new Map();
  const waiting = [];
  const ready = new Promise((resolve, reject) => {
    store.onSnapshot(store.doc(who.db, path), (snapshot) => {
      resolve();
      for (const e of snapshot.data()?.entries ?? []) {
        if (!entries.has(e.change)) entries.set(e.change, { ...e, heard: Date.now() });
      }
      waiting.forEach((look) => look());
    }, reject);
  });
  const find = (is) => [...entries.values()].find(is);
  const until = (what, is) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${path}: no entry ${what}`)), patience);
    const look = () => {
      const found = find(is);
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    waiting.push(look);
    look();
  });
  return { ready, find, until, all: () => [...entries.values()] };
}

test("what changes is heard of in less than two seconds", async (t) => {
  const feeds = { uma: listen(uma, "feeds_people/uma"), otto: listen(otto, "feeds_people/otto"), network: listen(nora, "feeds_departments/network") };
  await Promise.all(Object.values(feeds).map((f) => f.ready));
  const before = feeds.otto.all().length;
  const { id } = await call(uma, "POST", "/api/tickets/", { title: "The switch hums", description: "All day.", department: "network" });
  await feeds.network.until("of the new ticket", (e) => e.ticket === id);
  await feeds.uma.until("of its routing", (e) => e.ticket === id && e.notified);

  const took = [];
  for (let i = 0; i < 5; i++) {
    const known = Math.max(...feeds.uma.all().map((e) => e.change));
    const began = Date.now();
    await call(nora, "POST", `/api/tickets/${id}/comments/`, { body: `Looking, ${i}.`, force: true });
    const heard = await Promise.all([
      feeds.uma.until("of the reply", (e) => e.change > known && e.ticket === id && e.about === "comments"),
      feeds.network.until("of the reply", (e) => e.heard >= began && e.ticket === id && e.about === "comments"),
    ]);
    took.push(...heard.map((e) => e.heard - began));
    const told = await call(uma, "GET", "/api/notifications/?unread=true");
    assert.ok(told.items.some((n) => n.ticket === id && n.type === "comment"), "the notice is there when its entry is heard");
  }
  t.diagnostic(`after the change was asked for, in ms: ${took.sort((a, b) => a - b)}`);
  assert.ok(took.at(-1) < soon, `${took} ms`);
  assert.equal(feeds.otto.all().length, before, "whom it doesn't concern hears nothing");
});

test("a note makes no entry in the requester's feed, and leaves no gap", async () => {
  const feeds = { uma: listen(uma, "feeds_people/uma"), network: listen(nora, "feeds_departments/network") };
  await Promise.all(Object.values(feeds).map((f) => f.ready));
  const { id } = await call(uma, "POST", "/api/tickets/", { title: "The switch whistles", description: "At night.", department: "network" });
  await feeds.uma.until("of its routing", (e) => e.ticket === id && e.notified);
  await call(nora, "POST", `/api/tickets/${id}/comments/`, { body: "Known fault 881.", internal: true });
  await feeds.network.until("of the note", (e) => e.ticket === id && e.about === "notes");
  const known = feeds.uma.all().length;
  await call(nora, "POST", `/api/tickets/${id}/comments/`, { body: "We know.", force: true });
  await feeds.uma.until("of the reply", (e) => e.ticket === id && e.about === "comments");
  const changes = feeds.uma.all().map((e) => e.change).sort((a, b) => a - b);
  assert.deepEqual(changes.map((c) => c - changes[0]), changes.map((_, i) => i), "numbers follow one another");
  assert.equal(feeds.uma.all().length, known + 1);
  const raw = JSON.stringify((await store.getDocFromServer(store.doc(uma.db, "feeds_people/uma"))).data());
  for (const word of ["note", "881", "switch", "Looking"]) assert.ok(!raw.toLowerCase().includes(word.toLowerCase()), `${word}: ${raw}`);
});
