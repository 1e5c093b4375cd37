/** Thoughts that a model writes into its text: `<think>…</think>` before the answer, as open reasoning models do (facts C7). */

const opening = "<think>";
const closing = "</think>";

/**
 * Leaves the thoughts at the beginning of an answer out of its text. Tags further on are the answer's own: somebody may
 * have asked about them.
 */
export class Thinking {
  #state: "before" | "within" | "after" = "before";
  /** What may yet turn out to be a tag, or belongs to one. */
  #held = "";
  #thought = false;

  /** @returns what of the text so far is now known to be the answer's */
  add(text: string): string {
    if (this.#state === "after") return text;
    this.#held += text;
    return this.#state === "before" ? this.#begin() : this.#endOfThought();
  }

  /** @returns what was held back when the text ended; thoughts that never ended are none of it */
  end(): string {
    const rest = this.#state === "before" ? this.#held : "";
    this.#held = "";
    return rest;
  }

  #begin(): string {
    const begun = this.#held.trimStart();
    if (begun.startsWith(opening)) {
      this.#state = "within";
      this.#thought = true;
      this.#held = begun.slice(opening.length);
      return this.#endOfThought();
    }
    if (opening.startsWith(begun)) return "";
    this.#state = "after";
    return this.#thought ? begun : this.#held;
  }

  #endOfThought(): string {
    const at = this.#held.indexOf(closing);
    if (at < 0) {
      // Only what may be the beginning of the tag is of any use.
      this.#held = this.#held.slice(-(closing.length - 1));
      return "";
    }
    this.#held = this.#held.slice(at + closing.length);
    this.#state = "before";
    return this.#begin();
  }
}
