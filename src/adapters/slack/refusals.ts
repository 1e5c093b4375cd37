/** Which workspaces refuse a method that can be done without, so that they are not asked again for every message. */

import type { Timing } from "../../core/timing.ts";

/**
 * Remembers refusals for `brokenMaxMs`, not for good: a workspace installs the app again, or gives it a scope, and tells
 * nobody.
 */
export class Refusals {
  readonly #forMs: number;
  /** On the monotonic clock. */
  readonly #until = new Map<string, number>();

  constructor({ brokenMaxMs }: Pick<Timing, "brokenMaxMs">) {
    this.#forMs = brokenMaxMs;
  }

  /** @param scope the workspace */
  add(scope: string): void {
    this.#until.set(scope, performance.now() + this.#forMs);
  }

  /** True while the workspace is not to be asked again. */
  has(scope: string): boolean {
    const until = this.#until.get(scope);
    if (until !== undefined && until <= performance.now()) this.#until.delete(scope);
    return this.#until.has(scope);
  }
}
