/** Slack's signature of a request: HMAC-SHA256 over version, time and the body, byte for byte as it came. */

import { createHmac, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../../core/platform/intake.ts";

/** Why a request is not known to be Slack's. */
export type SignatureFault =
  /** Without a signature, or with one that cannot be read. */
  | "unsigned"
  /** Signed at a time that is not now: a request that somebody has kept, or a clock that goes wrong. */
  | "stale"
  /** Signed with another secret, or changed on the way. */
  | "forged";

/** How far the time of signing may be off, earlier or later; Slack's own advice. */
const toleranceMs = 5 * 60_000;

/** True when the request carries anything of a signature. */
export function isSigned({ headers }: Pick<HttpRequest, "headers">): boolean {
  return headers["x-slack-signature"] !== undefined || headers["x-slack-request-timestamp"] !== undefined;
}

/**
 * Checks the signature; what costs nothing is looked at first.
 * @param secret the app's signing secret
 * @returns undefined when Slack has sent exactly this within the last five minutes
 */
export function signatureFault(
  secret: string,
  { headers, body }: Pick<HttpRequest, "headers" | "body">,
  nowMs: number,
): SignatureFault | undefined {
  const timestamp = headers["x-slack-request-timestamp"];
  const signature = headers["x-slack-signature"];
  if (typeof timestamp !== "string" || !/^\d{1,12}$/.test(timestamp)) return "unsigned";
  const hex = typeof signature === "string" ? /^v0=([\da-f]{64})$/.exec(signature)?.[1] : undefined;
  if (hex === undefined) return "unsigned";
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > toleranceMs) return "stale";
  const expected = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex")) ? undefined : "forged";
}
