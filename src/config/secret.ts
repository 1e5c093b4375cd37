/** A secret that no log line, JSON or inspection can show by accident. */

import { inspect } from "node:util";

const masked = "[secret]";

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
