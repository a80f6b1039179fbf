// Starts the Auth emulator of firebase-tools: auth.cjs HOST PORT PROJECT.
//
// exegesis compiles a validator for each of the API's 2,000 schemas when it
// starts, which costs 16 seconds of CPU; its own option to do so on first use
// makes that 2. firebase-tools does not set the option, so it is set here, on
// the way into the library and before firebase-tools loads it.
const exegesis = require("exegesis-express");
const { middleware } = exegesis;
exegesis.middleware = (spec, options) =>
  middleware(spec, { ...options, lazyCompileValidationSchemas: true });

const { AuthEmulator } = require("firebase-tools/lib/emulator/auth");

const [host, port, projectId] = process.argv.slice(2);

new AuthEmulator({ host, port: Number(port), projectId, singleProjectMode: 0 })
  .start()
  .catch((err) => {
    console.error(err);
    process.exit(1);
  });
