// Every collection is tried by everybody: COLLECTIONS names them, and each has a document
// "probe", which names the people below so that no condition on content could help. Feeds
// have documents of people and departments beside it. Two accounts are made for this: una
// is staff of a department without a feed, ulf a user whose claims name departments.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { as, intruder, nobody, store } from "./kit.mjs";

const { addDoc, collection, collectionGroup, deleteDoc, doc, getDocFromServer, getDocsFromServer, query, setDoc, updateDoc, where } = store;

const collections = JSON.parse(process.env.COLLECTIONS);

let people;
before(async () => {
  people = await Promise.all([nobody(), intruder(), ...["uma", "nora", "mia", "liam", "una", "ada", "ulf"].map(as)]);
});

/** Fails unless Firestore refuses, for want of a right and for nothing else. */
async function refused(what, attempt) {
  await assert.rejects(attempt, (error) => error.code === "permission-denied", what);
}

/** Who may read a document, by name. */
async function readers(path) {
  const out = [];
  for (const who of people) {
    try {
      await getDocFromServer(doc(who.db, path));
      out.push(who.name);
    } catch (error) {
      assert.equal(error.code, "permission-denied", `${who.name} reads ${path}: ${error.message}`);
    }
  }
  return out;
}

test("every collection is known, feeds among them", () => {
  assert.ok(collections.length > 30, `only ${collections}`);
  for (const name of ["tickets", "notes", "feeds_people", "feeds_departments"]) assert.ok(collections.includes(name), name);
});

test("no document can be read but feeds", async () => {
  for (const name of [...collections, "something_new"]) {
    assert.deepEqual(await readers(`${name}/probe`), name === "feeds_departments" ? ["ada"] : [], name);
    assert.deepEqual(await readers(`${name}/there-is-none`), name === "feeds_departments" ? ["ada"] : [], name);
    assert.deepEqual(await readers(`${name}/probe/below/it`), [], name);
  }
});

test("nothing can be listed, not even one's own", async () => {
  for (const name of collections) {
    for (const who of people) {
      const uid = who.uid ?? "uma";
      for (const [what, q] of Object.entries({
        all: collection(who.db, name),
        own: query(collection(who.db, name), where("person", "==", uid)),
        audience: query(collection(who.db, name), where("audience", "array-contains", `person:${uid}`)),
        id: query(collection(who.db, name), where(store.documentId(), "==", uid)),
        group: collectionGroup(who.db, name),
      })) {
        await refused(`${who.name} lists ${what} of ${name}`, getDocsFromServer(q));
      }
    }
  }
});

test("nothing can be written", async () => {
  for (const name of collections) {
    for (const who of people) {
      const own = doc(who.db, name, who.uid ?? "uma");
      const probe = doc(who.db, name, "probe");
      await refused(`${who.name} adds to ${name}`, addDoc(collection(who.db, name), { person: who.uid ?? "" }));
      await refused(`${who.name} sets their own of ${name}`, setDoc(own, { changes: 1, role: "admin" }));
      await refused(`${who.name} replaces in ${name}`, setDoc(probe, { a: 1 }));
      await refused(`${who.name} changes in ${name}`, updateDoc(probe, { a: 1 }));
      await refused(`${who.name} deletes from ${name}`, deleteDoc(probe));
    }
  }
});

test("a person's feed is read by that person", async () => {
  for (const uid of ["uma", "nora", "mia", "liam", "una", "ada", "ulf"]) assert.deepEqual(await readers(`feeds_people/${uid}`), [uid]);
});

test("a department's feed is read by its staff, by those above and by administrators", async () => {
  assert.deepEqual(await readers("feeds_departments/network"), ["nora", "mia", "ada"]);
  assert.deepEqual(await readers("feeds_departments/it"), ["mia", "ada"]);
  assert.deepEqual(await readers("feeds_departments/billing"), ["liam", "ada"]);
});

test("a feed that is not there yet is waited for by its own staff and by administrators", async () => {
  assert.deepEqual(await readers("feeds_departments/quiet"), ["una", "ada"]);
});
