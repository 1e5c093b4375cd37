/** How the text of a setting becomes a value: one zod type per kind, each refusal a clause that follows the name. */

import { z } from "zod";
import type { FloodRate } from "../core/platform/flood-budget.ts";
import { secretKind } from "./problems.ts";
import { Secret } from "./secret.ts";

/** A type that reads one setting's text. */
export type SettingType<T> = z.ZodType<T, string>;

/** Builds a type from a function that returns the value, or throws an Error whose message is the refusal. */
function reads<T>(read: (text: string) => T): SettingType<T> {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      context.issues.push({ code: "custom", message: refusalOf(error), input: text });
      return z.NEVER;
    }
  });
}

class Refusal extends Error {}

function refusalOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  throw error;
}

/**
 * A type whose text is wrong in ways that have names.
 * @param faultOf what is wrong with a text, as a clause that follows the setting's name; undefined: nothing
 * @param toValue called only where nothing is
 */
export function checked<T>(
  faultOf: (text: string) => string | undefined,
  toValue: (text: string) => T,
): SettingType<T> {
  return z.string().transform((text, context) => {
    const fault = faultOf(text);
    if (fault === undefined) return toValue(text);
    context.issues.push({ code: "custom", message: fault, input: text });
    return z.NEVER;
  });
}

/** A text that is secret, at least in parts, {@link checked} by `faultOf`. */
export function sealed(faultOf: (text: string) => string | undefined): SettingType<Secret> {
  return checked(faultOf, (text) => new Secret(text));
}

/** A whole number. `unit` is what it counts, in words. */
export function wholeNumber(unit: string, least: number, most: number): SettingType<number> {
  return reads((text) => {
    const value = Number(text.trim());
    if (!/^\d+$/.test(text.trim()) || value < least || value > most) {
      throw new Refusal(
        `takes ${unit} as a whole number from ${least} to ${most}.${inMilliseconds(unit, text)}`,
      );
    }
    return value;
  });
}

/** Durations are whole milliseconds everywhere; whoever writes a unit is told the number. */
function inMilliseconds(unit: string, text: string): string {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h)$/i.exec(text.trim());
  if (unit !== "milliseconds" || match === null) return "";
  const factors: Record<string, number> = {
    ms: 1,
    s: 1_000,
    sec: 1_000,
    m: 60_000,
    min: 60_000,
    h: 3_600_000,
  };
  const ms = Number(match[1]) * (factors[(match[2] ?? "").toLowerCase()] ?? Number.NaN);
  return ` That is ${Math.round(ms)}.`;
}

/** One of a few words, in any case. */
export function oneOf<const Word extends string>(words: readonly Word[]): SettingType<Word> {
  return reads((text) => {
    const word = words.find((candidate) => candidate === text.trim().toLowerCase());
    if (word === undefined) throw new Refusal(`takes one of: ${words.join(", ")}.`);
    return word;
  });
}

/** Free text on one line, such as a model's name. */
export const line: SettingType<string> = reads((text) => {
  if (secretKind(text) !== undefined)
    throw new Refusal("holds what looks like a secret, which does not belong here.");
  if (/[\r\n]/.test(text)) throw new Refusal("takes one line.");
  return text.trim();
});

/** Free text, as it is. */
export const text: SettingType<string> = reads((value) => value);

/**
 * A token or key.
 * @param what its kind, in the words of {@link secretKind} where it has a look of its own
 * @param pattern the whole token's form; absent where the form is not known
 */
export function secret(what: string, pattern?: RegExp): SettingType<Secret> {
  return reads((value) => {
    const fault = secretFault(value, what);
    if (fault !== undefined) throw new Refusal(fault);
    if (pattern !== undefined && !pattern.test(value)) throw new Refusal(`is not ${what}; copy it whole.`);
    return new Secret(value);
  });
}

function secretFault(value: string, what: string): string | undefined {
  if (/[\r\n]/.test(value)) return "has a line break in it.";
  if (/["'`]/.test(value)) return "has quotation marks in it.";
  if (/\s/.test(value)) return "has a space in it.";
  if (!/^[!-~]+$/.test(value)) return "has a character in it that no token has.";
  const kind = secretKind(value);
  return kind === undefined || kind === what ? undefined : `looks like ${kind}, not ${what}.`;
}

/** `30/s`, `20/min` or `off`. */
export const rate: SettingType<FloodRate> = reads((value) => {
  const word = value.trim().toLowerCase();
  if (word === "off") return { intervalMs: 0, burst: 1, reserve: 0 };
  const match = /^([1-9]\d{0,4})\s*\/\s*(s|min)$/.exec(word);
  if (match === null) throw new Refusal("takes calls per second or minute, or off.");
  return toRate(Number(match[1]), match[2] === "s" ? 1_000 : 60_000);
});

/** Fewer calls a second than this are a limit whose short bursts pass ("~1/s in one chat"). */
const fewPerSecond = 10;
const shortBurst = 3;

/**
 * A rate that admits at most `calls` in *any* window of `windowMs`: a tenth of them, 6 s worth of a minute, may go at once,
 * and the interval is stretched by as much (a GCRA admits burst + window ÷ interval − 1 in the worst window). A few calls a
 * second keep their interval and may be preceded by a short burst. Half of the burst is kept for finals and posts.
 */
function toRate(calls: number, windowMs: number): FloodRate {
  const isFew = windowMs === 1_000 && calls < fewPerSecond;
  const burst = isFew ? shortBurst : Math.max(1, Math.floor(calls / 10));
  const intervalMs = windowMs / (isFew ? calls : calls - burst + 1);
  return { intervalMs: Math.ceil(intervalMs * 10) / 10, burst, reserve: Math.floor(burst / 2) };
}

/** Names separated by commas or spaces. */
export const hostList: SettingType<readonly string[]> = reads((value) => {
  const hosts = value.split(/[\s,]+/).filter((host) => host !== "");
  const bad = hosts.find((host) => !/^[a-z\d.[\]:_-]+$/i.test(host) || host.includes("//"));
  if (bad !== undefined) throw new Refusal("takes host names or addresses without scheme and port.");
  return hosts.map((host) => host.toLowerCase());
});
