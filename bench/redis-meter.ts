/** Counts what this process asks of Redis, by command and script. */

import { createHash } from "node:crypto";
import { Redis } from "ioredis";

/** Round trips by name since the last look; a pipeline or transaction is one. `bullmq:` stands before BullMQ's scripts. */
export type RoundTrips = Readonly<Record<string, number>>;

interface Command {
  readonly name: string;
  readonly args: readonly unknown[];
}

/**
 * Starts to count, for all connections of this process made from now on.
 * @returns gives the counts and sets them to zero
 */
export function meterRedis(): () => RoundTrips {
  const scripts = new Map<string, string>();
  const counts = new Map<string, number>();
  const batches = new WeakSet<object>();

  const define = Redis.prototype.defineCommand;
  Redis.prototype.defineCommand = function defineNamed(name, definition) {
    const sha = createHash("sha1").update(definition.lua).digest("hex");
    const [own, version] = name.split(":");
    scripts.set(sha, version === undefined ? name : `bullmq:${own}`);
    return define.call(this, name, definition);
  };
  const send = Redis.prototype.sendCommand;
  Redis.prototype.sendCommand = function sendCounted(command, stream) {
    const name = nameOf(command as unknown as Command, scripts);
    const isLater = stream !== undefined && batches.has(stream);
    if (stream !== undefined) batches.add(stream);
    if (!isLater) counts.set(name, (counts.get(name) ?? 0) + 1);
    return send.call(this, command, stream);
  };
  return () => {
    const seen = Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
    counts.clear();
    return seen;
  };
}

function nameOf({ name, args }: Command, scripts: ReadonlyMap<string, string>): string {
  if (name !== "evalsha") return name;
  const script = scripts.get(String(args[0])) ?? "bullmq:unknown";
  return script === "ask-permit" ? `${script}:${permitKind(args)}` : script;
}

/** What a permit was asked for, by the arguments of `ask-permit.lua`. */
function permitKind(args: readonly unknown[]): "status" | "post" | "edit" {
  const rest = args.slice(2 + Number(args[1]));
  // Without a turn: the sign is taken away after it.
  if (rest[3] === "status" || rest[0] === "") return "status";
  return String(rest[5]) === "" ? "edit" : "post";
}

/** BullMQ's own, in contrast to ours. */
export function isBullmqs(name: string): boolean {
  return name.startsWith("bullmq:") || name === "bzpopmin";
}
