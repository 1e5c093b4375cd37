/** The scripts of a pool, typed: what all calls of one endpoint's model share in Redis. The scheme is in docs/limits.md. */

import type { Redis } from "ioredis";
import { z } from "zod";
import type { CallOrder, CallPlace } from "../core/admission.ts";
import type { RateLimit, RateLimits } from "../core/chat-api.ts";
import type { ConversationId, MessageId } from "../core/conversation.ts";
import type { ChatApiProblem } from "../core/errors.ts";
import type { Timing } from "../core/timing.ts";
import { poolSeconds, type ShardKeys } from "./keys.ts";
import { runScript, type ScriptArgument, type ScriptName } from "./scripts.ts";

/** The most that is used of one endpoint's model, whatever its server allows; undefined: no limit of ours. */
export interface CallCaps {
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly requestsPerDay: number | undefined;
  readonly tokensPerDay: number | undefined;
}

/** What the scripts need. */
export interface PoolScriptsOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly timing: Timing;
  /** By endpoint; one that is not named has no caps. */
  readonly caps: ReadonlyMap<string, CallCaps>;
}

/** A call that has got its start. */
export interface Grant {
  readonly message: MessageId;
  readonly conversation: ConversationId;
  readonly startMs: number;
}

/** What every script finds out beside its own: who was granted a start, and when to look who is next. */
export interface Looked {
  /** Undefined: nobody waits. */
  readonly lookMs: number | undefined;
  readonly granted: readonly Grant[];
  /** What had closed the pool is over by this call. */
  readonly isOpened: boolean;
}

/** What came of booking. */
export type Booking =
  /** `waitMs` below 0: the start is over. `isDoubted`: whoever was called last has failed, so a first token is news. */
  | { readonly kind: "booked"; readonly waitMs: number; readonly isDoubted: boolean }
  | { readonly kind: "later"; readonly expectedMs: number; readonly isInLine: boolean }
  | { readonly kind: "never"; readonly expectedMs: number }
  | { readonly kind: "closed"; readonly problem: ChatApiProblem; readonly forMs: number }
  | { readonly kind: "too-large" };

/** How a booking ends: see settle-call.lua. */
export type Settlement = "used" | "counted" | "uncounted" | "kept" | "left" | "begun";

/** How a server refuses: see refuse-call.lua. */
export type Refusal = "limited" | "again" | "closed" | "broken" | "unsent";

const grants = z.array(z.tuple([z.string(), z.string(), z.number()]));
const lookReply = z.tuple([z.number(), grants, z.string()]);
const booking = z.union([
  z.tuple([z.literal("booked"), z.number(), z.string()]),
  z.tuple([z.literal("later"), z.number(), z.string()]),
  z.tuple([z.literal("never"), z.number()]),
  z.tuple([z.literal("closed"), z.string(), z.number()]),
  z.tuple([z.literal("large")]),
]);
const bookReply = z.tuple([booking, z.number(), grants]);
const refuseReply = z.tuple([z.number(), z.string(), z.number(), grants]);

/** An endpoint that has failed so many calls in a row is left alone. */
const mostFailures = 3;

/** The pool that `order` is for. */
export function toPool({ endpoint, model }: Pick<CallOrder, "endpoint" | "model">): string {
  return `${endpoint}:${model}`;
}

/** Calls the scripts of pools. Each throws only when Redis is out of reach. */
export class PoolScripts {
  readonly #options: PoolScriptsOptions;

  constructor(options: PoolScriptsOptions) {
    this.#options = options;
  }

