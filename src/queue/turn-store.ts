/** Journal, permits and history in Redis: core's port, one script per step. */

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import {
  type ConversationId,
  type MessageId,
  parseConversationId,
  toChatConversation,
  toConversationId,
} from "../core/conversation.ts";
import type { Events } from "../core/events.ts";
import { scopesOf } from "../core/settings/scopes.ts";
import type { Timing } from "../core/timing.ts";
import type { Fence, Permit, PermitRequest, TakenTurn, TurnEnding, TurnStore } from "../core/turn-store.ts";
import { addSettle, type Errand } from "./errands.ts";
import {
  parseTakenTurn,
  toFields,
  toHistoryRow,
  toStoredAnswer,
  toStoredBackground,
  toStoredFinals,
} from "./journal-fields.ts";
import { awaySeconds, deadLetters, type ShardKeys, seenSeconds, settleSeconds } from "./keys.ts";
import { moveArguments } from "./move.ts";
import { runScript } from "./scripts.ts";
import { standingArguments } from "./standing.ts";
import { type WakeUp, wakeUp } from "./wake-up.ts";

/** What a turn store needs. The connection is a patient one: see `connection.ts`. */
export interface TurnStoreOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly turns: Queue<WakeUp>;
  readonly commands: Queue<Errand>;
  readonly timing: Timing;
  readonly events: Events;
  readonly historyDays: number;
}

/** A journal outlives every redelivery of its message. */
const journalSeconds = seenSeconds;
const daySeconds = 86_400;

/** Makes the store of turns. */
export function createTurnStore(options: TurnStoreOptions): TurnStore {
  const { redis, keys } = options;
  return {
    permit: (fence, request) => askPermit(options, fence, request),
    block: async ({ budget, retryAfterMs }) => {
      if (budget === undefined) return;
      const names = budget.within === undefined ? [budget.key] : [budget.key, budget.within];
      const rest = [Math.ceil(retryAfterMs), options.timing.refusalsMs];
      await runScript(redis, "block-budgets", names.map(keys.budget), rest);
    },
    recordPage: async (fence, index, id) => {
      const counts = await runScript(
        redis,
        "record-page",
        [keys.journal(fence.conversation), keys.moved(fence.conversation)],
        [fence.message, index, id, keys.journal("" as ConversationId)],
      );
      return z.string().parse(counts) || undefined;
    },
    withdrawIntent: async (fence, index) => {
      await runScript(
        redis,
        "withdraw-intent",
        [keys.journal(fence.conversation)],
        [fence.message, fence.epoch, index],
      );
    },
    keepBackground: async (fence, messages) => {
      const kept = [keys.journal(fence.conversation), keys.background(fence.conversation)];
      const rest = [
        fence.message,
        fence.epoch,
        toStoredBackground(messages),
        options.historyDays * daySeconds,
      ];
      return (await runScript(redis, "keep-background", kept, rest)) === 1;
    },
    move: async (from, to, epoch) => {
      const { keys: moveKeys, rest } = moveArguments(keys, { from, to }, options, epoch);
      const isFirst = (await runScript(redis, "move-conversation", moveKeys, rest)) === 1;
      if (isFirst) options.events.conversationMoved({ from, to });
      await wakeUp(options.turns, to);
    },
    redirect: async (fence, address) => {
      const rest = [fence.message, fence.epoch, toConversationId(address)];
      return (await runScript(redis, "redirect-reply", [keys.journal(fence.conversation)], rest)) === 1;
    },
    generated: async (fence, answer) => {
      const journal = [keys.journal(fence.conversation), keys.pending];
      const rest = [fence.message, fence.epoch, fence.conversation, toStoredAnswer(answer), journalSeconds];
      return (await runScript(redis, "generate-answer", journal, rest)) === 1;
    },
    release: async (fence, { finals, unsettled }) => {
      const rest = [fence.message, fence.epoch, toStoredFinals(finals), unsettled ? 1 : 0];
      await runScript(redis, "release-turn", [keys.journal(fence.conversation)], rest);
    },
    finish: (fence, ending) => finish(options, fence, ending),
    claimNotice: async (key, message) =>
      (await runScript(redis, "claim-notice", [keys.today(key)], [message, daySeconds])) === 1,
  };
}

