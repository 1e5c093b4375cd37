/** Reads `x-ratelimit-*` headers (platform-facts C4), as OpenAI and those who copy it send them. */

import type { RateLimit, RateLimits } from "../../core/chat-api.ts";

/** The limits that a response's headers tell; undefined when they tell none. Whatever is odd counts as not told. */
export function readRateLimits(headers: Headers): RateLimits | undefined {
  const requests = readLimit(headers, "requests");
  const tokens = readLimit(headers, "tokens");
  if (requests === undefined && tokens === undefined) return undefined;
  return { ...(requests && { requests }), ...(tokens && { tokens }) };
}

function readLimit(headers: Headers, of: "requests" | "tokens"): RateLimit | undefined {
  const told = (what: string) => headers.get(`x-ratelimit-${what}-${of}`);
  // Azure sends 0 and -1 for what it does not tell.
  const limit = wholeNumber(told("limit"));
  if (limit === undefined || limit === 0) return undefined;
  const left = wholeNumber(told("remaining"));
  const remaining = left === undefined ? undefined : Math.min(left, limit);
  return { limit, remaining, per: isPerDay(limit, remaining, told("reset")) ? "day" : "minute" };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\s*\d{1,15}\s*$/u.test(text) ? Number(text) : undefined;
}

const dayMs = 86_400_000;

/**
 * The headers do not say whether a limit is a minute's or a day's, and servers send either under one name. `reset` is the
 * time to a full bucket, so what has been used of it tells how long the whole takes.
 */
function isPerDay(limit: number, remaining: number | undefined, reset: string | null): boolean {
  const resetMs = parseGoDuration(reset);
  if (resetMs === undefined || remaining === undefined || remaining >= limit) return false;
  const wholeMs = (resetMs * limit) / (limit - remaining);
  return wholeMs > 0.75 * dayMs && wholeMs < 1.25 * dayMs;
}

const unitsMs: ReadonlyMap<string, number> = new Map([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ns", 1e-6],
]);

const goPart = /(\d{1,12}(?:\.\d{1,12})?)(ms|us|µs|ns|h|m|s)/gy;

/**
 * A duration in Go's form: `21h26m17.041s`, `6m0s`, `40ms`; a bare number is seconds, as Azure sends it.
 * @returns ms; undefined when it is neither
 */
export function parseGoDuration(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? "";
  if (/^\d{1,12}(?:\.\d{1,12})?$/u.test(trimmed)) return Number(trimmed) * 1_000;
  const parts = [...trimmed.matchAll(goPart)];
  const isWhole = parts.reduce((length, [part]) => length + part.length, 0) === trimmed.length;
  if (parts.length === 0 || !isWhole) return undefined;
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (unitsMs.get(unit ?? "") ?? 0), 0);
}
