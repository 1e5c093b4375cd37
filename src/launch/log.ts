/** The log of a process: one JSON object a line for machines, one readable line for a person at a terminal. */

import { styleText } from "node:util";
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { z } from "zod";
import type { Config } from "../config.ts";

/** What each line holds: an ISO time, the level by name, role and process. */
export function logOptions({ logLevel, role }: Pick<Config, "logLevel" | "role">): LoggerOptions {
  return {
    level: logLevel,
    base: { role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  };
}

/** Makes it. @param out where it goes; lines are for a person when that is a terminal */
export function createLog(
  config: Pick<Config, "logLevel" | "role">,
  out: NodeJS.WriteStream = process.stdout,
): Logger {
  const options = logOptions(config);
  return out.isTTY ? pino(options, forPeople(out)) : pino(options);
}

function forPeople(out: NodeJS.WriteStream): DestinationStream {
  return { write: (line) => void out.write(`${toReadable(line)}\n`) };
}

const entry = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().catch("") });

const colours = new Map<string, "yellow" | "red">([
  ["warn", "yellow"],
  ["error", "red"],
  ["fatal", "red"],
]);

/**
 * A line of the log as a person reads it: `19:20:01 warn  what happened  field=value`. Role and process stay out: the
 * terminal has one of each.
 * @param line JSON, as it would have been logged
 */
export function toReadable(line: string): string {
  const { level, time, msg, role: _role, pid: _pid, ...fields } = entry.parse(JSON.parse(line));
  const colour = colours.get(level);
  const sign = level.padEnd(5);
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${toShort(value)}`);
  return [
    styleText("dim", new Date(time).toLocaleTimeString("en-GB")),
    colour === undefined ? sign : styleText(colour, sign),
    [msg, ...shown.map((field) => styleText("dim", field))].join("  "),
  ].join(" ");
}

/** What commands a terminal, or would look like another line: a field may hold what a stranger's server said. */
const commanding = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

function toShort(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).replaceAll(commanding, "�");
}
