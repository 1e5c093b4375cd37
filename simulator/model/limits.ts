/**
 * The rate limits of a chat API, enforced as OpenAI does it: a token bucket each for requests and tokens, per key and model,
 * that holds much less than a minute's worth; told in `x-ratelimit-*` headers in terms of the whole minute
 * (platform-facts C4).
 */

/** Limits of one key's model. */
export interface SimulatedLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** What may be taken at once, in ms of the limit; 6,000 by default. */
  readonly burstMs?: number;
}

/** What a request is told of the limits. */
export interface Verdict {
  readonly admitted: boolean;
  /** Until it would be admitted, if nobody else comes. */
  readonly retryAfterMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

const minuteMs = 60_000;

/** Refills evenly; what is owed is refilled first. */
class Bucket {
  private readonly limit: number;
  private readonly capacity: number;
  private level: number;
  private atMs: number;

  constructor(limit: number, burstMs: number, nowMs: number) {
    this.limit = limit;
    this.capacity = (limit * burstMs) / minuteMs;
    this.level = this.capacity;
    this.atMs = nowMs;
  }

  /** @returns ms until `cost` fits; 0: now. What is above the whole bucket fits when that is full. */
  lacksMs(cost: number, nowMs: number): number {
    this.refill(nowMs);
    return (Math.max(0, Math.min(cost, this.capacity) - this.level) * minuteMs) / this.limit;
  }

  take(cost: number, nowMs: number): void {
    this.refill(nowMs);
    this.level -= cost;
  }

  headers(of: string): Record<string, string> {
    const taken = this.capacity - this.level;
    return {
      [`x-ratelimit-limit-${of}`]: String(this.limit),
      [`x-ratelimit-remaining-${of}`]: String(Math.max(0, Math.floor(this.limit - taken))),
      [`x-ratelimit-reset-${of}`]: toGoDuration((taken * minuteMs) / this.limit),
    };
  }

  private refill(nowMs: number): void {
    this.level = Math.min(this.capacity, this.level + ((nowMs - this.atMs) * this.limit) / minuteMs);
    this.atMs = nowMs;
  }
}

/** The buckets of one key's model. */
export class Limiter {
  private readonly requests: Bucket | undefined;
  private readonly tokens: Bucket | undefined;

  constructor({ requestsPerMinute, tokensPerMinute, burstMs = 6_000 }: SimulatedLimits, nowMs: number) {
    this.requests =
      requestsPerMinute === undefined ? undefined : new Bucket(requestsPerMinute, burstMs, nowMs);
    this.tokens = tokensPerMinute === undefined ? undefined : new Bucket(tokensPerMinute, burstMs, nowMs);
  }

  /** @param tokens what is known of the cost when the request comes: its prompt, and the maximum that it asks for */
  ask(tokens: number, nowMs: number): Verdict {
    const lacks = [this.requests?.lacksMs(1, nowMs) ?? 0, this.tokens?.lacksMs(tokens, nowMs) ?? 0];
    const retryAfterMs = Math.max(...lacks);
    if (retryAfterMs === 0) {
      this.requests?.take(1, nowMs);
      this.tokens?.take(tokens, nowMs);
    }
    const headers = { ...this.requests?.headers("requests"), ...this.tokens?.headers("tokens") };
    return { admitted: retryAfterMs === 0, retryAfterMs, headers };
  }

  /** The answer is over: what it took beyond what was known of it before; less than 0 gives back. */
  settle(tokens: number, nowMs: number): void {
    this.tokens?.take(tokens, nowMs);
  }
}

/** A duration in Go's form, as OpenAI writes it: `40ms`, `1.5s`, `21h26m17.041s`. */
export function toGoDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / minuteMs) % 60;
  const seconds = `${Math.round(ms % minuteMs) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
