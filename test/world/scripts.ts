/** The journal's steps as they go over the wire, so that a proxy can go dark at one of them. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import type { ScriptName } from "../../src/queue/scripts.ts";

const folder = new URL("../../src/queue/scripts/", import.meta.url);

function sourceOf(name: ScriptName): string {
  return readFileSync(new URL(`${name}.lua`, folder), "utf8");
}

/** What a call of the script holds on the wire, once Redis knows it. */
export function markOf(name: ScriptName): string {
  return createHash("sha1").update(sourceOf(name)).digest("hex");
}

/** The steps that the crash table names. */
export const steps = [
  "append-message",
  "take-turn",
  "ask-permit",
  "record-page",
  "generate-answer",
  "release-turn",
  "finish-turn",
] as const satisfies readonly ScriptName[];

/** Makes the scripts known, so that the first call of each is as short as the later ones. */
export async function loadScripts(redis: Redis): Promise<void> {
  for (const name of steps) await redis.script("LOAD", sourceOf(name));
}
