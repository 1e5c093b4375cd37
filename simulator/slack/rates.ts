/** Slack's rate limits as token buckets: per method, and for posts per channel. */

/** A bucket: this many calls a minute in the long run, so many at once. */
export interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}

/** The rates in force: `real`, `off`, or a change to the real ones (`chat.postMessage/channel` is the one per channel). */
export type Rates = "real" | "off" | Readonly<Record<string, Rate>>;

const tier1 = { perMinute: 1, burst: 5 };
const tier2 = { perMinute: 20, burst: 20 };
const tier3 = { perMinute: 50, burst: 50 };
const tier4 = { perMinute: 100, burst: 100 };

/** docs.slack.dev/apis/web-api/rate-limits. "Several hundred" posts a minute are taken as 300. */
const realRates: Readonly<Record<string, Rate>> = {
  "chat.postMessage": { perMinute: 300, burst: 300 },
  "chat.postMessage/channel": { perMinute: 60, burst: 3 },
  "chat.update": tier3,
  "chat.delete": tier3,
  "chat.startStream": tier2,
  "chat.appendStream": tier4,
  "chat.stopStream": tier2,
  "chat.postEphemeral": tier4,
  "conversations.replies": tier3,
  "conversations.history": tier3,
  "conversations.info": tier3,
  "conversations.open": tier3,
  "users.conversations": tier2,
  "users.info": tier4,
  "bots.info": tier3,
  "files.getUploadURLExternal": tier4,
  "files.completeUploadExternal": tier4,
  "assistant.threads.setStatus": { perMinute: 600, burst: 60 },
  "assistant.threads.setSuggestedPrompts": tier3,
  "agents.sessions.setStatus": tier3,
  "views.publish": tier4,
  "apps.connections.open": { ...tier1, perMinute: 20, burst: 20 },
};

/** The buckets of one workspace. */
export class RateLimiter {
  readonly #rates: Readonly<Record<string, Rate>>;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(rates: Rates) {
    this.#rates = rates === "off" ? {} : rates === "real" ? realRates : { ...realRates, ...rates };
  }

  /** Takes one call. @returns whole seconds for Retry-After when it is refused, else undefined */
  take(method: string, channel: string | undefined): number | undefined {
    const wanted = [{ key: method, rate: this.#rates[method] }];
    if (channel) wanted.push({ key: `${method}/${channel}`, rate: this.#rates[`${method}/channel`] });
    const buckets = wanted.flatMap(({ key, rate }) =>
      rate ? [{ rate, bucket: this.#filled(key, rate) }] : [],
    );
    const waits = buckets.map(({ rate, bucket }) => ((1 - bucket.tokens) * 60) / rate.perMinute);
    const waitS = Math.max(0, ...waits);
    if (waitS > 0) return Math.max(1, Math.ceil(waitS));
    for (const { bucket } of buckets) bucket.tokens -= 1;
    return undefined;
  }

  #filled(key: string, rate: Rate): { tokens: number; atMs: number } {
    const nowMs = Date.now();
    const bucket = this.#buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs };
    bucket.tokens = Math.min(rate.burst, bucket.tokens + ((nowMs - bucket.atMs) * rate.perMinute) / 60_000);
    bucket.atMs = nowMs;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
