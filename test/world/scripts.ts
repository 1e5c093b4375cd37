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
export const asksToPost: CommandMatch = (wire) =>
  commandsOf(wire).some((command) => isPermit(command) && !command.includes("$0\r\n\r\n"));
const isPermit = isCallOf("ask-permit");

/** What is asked in one tick goes over the wire in one piece. */
function commandsOf(wire: Buffer): readonly Buffer[] {
  const commands = wire.toString("latin1").split(/(?=\*\d+\r\n\$\d+\r\n(?:EVAL|evalsha|eval))/);
  return commands.map((command) => Buffer.from(command, "latin1"));
}
