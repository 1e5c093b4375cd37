/** Readers of one setting's value from what a person wrote. Each gives the value, or says what would be right. */

import { z } from "zod";

/** Reads a value. What is stored is read by the same schema, so nothing enters that could not be written. */
export interface ValueReader<T> {
  readonly schema: z.ZodType<T>;
  /** What would be right, as a clause: `a number from 0 to 2`. */
  readonly expected: string;
  /** @returns the value behind `text`, or undefined when it is none */
  readonly read: (text: string) => T | undefined;
  /** The value as a person reads and could write it again. */
  readonly show: (value: T) => string;
  /** What is often wanted, as it is written; for buttons. */
  readonly suggested?: readonly string[];
  /** Words of which any number may be chosen; for buttons. */
  readonly parts?: readonly string[];
}

function fromSchema<T>(schema: z.ZodType<T>, raw: unknown): T | undefined {
  const parsed = schema.safeParse(raw);
  return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A number within a range, both ends included. */
export function number(min: number, max: number, kind: "any" | "whole" = "any"): ValueReader<number> {
  const whole = kind === "whole";
  const schema = (whole ? z.int() : z.number()).min(min).max(max);
  return {
    schema,
    expected: `a ${whole ? "whole " : ""}number from ${min} to ${max}`,
    // Neither hexadecimal nor an empty text is a number that somebody meant.
    read: (text) =>
      /^[+-]?\d+(?:[.,]\d+)?$/.test(text) ? fromSchema(schema, Number(text.replace(",", "."))) : undefined,
    show: String,
  };
}

/** One of a few words; case does not count. */
export function choice<const Words extends readonly [string, ...string[]]>(
  words: Words,
): ValueReader<Words[number]> {
  const schema = z.enum(words) as z.ZodType<Words[number]>;
  return {
    schema,
    expected: `one of ${words.map((word) => `\`${word}\``).join(", ")}`,
    read: (text) => fromSchema(schema, text.toLowerCase()),
    show: (value) => value,
    suggested: words,
  };
}

/** `on` or `off`. */
export const onOff: ValueReader<boolean> = {
  schema: z.boolean(),
  expected: "`on` or `off`",
  read: (text) => ({ on: true, off: false })[text.toLowerCase()],
  show: (value) => (value ? "on" : "off"),
  suggested: ["on", "off"],
};

/** A text without control characters but line breaks and tabs. @param maxBytes in UTF-8 */
export function text(maxBytes: number, lines: "one" | "many"): ValueReader<string> {
  const forbidden = lines === "one" ? /\p{Cc}/u : /[^\P{Cc}\n\r\t]/u;
  const schema = z
    .string()
    .min(1)
    .refine((value) => Buffer.byteLength(value) <= maxBytes && !forbidden.test(value));
  return {
    schema,
    expected: `${lines === "one" ? "one line" : "a text"} of 1 to ${maxBytes.toLocaleString("en")} bytes without control characters`,
    read: (written) => fromSchema(schema, written),
    show: (value) => value,
  };
}

/** A value written as JSON. */
export function json<T>(schema: z.ZodType<T>, expected: string): ValueReader<T> {
  return {
    schema,
    expected,
    read: (written) => fromSchema(schema, parseJson(written)),
    show: (value) => JSON.stringify(value),
  };
}

/** Some of a few words, written one after another; `none` for none of them. */
export function several<const Words extends readonly [string, ...string[]]>(
  words: Words,
): ValueReader<readonly Words[number][]> {
  const schema = z.array(z.enum(words)).max(words.length) as z.ZodType<readonly Words[number][]>;
  return {
    schema,
    expected: `some of ${words.map((word) => `\`${word}\``).join(", ")}, or \`none\``,
    read: (written) => {
      const parts = written
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean);
      if (parts.length === 0) return undefined;
      return fromSchema(schema, parts.join() === "none" ? [] : [...new Set(parts)]);
    },
    show: (value) => (value.length === 0 ? "none" : value.join(", ")),
    parts: words,
  };
}

/** Names in which `*` stands for any characters, written one after another; `all` for no restriction. */
export function patterns(most: number): ValueReader<readonly string[]> {
  const schema = z.array(z.string().regex(/^[\w.:/@*+-]{1,100}$/)).max(most) as z.ZodType<readonly string[]>;
  return {
    schema,
    expected: `up to ${most} names such as \`gpt-*\`, or \`all\``,
    read: (written) => {
      const parts = written.split(/[\s,]+/).filter(Boolean);
      if (parts.length === 0) return undefined;
      return fromSchema(schema, parts.join().toLowerCase() === "all" ? [] : parts);
    },
    show: (value) => (value.length === 0 ? "all" : value.join(" ")),
  };
}
