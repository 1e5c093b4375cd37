/** A secret that no log line, JSON or inspection can show by accident. */

import { inspect } from "node:util";

const masked = "[secret]";

/** Shorter ones would be found in ordinary words. */
const leastCharacters = 8;

/**
 * Every secret in `value`, at whatever depth, in the forms in which it could be written: a bot token's and an address's
 * secret parts by themselves as well.
 */
export function secretsIn(value: unknown): readonly string[] {
  const found = collect(value).flatMap(formsOf);
  return [...new Set(found)].filter(({ length }) => length >= leastCharacters);
}

function collect(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(collect);
}

function formsOf(secret: string): string[] {
  const password = secret.includes("://") ? (URL.parse(secret)?.password ?? "") : "";
  if (password !== "") return [secret, password, decodeURIComponent(password)];
  const [, behindColon = ""] = /^\d+:(.+)$/.exec(secret) ?? [];
  return [secret, behindColon];
}

/** Holds one secret value. Only {@link Secret.reveal} gives it out; everything that prints shows `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one call that needs it. Never log it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return masked;
  }

  toJSON(): string {
    return masked;
  }

  [inspect.custom](): string {
    return masked;
  }
}
