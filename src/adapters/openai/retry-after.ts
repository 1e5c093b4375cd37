/** How long a server asks to wait, and how long we wait when it does not say. */

/** No limit is longer than a day's; who asks for more means something else, and all processes would obey. */
const longestMs = 86_400_000;

/**
 * The wait that the headers ask for: `retry-after-ms`, or `retry-after` in seconds or as an HTTP date (RFC 9110 §10.2.3).
 * @returns ms, a day at most; `undefined` when neither is there or readable
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const ms = toWait(headers.get("retry-after-ms"), 1);
  if (ms !== undefined) return ms;
  const text = headers.get("retry-after");
  const fromSeconds = toWait(text, 1_000);
  if (fromSeconds !== undefined || text === null) return fromSeconds;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - nowMs), longestMs);
}

function toWait(text: string | null, unitMs: number): number | undefined {
  if (text === null || !/^\s*\d+(?:\.\d+)?\s*$/u.test(text)) return undefined;
  return Math.min(Number(text) * unitMs, longestMs);
}

/** A wait that nobody asked for: doubles from `firstMs` up to `longestMs`, of which a random half is left out. */
export function backoffMs(attempt: number, firstMs: number, longestMs: number, random: () => number): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return whole / 2 + (random() * whole) / 2;
}
