/** Flood control: how many messages and edits a bot may send, and what it is told when it sends more. */

/** One rate: a call per `intervalMs` in the long run, `burst` of them at once after a quiet time. */
export interface FloodRate {
  readonly intervalMs: number;
  readonly burst: number;
}

/** The rates of one bot. Real ones are unpublished and vary; these follow the published guidance. */
export interface FloodRates {
  readonly privateChat: FloodRate;
  readonly group: FloodRate;
  readonly global: FloodRate;
}

/** ~1 message/s in a chat, 20/min in a group, 30/s overall [core.telegram.org/bots/faq; platform-facts A5]. */
export const realisticRates: FloodRates = {
  privateChat: { intervalMs: 1_000, burst: 5 },
  group: { intervalMs: 3_000, burst: 20 },
  global: { intervalMs: 1_000 / 30, burst: 30 },
};

interface Bucket {
  /** When the budget is whole again (GCRA's theoretical arrival time). */
  fullAtMs: number;
  /** Refusals run until here, whatever the rate would say by then. */
  blockedUntilMs: number;
  /** Set by a fault of less than a second: then `retry_after` keeps its fraction. */
  fractional: boolean;
}

interface Scope {
  readonly bucket: Bucket;
  readonly rate: FloodRate | undefined;
}

/** The verdict on one call. */
export type FloodVerdict = "free" | { readonly retryAfterS: number; readonly wasBlocked: boolean };

/** Counts sends and edits against the rates of their chat and of the whole bot. */
export class FloodControl {
  readonly #rates: FloodRates | "off";
  readonly #buckets = new Map<string, Bucket>();

  constructor(rates: FloodRates | "off") {
    this.#rates = rates;
  }

  /**
   * Takes one call's worth out of the budgets, or refuses it and takes nothing.
   * A refusal blocks its budget until the announced time is over, as the platform does.
   */
  take(chatId: number, nowMs: number): FloodVerdict {
    return this.#takeFrom(this.#scopes(chatId), nowMs);
  }

  /** The same for a draft, which has a budget of its own; while the chat is blocked it is refused, too. */
  takeDraft(chatId: number, nowMs: number): FloodVerdict {
    const [chat, ...others] = this.#scopes(chatId);
    const own = { bucket: this.#bucket(`draft:${chatId}`), rate: chat?.rate };
    const blocking = chat ? [{ bucket: chat.bucket, rate: undefined }] : [];
    return this.#takeFrom([own, ...blocking, ...others], nowMs);
  }

  #takeFrom(scopes: readonly Scope[], nowMs: number): FloodVerdict {
    const blocked = scopes.map(({ bucket }) => bucket).filter((bucket) => bucket.blockedUntilMs > nowMs);
    if (blocked.length > 0) {
      const seconds = blocked.map((bucket) => remainingS(bucket, nowMs));
      return { retryAfterS: Math.max(...seconds), wasBlocked: true };
    }
    const waits = scopes.map(({ bucket, rate }) => waitMs(bucket, rate, nowMs));
    const longestMs = Math.max(...waits);
    if (longestMs > 0) {
      const retryAfterS = Math.ceil(longestMs / 1_000);
      for (const [index, { bucket }] of scopes.entries()) {
        if ((waits[index] ?? 0) > 0) bucket.blockedUntilMs = nowMs + retryAfterS * 1_000;
      }
      return { retryAfterS, wasBlocked: false };
    }
    for (const { bucket, rate } of scopes) {
      if (rate !== undefined) bucket.fullAtMs = Math.max(bucket.fullAtMs, nowMs) + rate.intervalMs;
    }
    return "free";
  }

  /** Refuses everything to this chat, or only its drafts, for a while; what a 429 by fault leaves behind. */
  block(chatId: number, nowMs: number, seconds: number, what: "chat" | "draft" = "chat"): void {
    const bucket = this.#bucket(`${what}:${chatId}`);
    bucket.blockedUntilMs = nowMs + seconds * 1_000;
    bucket.fractional = !Number.isInteger(seconds);
  }

  #scopes(chatId: number): Scope[] {
    const rates = this.#rates === "off" ? undefined : this.#rates;
    const chatRate = chatId > 0 ? rates?.privateChat : rates?.group;
    return [
      { bucket: this.#bucket(`chat:${chatId}`), rate: chatRate },
      { bucket: this.#bucket("global"), rate: rates?.global },
    ];
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { fullAtMs: 0, blockedUntilMs: 0, fractional: false };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}

/** How long until one more call conforms; ≤ 0 when it does now. */
function waitMs(bucket: Bucket, rate: FloodRate | undefined, nowMs: number): number {
  if (rate === undefined || rate.intervalMs === 0) return 0;
  const earliestMs = bucket.fullAtMs - (rate.burst - 1) * rate.intervalMs;
  return earliestMs - nowMs;
}

/** `retry_after` is in whole seconds on the real platform. */
function remainingS(bucket: Bucket, nowMs: number): number {
  const seconds = (bucket.blockedUntilMs - nowMs) / 1_000;
  return bucket.fractional ? Math.max(seconds, 0.001) : Math.ceil(seconds);
}
