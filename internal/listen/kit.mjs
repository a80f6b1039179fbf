// What the tests share: people who are signed in with Firebase's SDK.
//
// It gets MODULES, the folder whose node_modules it uses, BASE_URL, where the API is, the
// emulators' addresses, the project and the database.

import { createRequire } from "node:module";
import { after } from "node:test";

const load = createRequire(`${process.env.MODULES}/package.json`);
const { initializeApp, deleteApp } = load("firebase/app");
const auth = load("firebase/auth");

/** The SDK's part for Firestore. */
export const store = load("firebase/firestore");

/** Where the API is, without a slash at the end. */
export const base = process.env.BASE_URL;

const [host, port] = process.env.FIRESTORE_EMULATOR_HOST.split(":");
store.setLogLevel("silent"); // it reports each refusal, and refusals are what is tried

const apps = [];
after(() => Promise.all(apps.map(deleteApp)));

/** A client of its own: who, the database as this person sees it, and a token. */
async function open(name, enter) {
  const app = initializeApp({ apiKey: "local", projectId: process.env.GOOGLE_CLOUD_PROJECT }, `${name}-${apps.length}`);
  apps.push(app);
  const doors = auth.initializeAuth(app, { persistence: auth.inMemoryPersistence });
  auth.connectAuthEmulator(doors, `http://${process.env.FIREBASE_AUTH_EMULATOR_HOST}`, { disableWarnings: true });
  const user = await enter(doors);
  const db = store.initializeFirestore(app, {}, process.env.FIRESTORE_DATABASE);
  store.connectFirestoreEmulator(db, host, Number(port));
  return { name, uid: user?.uid, db, token: () => user.getIdToken() };
}

/** Somebody of the demo organisation, signed in. */
export const as = (name) => open(name, async (doors) =>
  (await auth.signInWithEmailAndPassword(doors, `${name}@demo.example`, process.env.PASSWORD)).user);

/** Somebody without an account. */
export const nobody = () => open("nobody", async () => undefined);

/** Somebody who made an account with Firebase, past the desk: it has no claims. */
export const intruder = () => open("intruder", async (doors) =>
  (await auth.createUserWithEmailAndPassword(doors, `intruder-${Date.now()}@elsewhere.example`, "a-password")).user);

/** Asks the API as somebody; a refusal is an error. */
export async function call(who, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    headers: { Authorization: `Bearer ${await who.token()}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}
