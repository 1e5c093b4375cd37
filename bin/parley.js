#!/usr/bin/env node
/** Starts Parley, or says what is missing for that. */

import { hasNeededNode } from "./require-node.js";

async function run() {
  try {
    const { main } = await import("../src/main.ts");
    return await main(process.argv.slice(2));
  } catch (error) {
    const missing = error?.code === "ERR_MODULE_NOT_FOUND" && /Cannot find package/.test(error.message);
    // Never the object: a client's error holds the command that failed, and with it passwords.
    console.error(
      missing ? "Parley's packages are not installed. Run: npm install" : (error?.stack ?? String(error)),
    );
    return 1;
  }
}

// Whatever main opened is closed when it returns; the rest must not keep the terminal waiting.
if (hasNeededNode()) process.exit(await run());