const permitReply = z.union([
  z.tuple([z.literal("granted")]),
  z.tuple([z.literal("fenced")]),
  z.tuple([z.literal("wait"), z.number()]),
  z.tuple([z.literal("posted"), z.string()]),
  z.tuple([z.literal("intended"), z.string()]),
]);

/** A call outside any turn has no journal; its budgets are taken all the same. */
const noTurn = { conversation: "" as ConversationId, message: "" as MessageId, epoch: 0 } satisfies Fence;

async function askPermit(
  options: TurnStoreOptions,
  fence: Fence | undefined,
  request: PermitRequest,
): Promise<Permit> {
  const { redis, keys } = options;
  const { kind, page } = request;
  const { conversation, message, epoch } = fence ?? noTurn;
  const rest = [
    message,
    epoch,
    conversation,
    kind === "post" ? "final" : kind,
    request.shownUtf16,
    page?.index ?? "",
    page?.intentKnown ? 1 : 0,
    page?.again ? 1 : 0,
    ...request.budgets.flatMap((budget) => [budget.intervalMs, budget.burst, budget.reserve]),
  ];
  const permitKeys = [
    keys.journal(conversation),
    keys.pending,
    ...request.budgets.map((budget) => keys.budget(budget.key)),
  ];
  const reply = permitReply.parse(await runScript(redis, "ask-permit", permitKeys, rest));
  switch (reply[0]) {
    case "wait":
      return { kind: "wait", waitMs: reply[1] };
    case "posted":
      return { kind: "posted", id: reply[1] };
    case "intended":
      return { kind: "intended", sinceMs: Number(reply[1]) };
    default:
      return { kind: reply[0] };
  }
}

async function finish(
  options: TurnStoreOptions,
  fence: Fence,
  ending: TurnEnding,
): Promise<number | undefined> {
  const { redis, keys, historyDays, timing } = options;
  // Before the turn ends: a process that dies in between leaves a job without pages, which does nothing.
  if (ending.repair) await addSettle(options.commands, fence, timing.settleMs);
  const historySeconds = historyDays * daySeconds;
  const waiting = await runScript(
    redis,
    "finish-turn",
    [
      keys.journal(fence.conversation),
      keys.inbox(fence.conversation),
      keys.messages(fence.conversation),
      keys.pending,
      keys.history(fence.conversation),
      keys.settle(fence.message),
      keys.dead,
      keys.running(toChatConversation(fence.conversation)),
      keys.background(fence.conversation),
    ],
    [
      fence.message,
      fence.epoch,
      fence.conversation,
      historySeconds,
      Date.now() - historySeconds * 1_000,
      journalSeconds,
      ending.repair ? JSON.stringify({ v: 1, ...ending.repair }) : "",
      settleSeconds,
      ending.deadLetter
        ? JSON.stringify({
            v: 1,
            at: new Date().toISOString(),
            message: fence.message,
            cause: ending.deadLetter,
          })
        : "",
      deadLetters,
      ending.opensThread ? 1 : 0,
      ...ending.entries.map(toHistoryRow),
    ],
  );
  const count = z.number().parse(waiting);
  return count < 0 ? undefined : count;
}

/** Who takes a turn, with what proof. */
export interface TakeRequest {
  readonly conversation: ConversationId;
  /** BullMQ's key and token of the running job's lock. */
  readonly lockKey: string;
  readonly lockToken: string;
  /** Different for every take of this worker. */
  readonly claim: string;
  readonly worker: string;
  readonly budgetTokens: number;
  /** True shortly after our own reconnect: a silent holder proves nothing yet. */
  readonly inGrace: boolean;
  readonly timing: Pick<Timing, "textPartMs" | "albumPartMs" | "partLookMs" | "waitedMs">;
  /** When a question that nobody took is late; 0: never. */
  readonly lateAfterMs: number;
}

