/** Slack's error codes, translated in one table. */

import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import { PlatformError, type RetryOrMend } from "../../core/errors.ts";
import { causeOf } from "../../core/events.ts";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { RefusedBudget } from "../../core/platform/flood-budget.ts";
import { proxyFault } from "../../core/proxy.ts";

/** Every way in which a call ends without success. */
export type CallFailure = Exclude<CallOutcome<never>, { readonly kind: "done" }>;

type FailureKind = Exclude<CallFailure["kind"], "limited" | "elsewhere">;

/** A message cannot be changed while it is a stream that somebody left open. */
const streamConflict = "streaming_state_conflict";

/** Slack says of `internal_error` and `fatal_error` that part of the work may have been done. */
const kinds: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries({
    unknown: ["internal_error", "fatal_error", "service_unavailable", "messaging_processing_failed"],
    unapplied: ["request_timeout", "team_added_to_org", "accesslimited", streamConflict],
    unformattable: [
      "msg_too_long",
      "msg_blocks_too_long",
      "invalid_blocks",
      "invalid_blocks_format",
      "block_mismatch",
      "invalid_attachments",
      "markdown_text_conflict",
      "no_text",
      "invalid_chunks",
      "missing_recipient_user_id",
      "missing_recipient_team_id",
    ],
    // A stream that is over takes nothing more; the message is there, and is edited.
    gone: ["message_not_found", "message_not_in_streaming_state", "stopped_by_user"],
    closed: [
      "channel_not_found",
      "is_archived",
      "not_in_channel",
      "thread_not_found",
      "channel_type_not_supported",
      "cannot_reply_to_message",
      "messages_tab_disabled",
      "restricted_action",
      // Editing it will never be allowed again: what is visible stays.
      "edit_window_closed",
      "cant_update_message",
      "user_disabled",
      "cannot_dm_bot",
      "user_not_found",
      "user_not_visible",
      "expired_url",
      "used_url",
      "no_active_hooks",
    ],
  } satisfies Partial<Record<FailureKind, readonly string[]>>).flatMap(([kind, codes]) =>
    codes.map((code) => [code, kind as FailureKind] as const),
  ),
);

/** The connection was never made, so nothing was applied. */
const neverConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The app is not installed in a workspace, or no longer: nothing can be called there, and nothing will be. */
export class WorkspaceGone extends Error {
  override readonly name = "WorkspaceGone";

  constructor(teamId: string) {
    super(`Slack's app is not installed in ${teamId}`);
  }
}

/** Whether the app is installed in a workspace, or with which token, cannot be told at the moment. */
export class WorkspaceUnknown extends Error {
  override readonly name = "WorkspaceUnknown";

  constructor(what: string, options?: { cause: unknown }) {
    super(`Slack's workspace is not known at the moment: ${what}`, options);
  }
}

/** Which call failed, and what a 429 of it closes. */
export interface CallContext {
  readonly method: string;
  readonly budget: RefusedBudget | undefined;
}

/** What `error`, thrown by the SDK, means for the call. */
export function toFailure(error: unknown, { method, budget }: CallContext): CallFailure {
  const failed = (what: string) => new Error(`Slack's ${method} failed: ${what}`, { cause: error });
  if (error instanceof WorkspaceGone) return { kind: "closed", cause: error };
  if (error instanceof WorkspaceUnknown) return { kind: "unapplied", cause: error };
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfterMs = Math.max(0, error.retryAfter) * 1000;
    return { kind: "limited", retryAfterMs, budget, cause: failed(`limited for ${error.retryAfter} s`) };
  }
  if (error instanceof WebAPIPlatformError) {
    const code = String(error.data.error);
    // What is no code may quote anything, and so does the SDK's error.
    return codeFailure(
      code,
      isCode(code) ? failed : (what) => new Error(`Slack's ${method} failed: ${what}`),
      budget,
    );
  }
  if (error instanceof WebAPIHTTPError) return statusFailure(error.statusCode, failed, budget);
  const code = networkCode(error);
  const wasSent = proxyFault(code) === undefined && !neverConnected.has(code);
  return { kind: wasSent ? "unknown" : "unapplied", cause: failed(describe(code)) };
}

