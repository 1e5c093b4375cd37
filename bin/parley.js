#!/usr/bin/env node
/** Starts Parley. Plain JavaScript that any Node reads, so that an old one gets a sentence and not a stack. */

const [major = 0] = process.versions.node.split(".").map(Number);

if (major < 24) {
  console.error(
    `Parley needs Node 24 or newer; this is Node ${process.versions.node}.\n` +
      "On Linux, Windows and Intel Macs, npm install brings it along; then start by: npm start\n" +
      `Elsewhere: ${process.platform === "darwin" ? "brew install node@24" : "https://nodejs.org/en/download"}`,
  );
  process.exitCode = 1;
} else {
  import("../src/main.ts").catch((error) => {
    const missing = error?.code === "ERR_MODULE_NOT_FOUND" && /Cannot find package/.test(error.message);
    console.error(missing ? "Parley's packages are not installed. Run: npm install" : error);
    process.exitCode = 1;
  });
}
