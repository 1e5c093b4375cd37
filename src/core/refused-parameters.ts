/** The port to what models have refused by name: learnt by one process, known to all, for a day. */

/** Parameters that are not sent, by model. Both methods are at hand at once: what Redis holds comes and goes beside them. */
export interface RefusedParameters {
  /** @param parameter the API's own word */
  add(model: string, parameter: string): void;
  /** What the model has refused lately. */
  of(model: string): readonly string[];
}

/** How long a refusal is believed, in ms: then the model, or the server behind its name, may be another one. */
export const refusedForMs = 24 * 3_600_000;

/** Known to this process alone. @param now ms since 1970 */
export class RefusedMemory implements RefusedParameters {
  readonly #until = new Map<string, Map<string, number>>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(model: string, parameter: string, untilMs = this.#now() + refusedForMs): void {
    const known = this.#until.get(model) ?? new Map<string, number>();
    this.#until.set(model, known.set(parameter, untilMs));
  }

  of(model: string): readonly string[] {
    return [...(this.#until.get(model) ?? [])].flatMap(([name, until]) =>
      until > this.#now() ? [name] : [],
    );
  }
}