const connecting: CallContext = { method: "apps.connections.open", budget: undefined };

/** Why a connection to Slack was lost or did not come about, for the log. */
export function connectionFault(error: unknown): string {
  const code = networkCode(error);
  if (proxyFault(code) !== undefined) return describe(code);
  // An SDK's message says the answer again, which may have come from anywhere.
  return causeOf(error instanceof WebAPIPlatformError ? toFailure(error, connecting).cause : error);
}

function describe(code: string): string {
  const fault = proxyFault(code);
  return fault === undefined ? code : `${fault}; check SLACK_PROXY_URL`;
}

/** What an HTTP status without a Slack body means: something before Slack refused, or Slack broke off. */
export function statusFailure(
  status: number,
  failed: (what: string) => Error,
  budget: RefusedBudget | undefined,
): CallFailure {
  const cause = failed(`HTTP ${status}`);
  if (status === 429) return { kind: "limited", retryAfterMs: 1_000, budget, cause };
  return { kind: status >= 500 || status === 408 ? "unknown" : "unapplied", cause };
}

function isCode(text: string): boolean {
  return /^[a-z][a-z0-9_.]{0,80}$/i.test(text);
}

/** What Slack's own error code means. A text that is no code came from something in between. */
export function codeFailure(
  code: string,
  failed: (what: string) => Error,
  budget: RefusedBudget | undefined,
): CallFailure {
  if (!isCode(code)) return { kind: "unknown", cause: failed("an unreadable answer") };
  const cause = failed(code);
  if (code === "ratelimited" || code === "rate_limited")
    return { kind: "limited", retryAfterMs: 1_000, budget, cause };
  if (code.startsWith("restricted_action")) return { kind: "closed", cause };
  return { kind: kinds.get(code) ?? "broken", cause };
}

/** No call at all succeeds with these. */
const credentials: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
]);

/** For a question that can be done without: what only an operator can mend is `closed`, unless nothing works at all. */
export function toDispensable(failure: CallFailure): CallFailure {
  const refusal = failure.cause.cause;
  if (failure.kind !== "broken" || !(refusal instanceof WebAPIPlatformError)) return failure;
  const { error: code, needed } = refusal.data as { readonly error: string; readonly needed?: unknown };
  if (credentials.has(code)) return failure;
  const isScopes = typeof needed === "string" && /^[a-z:._,]{1,200}$/.test(needed);
  const repair = isScopes ? `; add the scope ${needed} to the app and install it again` : "";
  return { kind: "closed", cause: new Error(failure.cause.message + repair, { cause: refusal }) };
}

/** True when the message is a stream that has to be closed first. */
export function isStreamConflict(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && error.data.error === streamConflict;
}

/** The failure of a question of ours (a name, our identity) as an error. */
export function toPlatformError(error: unknown, context: CallContext): PlatformError {
  const failure = toFailure(error, context);
  return new PlatformError(failure.cause.message, toRetry(failure), { cause: error });
}

/** What is not there will not come; a revoked token is mended by an operator, so it is worth another try. */
function toRetry(failure: CallFailure): RetryOrMend {
  if (failure.kind === "limited") return { afterMs: failure.retryAfterMs };
  if (failure.kind === "broken") return "operator";
  return failure.kind === "closed" || failure.kind === "gone" ? "never" : "backoff";
}

/** The innermost code: fetch wraps the socket's error in its own. Names and codes only, never a message. */
function networkCode(error: unknown): string {
  if (error instanceof WebAPIRequestError) return networkCode(error.original);
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error.cause instanceof Error) return networkCode(error.cause);
  return error.name;
}
