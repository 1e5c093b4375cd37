/** A bounded cache of answers that grow old: least recently used goes first, failures are never kept. */

/** How long and how much is kept. */
export interface CacheOptions {
  readonly entries: number;
  readonly lifetimeMs: number;
  /** The clock, in ms. */
  readonly now: () => number;
}

/** Answers by key; asks at the same time share one question. */
export class ExpiringCache<T> {
  readonly #options: CacheOptions;
  readonly #known = new Map<string, { readonly value: T; readonly untilMs: number }>();
  readonly #asking = new Map<string, Promise<T>>();
  /** Rises when something is forgotten: what was asked for before may be what was to be forgotten. */
  #forgotten = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** The answer for `key`, from the cache or by `ask`. @throws what `ask` throws; nothing is kept then */
  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known && known.untilMs > this.#options.now()) {
      // Put at the end again: a Map's order is our order of use.
      this.#known.delete(key);
      this.#known.set(key, known);
      return known.value;
    }
    const asking = this.#asking.get(key) ?? this.#ask(key, ask);
    return asking;
  }

  /** Forgets one answer; whoever asks from now on is not given an older one. */
  forget(key: string): void {
    this.#forgotten += 1;
    this.#known.delete(key);
    this.#asking.delete(key);
  }

  /** Forgets all answers. */
  clear(): void {
    this.#forgotten += 1;
    this.#known.clear();
    this.#asking.clear();
  }

  #ask(key: string, ask: () => Promise<T>): Promise<T> {
    const before = this.#forgotten;
    const asking = ask()
      .then((value) => (this.#forgotten === before ? this.#keep(key, value) : value))
      .finally(() => {
        if (this.#asking.get(key) === asking) this.#asking.delete(key);
      });
    this.#asking.set(key, asking);
    return asking;
  }

  #keep(key: string, value: T): T {
    this.#known.delete(key);
    this.#known.set(key, { value, untilMs: this.#options.now() + this.#options.lifetimeMs });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#options.entries) break;
      this.#known.delete(oldest);
    }
    return value;
  }
}
