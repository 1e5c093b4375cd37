/** Takes known secrets out of what is logged, whoever has quoted them. */

import { words } from "./words.ts";

/** A secret is found by its beginning; whatever is shorter would be found in ordinary words. */
const headUtf16 = 8;

/** So many are known at once; of more, the oldest are forgotten: tokens that are renewed would be kept for ever. */
const knownAtMost = 20_000;

/** The secrets of a process. What masking costs depends on the text alone, not on how many there are. */
export class SecretMask {
  readonly #known = new Set<string>();
  /** The lengths of those that begin so, longest first: all tokens of a platform may. */
  readonly #lengths = new Map<string, readonly number[]>();

  /** From now on these are masked. */
  add(secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length < headUtf16) continue;
      this.#known.add(secret);
      const head = secret.slice(0, headUtf16);
      const lengths = new Set(this.#lengths.get(head)).add(secret.length);
      this.#lengths.set(
        head,
        [...lengths].toSorted((a, b) => b - a),
      );
      const [oldest] = this.#known;
      if (this.#known.size > knownAtMost && oldest !== undefined) this.#known.delete(oldest);
    }
  }

  /** The text with {@link words.masked} in the place of each secret. */
  mask(text: string): string {
    let shown = "";
    let from = 0;
    for (let at = 0; at + headUtf16 <= text.length; at += 1) {
      const lengths = this.#lengths.get(text.slice(at, at + headUtf16));
      const found = lengths?.find((length) => this.#known.has(text.slice(at, at + length)));
      if (found === undefined) continue;
      shown += text.slice(from, at) + words.masked;
      from = at + found;
      at = from - 1;
    }
    return shown + text.slice(from);
  }
}