/**
 * What came of it. `yield`: the recorded holder still lives. `lost`: the job is no longer ours. `wait`: more parts of
 * what stands first may come. `moved`: the conversation goes on under another id.
 */
export type TakeResult =
  | { readonly kind: "taken"; readonly turn: TakenTurn }
  | { readonly kind: "wait"; readonly waitMs: number }
  | { readonly kind: "moved"; readonly to: ConversationId }
  | { readonly kind: "empty" }
  | { readonly kind: "yield" }
  | { readonly kind: "lost" };

const takeReply = z.union([
  z.tuple([z.literal("wait"), z.number()]),
  z.tuple([z.literal("moved"), z.string()]),
  z.tuple([z.enum(["taken", "empty", "yield", "lost"])], z.unknown()),
]);

/** Takes the conversation's next or interrupted turn under a new epoch. */
export async function takeTurn(redis: Redis, keys: ShardKeys, request: TakeRequest): Promise<TakeResult> {
  const { conversation } = request;
  const chat = toChatConversation(conversation);
  const scopes = scopesOf(conversation);
  const standing = standingArguments(keys, parseConversationId(conversation));
  const reply = await runScript(
    redis,
    "take-turn",
    [
      keys.journal(conversation),
      keys.inbox(conversation),
      keys.messages(conversation),
      keys.pending,
      keys.epoch,
      request.lockKey,
      keys.stop(conversation),
      keys.history(conversation),
      keys.historyStart(conversation),
      keys.running(chat),
      keys.background(conversation),
      keys.away(conversation),
      keys.moved(conversation),
      ...standing.keys,
      keys.waited,
      ...scopes.map(({ id }) => keys.settings(id)),
    ],
    [
      request.lockToken,
      request.claim,
      request.worker,
      keys.alive(""),
      conversation,
      request.budgetTokens,
      request.inGrace ? 1 : 0,
      journalSeconds,
      chat === conversation ? 0 : 1,
      request.timing.textPartMs,
      request.timing.albumPartMs,
      request.timing.partLookMs,
      request.lateAfterMs,
      awaySeconds,
      ...standing.rest,
      request.timing.waitedMs,
    ],
  );
  return toTakeResult(conversation, scopes, reply);
}

function toTakeResult(
  conversation: ConversationId,
  scopes: ReturnType<typeof scopesOf>,
  reply: unknown,
): TakeResult {
  const outcome = takeReply.parse(reply);
  if (outcome[0] === "wait") return { kind: "wait", waitMs: outcome[1] };
  if (outcome[0] === "moved") return { kind: "moved", to: outcome[1] as ConversationId };
  if (outcome[0] !== "taken") return { kind: outcome[0] };
  try {
    return { kind: "taken", turn: parseTakenTurn(reply, scopes) };
  } catch (error) {
    const fence = toFence(conversation, reply);
    throw new UnreadableTurn(fence, { cause: error });
  }
}

/** A turn was taken that this version cannot read. */
export class UnreadableTurn extends Error {
  override readonly name = "UnreadableTurn";
  /** What was taken, to give it back. */
  readonly fence: Fence | undefined;

  constructor(fence: Fence | undefined, options: { cause: unknown }) {
    super("A turn cannot be read by this version", options);
    this.fence = fence;
  }
}

/** The little that is the same in every version: `{"taken", epoch, questions, {…, "id", id, …}}`. */
function toFence(conversation: ConversationId, reply: unknown): Fence | undefined {
  const parsed = z
    .tuple([z.literal("taken"), z.number(), z.unknown(), z.unknown()], z.unknown())
    .safeParse(reply);
  if (!parsed.success) return undefined;
  const id = toFields(parsed.data[3] as readonly string[]).get("id");
  return id === undefined ? undefined : { conversation, message: id as MessageId, epoch: parsed.data[1] };
}
