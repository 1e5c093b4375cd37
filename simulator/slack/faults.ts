/** Faults on demand: what goes wrong with the next calls of a method. */

/** One thing that goes wrong with one call. */
export type Fault =
  /** 429 with Retry-After; not applied. */
  | { readonly kind: "limited"; readonly retryAfterS: number }
  /** `{ok: false, error}`; not applied. */
  | { readonly kind: "error"; readonly code: string }
  /** An HTTP status without a Slack body; not applied. */
  | { readonly kind: "http"; readonly status: number }
  /** The connection is reset; not applied. */
  | { readonly kind: "reset" }
  /** Applied, then the connection is reset. */
  | { readonly kind: "applied-reset" }
  /** Applied, then an HTTP status. */
  | { readonly kind: "applied-http"; readonly status: number }
  /** Applied, then `{ok: false, error}`, as `internal_error` may be. */
  | { readonly kind: "applied-error"; readonly code: string }
  /** Applied only after `ms`, also when the caller has gone by then. */
  | { readonly kind: "late"; readonly ms: number }
  /** Applied only when the promise resolves, also when the caller has gone by then. */
  | { readonly kind: "held"; readonly until: Promise<unknown> }
  /** Never answered, never applied. */
  | { readonly kind: "hang" }
  /** Applied, never answered. */
  | { readonly kind: "applied-hang" };

/** Which calls a fault meets. */
export interface FaultScope {
  /** How many calls; 1 unless told. */
  readonly times?: number;
  /** Only calls for this channel. */
  readonly channel?: string;
}

/** The faults that wait for their calls. */
export class Faults {
  #waiting: { method: string; fault: Fault; left: number; channel: string | undefined }[] = [];

  /** The next calls of `method` (`*` = any) meet `fault`. */
  next(method: string, fault: Fault, scope: FaultScope = {}): void {
    this.#waiting.push({ method, fault, left: scope.times ?? 1, channel: scope.channel });
  }

  /** Drops all that wait. */
  clear(): void {
    this.#waiting = [];
  }

  /** The fault for this call, if any; it is used up. */
  take(method: string, channel: string | undefined): Fault | undefined {
    const found = this.#waiting.find(
      (entry) =>
        (entry.method === "*" || entry.method === method) && (!entry.channel || entry.channel === channel),
    );
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#waiting = this.#waiting.filter((entry) => entry !== found);
    return found.fault;
  }
}
