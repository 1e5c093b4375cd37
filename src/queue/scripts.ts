/** Registers the Lua scripts of `scripts/` with a connection; each is called through one typed function of this folder. */

import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

const names = [
  "append-message",
  "count-command",
  "edit-message",
  "delete-message",
  "take-turn",
  "ask-permit",
  "block-budgets",
  "record-page",
  "withdraw-intent",
  "redirect-reply",
  "move-conversation",
  "keep-background",
  "generate-answer",
  "release-turn",
  "finish-turn",
  "stop-turn",
  "retry-turn",
  "look-at-conversation",
  "forget-pages",
  "sweep-pending",
  "hold-lease",
  "end-lease",
  "claim-ownership",
  "read-standing",
  "turn-away",
  "save-installation",
  "drop-installation",
  "change-setting",
  "undo-change",
  "claim-notice",
  "probe-writes",
  "book-call",
  "grant-calls",
  "settle-call",
  "learn-limits",
  "refuse-call",
] as const;

/** A script's file name without its ending. */
export type ScriptName = (typeof names)[number];

const sources = new Map<ScriptName, string>(names.map((name) => [name, readScript(`./scripts/${name}.lua`)]));

/** A line `-- include <name>` stands for the file `shared/<name>.lua`: Redis' scripts cannot call each other. */
function readScript(path: string): string {
  const lua = readFileSync(new URL(path, import.meta.url), "utf8");
  return lua.replaceAll(/^-- include ([\w-]+)$/gm, (_, name) => readScript(`./scripts/shared/${name}.lua`));
}

/** A script as Redis is given it. */
export function scriptSource(name: ScriptName): string {
  return sources.get(name) ?? "";
}

/** What a script takes. */
export type ScriptArgument = string | number;

/** Makes every script callable on `redis`, also inside its transactions. */
export function registerScripts(redis: Redis): void {
  for (const [name, lua] of sources) redis.defineCommand(name, { lua });
}

/** The arguments of a registered script as one list: the number of keys, the keys, the rest. */
export function scriptArguments(keys: readonly string[], rest: readonly ScriptArgument[]): ScriptArgument[] {
  return [keys.length, ...keys, ...rest];
}

/**
 * Runs one registered script.
 * @returns its answer, unparsed
 */
export function runScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  rest: readonly ScriptArgument[] = [],
): Promise<unknown> {
  // defineCommand adds the method at run time; its type does not know.
  const commands = redis as unknown as Record<ScriptName, (...all: ScriptArgument[]) => Promise<unknown>>;
  return commands[name](...scriptArguments(keys, rest));
}
