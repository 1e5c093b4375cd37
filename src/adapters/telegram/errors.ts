/**
 * What Telegram's errors mean, in one table. grammY's errors hold the token (in a nested error's URL) and the user's
 * text (in the payload); what leaves this file holds neither, so it may be logged and inspected.
 */

import { GrammyError, HttpError } from "grammy";
import { z } from "zod";
import type { Address } from "../../core/conversation.ts";
import { ParleyError, type Retry } from "../../core/errors.ts";
import type { CallOutcome, Elsewhere } from "../../core/platform/call-outcome.ts";
import type { RefusedBudget } from "../../core/platform/flood-budget.ts";
import { proxyFault } from "../../core/proxy.ts";
import { connectTimedOut } from "./connection.ts";
import { unnamedRetryMs } from "./limits.ts";

/** A call that Telegram refused or did not answer. It has no `cause`: grammY's error would show the token. */
export class TelegramError extends ParleyError {
  override readonly name = "TelegramError";
  readonly retry: Retry;
  /** The Bot API's `error_code`; absent when there was no answer. */
  readonly code: number | undefined;

  constructor(message: string, retry: Retry, code?: number) {
    super(message);
    this.retry = retry;
    this.code = code;
  }
}

/** How a call ended when it did not end well. */
export type Failure = Exclude<CallOutcome<never>, { readonly kind: "done" | "elsewhere" }> & {
  readonly cause: TelegramError;
};

type Kind = Exclude<Failure["kind"], "limited">;

/** True for the refusal of a call because things are as it wants them already. */
export function isSoAlready(error: unknown): boolean {
  const so = /message is not modified|message to delete not found/i;
  return error instanceof GrammyError && so.test(error.description);
}

/**
 * Refusals by their description, the first match counts. The codes are coarse and nearly all are 400
 * [platform-facts A4, from telegram-bot-api's Client.cpp and TDLib].
 */
const refusals: readonly (readonly [RegExp, Kind])[] = [
  [/message to edit not found|message can't be (edited|deleted)|MESSAGE_ID_INVALID/i, "gone"],
  // The press of a button that was answered already, or too long ago.
  [/query is too old|query ID is invalid|QUERY_ID_INVALID/i, "gone"],
  [
    /message is too long|text is too long|MESSAGE_TOO_LONG|caption is too long|request entity too large/i,
    "unformattable",
  ],
  [
    /can't parse|entity|entities|must be encoded in UTF-8|message text is empty|URL.*invalid/i,
    "unformattable",
  ],
  [/chat not found|PEER_ID_INVALID|upgraded to a supergroup|user not found|deactivated/i, "closed"],
  [/not enough rights|have no rights|administrator rights|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED/i, "closed"],
  [/message thread not found|TOPIC_(CLOSED|DELETED)|not a member/i, "closed"],
];

/**
 * Failures before anything was sent: a name that was not found, a port that refused, a host without a way to it, a
 * certificate that did not hold. (An established connection shows EHOSTUNREACH only after minutes of silence.)
 */
const neverSent = new RegExp(
  `^(${connectTimedOut}|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_\\w+|ERR_TLS_\\w+|\\w*SELF_SIGNED_CERT\\w*|UNABLE_TO_\\w+)$`,
);

/**
 * Translates what a call of grammY's threw.
 * @param method the Bot API's method, for the message
 * @param budget what a refusal by flood control closes
 */
export function toFailure(error: unknown, method: string, budget: RefusedBudget | undefined): Failure {
  if (error instanceof GrammyError) return refused(error, method, budget);
  const code = networkCode(error);
  const fault = proxyFault(code);
  const sent = fault === undefined && (code === undefined || !neverSent.test(code));
  const why = fault === undefined ? (code ?? "unknown fault") : `${fault}; check TELEGRAM_PROXY_URL`;
  const cause = new TelegramError(`Telegram gave no answer to ${method} (${why}).`, "backoff");
  return { kind: sent ? "unknown" : "unapplied", cause };
}

/** Where to go on when a refusal says that the place itself is gone. */
export function toElsewhere(error: unknown, method: string, address: Address): Elsewhere | undefined {
  if (!(error instanceof GrammyError)) return undefined;
  const { cause } = refused(error, method, undefined);
  const movedTo = chatId.safeParse(error.parameters.migrate_to_chat_id);
  if (movedTo.success) {
    return { kind: "elsewhere", why: "moved", address: { ...address, chat: String(movedTo.data) }, cause };
  }
  const { thread, ...chat } = address;
  const isGone = /message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID/i.test(error.description);
  if (thread === undefined || !isGone) return undefined;
  return { kind: "elsewhere", why: "vanished", address: chat, cause };
}

/** The same as an error, for calls that bring no message into a chat. */
export function toTelegramError(error: unknown, method: string): TelegramError {
  return toFailure(error, method, undefined).cause;
}

/** The outcome's cause of a call that was cancelled before it began. */
export function notBegun(method: string): TelegramError {
  return new TelegramError(`${method} was cancelled before it began.`, "backoff");
}

function refused(error: GrammyError, method: string, budget: RefusedBudget | undefined): Failure {
  const { error_code: code, description } = error;
  const retryAfterMs = code === 429 ? toRetryMs(error.parameters.retry_after) : undefined;
  const message = `Telegram refused ${method}: ${code} ${withoutQuotes(description)}.`;
  if (retryAfterMs !== undefined) {
    const cause = new TelegramError(message, { afterMs: retryAfterMs }, code);
    return { kind: "limited", retryAfterMs, budget, cause };
  }
  const kind = refusalKind(code, description);
  return { kind, cause: new TelegramError(message, retryOf(kind), code) };
}

/** Telegram quotes what it could not read of a message: a tag, an address. */
function withoutQuotes(description: string): string {
  return description.replace(/".*"|".*$/s, '"…"');
}

function refusalKind(code: number, description: string): Kind {
  if (code >= 500) return "unknown";
  if (code === 409) return "unapplied";
  if (code === 401 || code === 404) return "broken";
  const known = refusals.find(([pattern]) => pattern.test(description));
  if (known !== undefined) return known[1];
  if (code === 403) return "closed";
  // An unfamiliar 400 is about what was sent: plain text is worth a try, and waiting would not mend it.
  return code === 400 ? "unformattable" : "broken";
}

function retryOf(kind: Kind): Retry {
  return kind === "unknown" || kind === "unapplied" ? "backoff" : "never";
}

const chatId = z.number().int();

const seconds = z.number().nonnegative();

function toRetryMs(retryAfter: unknown): number {
  const parsed = seconds.safeParse(retryAfter);
  return parsed.success ? Math.ceil(parsed.data * 1_000) : unnamedRetryMs;
}

/** The system's or node-fetch's code for a failed request (`ECONNRESET`, `invalid-json`, `aborted`); never its message. */
function networkCode(error: unknown): string | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const parsed = networkFault.safeParse(error.error);
  return parsed.success ? (parsed.data.code ?? parsed.data.type) : undefined;
}

const networkFault = z.object({ code: z.string().optional(), type: z.string().optional() });
