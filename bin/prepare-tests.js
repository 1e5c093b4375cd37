/** The first step of `npm test`, or what is missing for it. */

import { hasNeededNode } from "./require-node.js";

if (hasNeededNode()) await import("../scripts/prepare-tests.ts");
