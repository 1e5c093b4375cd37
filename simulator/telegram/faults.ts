/** Faults on demand: what goes wrong with the next calls of a method. */

import type { ErrorParameters } from "./bot-api-error.ts";

/** What goes wrong with one call. Times are ms or a promise that ends the wait, so that tests need no clock. */
export type Fault =
  /** 429; the chat stays blocked until the time is over. Fractions of a second are for tests only. */
  | { readonly kind: "limit"; readonly retryAfterS: number }
  /** An answer of the Bot API that says no; nothing is applied. */
  | {
      readonly kind: "refuse";
      readonly code: number;
      readonly description: string;
      readonly parameters?: ErrorParameters;
    }
  /** A gateway's HTML page with this status; nothing is applied. */
  | { readonly kind: "status"; readonly status: number }
  /** The socket is reset; nothing is applied. */
  | { readonly kind: "reset" }
  | { readonly kind: "apply-then-reset" }
  | { readonly kind: "apply-then-status"; readonly status: number }
  /** Applied late, and then answered, whether or not the caller gave up: the late edit. */
  | { readonly kind: "hold"; readonly until: number | Promise<unknown> }
  /** Applied at once, answered late. */
  | { readonly kind: "apply-then-hold"; readonly until: number | Promise<unknown> }
  /** Never applied, never answered. */
  | { readonly kind: "hang" }
  | { readonly kind: "apply-then-hang" };

/** Which calls a fault hits. */
export interface FaultScope {
  /** The method's exact name; absent: any. */
  readonly method?: string;
  /** Only calls to this chat. */
  readonly chatId?: number;
  /** How many calls; 1 when absent. */
  readonly times?: number;
  /** So many matching calls pass before the first hit. */
  readonly after?: number;
}

/** A fault that waits for its calls. */
export interface InjectedFault {
  /** How many calls it has hit. */
  readonly hits: number;
  /** Resolves at the first hit. */
  readonly happened: Promise<void>;
  /** It hits no more. */
  cancel(): void;
}

interface Pending {
  readonly fault: Fault;
  readonly scope: FaultScope;
  readonly happened: PromiseWithResolvers<void>;
  skip: number;
  left: number;
  hits: number;
}

/** All faults that wait. */
export class Faults {
  readonly #pending: Pending[] = [];

  /** The next matching calls go wrong in this way. Earlier injections are used up first. */
  inject(fault: Fault, scope: FaultScope): InjectedFault {
    const pending: Pending = {
      fault,
      scope,
      happened: Promise.withResolvers<void>(),
      skip: scope.after ?? 0,
      left: scope.times ?? 1,
      hits: 0,
    };
    this.#pending.push(pending);
    return {
      get hits() {
        return pending.hits;
      },
      happened: pending.happened.promise,
      cancel: () => {
        pending.left = 0;
      },
    };
  }

  /** The fault of this call, used up by asking. */
  next(method: string, chatId: number | undefined): Fault | undefined {
    for (const pending of this.#pending) {
      const { scope } = pending;
      if (pending.left === 0) continue;
      if (scope.method !== undefined && scope.method !== method) continue;
      if (scope.chatId !== undefined && scope.chatId !== chatId) continue;
      if (pending.skip > 0) {
        pending.skip -= 1;
        continue;
      }
      pending.left -= 1;
      pending.hits += 1;
      pending.happened.resolve();
      return pending.fault;
    }
    return undefined;
  }
}
