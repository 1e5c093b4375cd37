/**
 * The state of an install under way: signed, so that nothing is stored for who only looks; bound to the browser by
 * `@slack/oauth`'s cookie; good for ten minutes and one use.
 */

import { createHash } from "node:crypto";
import type { StateStore } from "@slack/bolt";
import { ClearStateStore, InvalidStateError } from "@slack/oauth";
import type { InstallationStore } from "../../core/installations.ts";

/** How long somebody may take to decide, in seconds. */
export const stateSeconds = 600;

/** Each costs a call to Slack and a key in Redis, and anybody can begin one. */
const exchangesPerMinute = 30;

/** More people than usual install the app, or one who means harm. */
export class TooManyInstalls extends Error {
  override readonly name = "TooManyInstalls";
}

/** Makes the states. @param secret the same in every process */
export function createStateStore(
  secret: string,
  installations: Pick<InstallationStore, "useOnce">,
): StateStore {
  const signed = new ClearStateStore(secret, stateSeconds);
  const exchanges = new PerMinute(exchangesPerMinute);
  return {
    generateStateParam: (options, now) => signed.generateStateParam(options, now),
    verifyStateParam: async (now, state) => {
      const options = await signed.verifyStateParam(now, state);
      if (!exchanges.take()) throw new TooManyInstalls("Too many installs in a minute");
      const token = createHash("sha256").update(state).digest("base64url");
      // A little longer than the state itself, for clocks that differ.
      const isFirst = await installations.useOnce(`install:${token}`, (stateSeconds + 60) * 1_000);
      if (!isFirst) throw new InvalidStateError("The state was used before");
      return options;
    },
  };
}

/** So many in any minute, roughly: counted from the first. */
class PerMinute {
  readonly #most: number;
  #since = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(): boolean {
    const now = performance.now();
    if (now - this.#since > 60_000) {
      this.#since = now;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken <= this.#most;
  }
}
