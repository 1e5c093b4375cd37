/** How Slack signs its requests. */

import { createHmac } from "node:crypto";

/**
 * The two headers of a signature.
 * @param atMs the time that is signed; Slack's is now
 */
export function signatureHeaders(
  secret: string,
  body: string | Buffer,
  atMs = Date.now(),
): Readonly<Record<"x-slack-request-timestamp" | "x-slack-signature", string>> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex");
  return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${digest}` };
}
