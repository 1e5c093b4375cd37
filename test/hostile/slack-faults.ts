/** Every way in which one call to Slack can fail. */

import type { Fault } from "../../simulator/slack/faults.ts";
import { quoting } from "./canaries.ts";

/** With what Slack, or something in between, may say of it. */
export const slackFaults: readonly Fault[] = [
  { kind: "limited", retryAfterS: 1 },
  ...["internal_error", "msg_too_long", "channel_not_found", "invalid_auth", `not valid: ${quoting}`].map(
    (code) => ({ kind: "error", code }) as const,
  ),
  ...[200, 404, 429, 500].map((status) => ({ kind: "http", status }) as const),
  { kind: "reset" },
  { kind: "applied-reset" },
  { kind: "applied-http", status: 502 },
  { kind: "applied-error", code: "fatal_error" },
  { kind: "hang" },
  { kind: "applied-hang" },
];
