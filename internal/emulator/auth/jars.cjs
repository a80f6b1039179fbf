// Downloads emulators' jars into firebase-tools' own cache folder:
// jars.cjs NAME..., where NAME is firestore or pubsub. firebase-tools knows
// where they are and checks their size and checksum.
const { downloadEmulator } = require("firebase-tools/lib/emulator/download");

(async () => {
  for (const name of process.argv.slice(2)) {
    await downloadEmulator(name);
  }
})().catch((err) => {
  console.error(err.message);
  process.exit(1);
});
