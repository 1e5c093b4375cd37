/** The journal's steps as they go over the wire, so that a proxy can go dark at one of them. */

import { createHash } from "node:crypto";
import { type ScriptName, scriptSource } from "../../src/queue/scripts.ts";
import type { CommandMatch } from "./proxy.ts";

/** A call of the script: it holds the first line the first time on a connection, then the hash. */
export function isCallOf(name: ScriptName): CommandMatch {
  const source = scriptSource(name);
  const [firstLine = ""] = source.split("\n");
  const hash = createHash("sha1").update(source).digest("hex");
  return (wire) => wire.includes(firstLine) || wire.includes(hash);
}

/** A request for leave to post: the only one that names a page, where all others have an empty argument. */
export const asksToPost: CommandMatch = (wire) => isPermit(wire) && !wire.includes("$0\r\n\r\n");
const isPermit = isCallOf("ask-permit");
