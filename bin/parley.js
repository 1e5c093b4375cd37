#!/usr/bin/env node
/** Starts Parley, or says what is missing for that. */

import { hasNeededNode } from "./require-node.js";

if (hasNeededNode()) {
  import("../src/main.ts").catch((error) => {
    const missing = error?.code === "ERR_MODULE_NOT_FOUND" && /Cannot find package/.test(error.message);
    console.error(missing ? "Parley's packages are not installed. Run: npm install" : error);
    process.exitCode = 1;
  });
}
