/**
 * Takes known secrets out of what a model writes, whoever told them to it. They come in pieces, so the beginning of what
 * may become one is held back until it is known; everything else passes at once.
 */

import type { ChatApi } from "./chat-api.ts";
import { words } from "./words.ts";

/** A beginning of fewer characters tells nothing, and is not worth waiting for. */
const heldFrom = 4;

/** The chat API, with {@link words.masked} in the place of every one of `secrets` in what it writes. */
export function withoutSecrets(chatApi: ChatApi, secrets: readonly string[]): ChatApi {
  if (secrets.length === 0) return chatApi;
  const pattern = toPattern(secrets);
  return {
    ...chatApi,
    async *stream(request, signal, watch) {
      const filter = new SecretFilter(secrets, pattern);
      for await (const event of chatApi.stream(request, signal, watch)) {
        const rest =
          event.kind === "text" ? filter.add(event.text) : event.kind === "end" ? filter.end() : "";
        if (rest !== "") yield { kind: "text", text: rest };
        if (event.kind !== "text") yield event;
      }
    },
  };
}

function toPattern(secrets: readonly string[]): RegExp {
  const longestFirst = secrets.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"));
}

/** One text, as it comes. */
export class SecretFilter {
  readonly #secrets: readonly string[];
  readonly #pattern: RegExp;
  readonly #longest: number;
  /** The text's end: as much of it as a secret may reach back. */
  #tail = "";
  /** How much of the tail has been given out. */
  #out = 0;

  /** @param secrets none of them empty */
  constructor(secrets: readonly string[], pattern = toPattern(secrets)) {
    this.#secrets = secrets;
    this.#pattern = pattern;
    this.#longest = Math.max(...secrets.map(({ length }) => length));
  }

  /** @returns what may be shown now that `piece` has come */
  add(piece: string): string {
    this.#tail += piece;
    let shown = "";
    for (let found = this.#pattern.exec(this.#tail); found; found = this.#pattern.exec(this.#tail)) {
      shown += this.#tail.slice(this.#out, Math.max(found.index, this.#out)) + words.masked;
      this.#tail = this.#tail.slice(found.index + found[0].length);
      this.#out = 0;
    }
    const free = this.#tail.length - this.#begun();
    shown += this.#tail.slice(this.#out, free);
    this.#out = Math.max(this.#out, free);
    const old = Math.max(0, this.#tail.length - this.#longest);
    this.#tail = this.#tail.slice(old);
    this.#out -= old;
    return shown;
  }

  /** @returns what was held back and became no secret */
  end(): string {
    const rest = this.#tail.slice(this.#out);
    this.#out = this.#tail.length;
    return rest;
  }

  /** How many characters at the end may be the beginning of a secret. */
  #begun(): number {
    const lengths = this.#secrets.map((secret) => {
      const head = secret.slice(0, heldFrom);
      const from = Math.max(0, this.#tail.length - secret.length + 1);
      for (let at = this.#tail.indexOf(head, from); at >= 0; at = this.#tail.indexOf(head, at + 1))
        if (secret.startsWith(this.#tail.slice(at))) return this.#tail.length - at;
      return 0;
    });
    return Math.max(...lengths);
  }
}