  async book(order: CallOrder): Promise<Looked & { readonly booking: Booking }> {
    const { fence, user, promptTokens, maxTokens, background, soonOnly } = order;
    const rest = [
      ...[fence.message, fence.epoch, user, fence.conversation],
      ...[Math.ceil(promptTokens), maxTokens ?? "", background ? "1" : ""],
      ...[this.#options.timing.longestWaitMs, soonOnly ? "1" : ""],
    ];
    const [came, lookMs, granted] = bookReply.parse(await this.#run("book-call", order, rest));
    return { booking: toBooking(came), ...toLooked(lookMs, granted) };
  }

  async look(order: CallPlace): Promise<Looked> {
    return toLooked(...lookReply.parse(await this.#run("grant-calls", order, [])));
  }

  async settle(order: CallPlace, how: Settlement, tokens: number, outputTokens?: number): Promise<Looked> {
    const { message, epoch } = order.fence;
    const rest = [message, epoch, how, Math.ceil(tokens), outputTokens ?? ""];
    return toLooked(...lookReply.parse(await this.#run("settle-call", order, rest)));
  }

  async learn(order: CallOrder, accepted: boolean, limits: RateLimits | undefined): Promise<Looked> {
    const rest = [
      order.fence.message,
      accepted ? "1" : "",
      ...told(limits?.requests),
      ...told(limits?.tokens),
    ];
    return toLooked(...lookReply.parse(await this.#run("learn-limits", order, rest)));
  }

  /** @returns for how long nobody calls, and whether that is news */
  async refuse(
    order: CallOrder,
    how: Refusal,
    afterMs: number | undefined,
    problem: ChatApiProblem | undefined,
  ): Promise<Looked & { readonly waitMs: number; readonly isNews: boolean }> {
    const { timing } = this.#options;
    const { message, epoch } = order.fence;
    const wait = afterMs === undefined ? -1 : Math.ceil(afterMs);
    const isFailure = how === "broken" || how === "unsent";
    const first = isFailure ? timing.brokenOffMs : timing.closedMs;
    const most = isFailure ? timing.brokenOffMaxMs : timing.closedMaxMs;
    const closing = [problem ?? "", first, most];
    const breaking = [mostFailures, timing.breakWithinMs];
    const rest = [message, epoch, how, wait, ...closing, toPool(order), ...breaking];
    const reply = await this.#run("refuse-call", order, rest);
    const [waitMs, isNews, lookMs, granted] = refuseReply.parse(reply);
    return { waitMs, isNews: isNews === "1", ...toLooked(lookMs, granted) };
  }

  async #run(script: ScriptName, order: CallPlace, rest: readonly ScriptArgument[]): Promise<unknown> {
    const { redis, keys, timing, caps } = this.#options;
    const pool = toPool(order);
    const names = [
      keys.pool(pool),
      keys.poolLines(pool),
      keys.poolHeads(pool),
      keys.poolShares(pool),
      keys.poolCalls(pool),
      keys.poolBooked(pool),
      keys.poolRunning(pool),
      keys.poolOutputs(pool),
      ...(script === "refuse-call" ? [keys.disturbances] : []),
    ];
    const cap = caps.get(order.endpoint);
    return await runScript(redis, script, names, [
      cap?.requestsPerMinute ?? "",
      cap?.tokensPerMinute ?? "",
      cap?.requestsPerDay ?? "",
      cap?.tokensPerDay ?? "",
      timing.bookAheadMs,
      poolSeconds,
      ...rest,
    ]);
  }
}

function told(limit: RateLimit | undefined): readonly ScriptArgument[] {
  if (limit === undefined) return ["", "", ""];
  return [limit.limit, limit.remaining ?? "", limit.per === "day" ? "1" : ""];
}

function toLooked(lookMs: number, granted: z.output<typeof grants>, opened = ""): Looked {
  return {
    isOpened: opened === "1",
    lookMs: lookMs < 0 ? undefined : lookMs,
    granted: granted.map(([message, conversation, startMs]) => ({
      message: message as MessageId,
      conversation: conversation as ConversationId,
      startMs,
    })),
  };
}

function toBooking(came: z.output<typeof booking>): Booking {
  switch (came[0]) {
    case "booked":
      return { kind: "booked", waitMs: came[1], isDoubted: came[2] === "1" };
    case "later":
      return { kind: "later", expectedMs: came[1], isInLine: came[2] === "1" };
    case "never":
      return { kind: "never", expectedMs: came[1] };
    case "closed":
      return { kind: "closed", problem: came[1] as ChatApiProblem, forMs: came[2] };
    default:
      return { kind: "too-large" };
  }
}
