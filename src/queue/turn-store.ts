/** Journal, permits and history in Redis: core's port, one script per step. */

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import {
  type ConversationId,
  type MessageId,
  toChatConversation,
  toConversationId,
} from "../core/conversation.ts";
import type { Events } from "../core/events.ts";
import { fileIndex } from "../core/reply/file-index.ts";
import type { Timing } from "../core/timing.ts";
import type { Fence, Permit, PermitRequest, TurnEnding, TurnStore } from "../core/turn-store.ts";
import { addSettle, type Errand } from "./errands.ts";
import { toHistoryRow, toStoredAnswer, toStoredBackground, toStoredFinals } from "./journal-fields.ts";
import { deadLetters, journalSeconds, type ShardKeys, settleSeconds } from "./keys.ts";
import { moveArguments } from "./move.ts";
import { runScript } from "./scripts.ts";
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
    ...createPageSteps(options),
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

/** What is noted of a reply's pages, and forgotten. */
function createPageSteps({
  redis,
  keys,
}: TurnStoreOptions): Pick<TurnStore, "recordPage" | "withdrawIntent" | "forgetPages" | "redirect"> {
  return {
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
    forgetPages: async (fence, from) => {
      const rest = [fence.message, fence.epoch, from, fileIndex];
      return (await runScript(redis, "forget-pages", [keys.journal(fence.conversation)], rest)) === 1;
    },
    redirect: async (fence, address) => {
      const rest = [fence.message, fence.epoch, toConversationId(address)];
      return (await runScript(redis, "redirect-reply", [keys.journal(fence.conversation)], rest)) === 1;
    },
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
      keys.answered(fence.conversation),
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
      ending.outcome,
      keys.seen("" as MessageId),
      ...ending.entries.map(toHistoryRow),
    ],
  );
  const count = z.number().parse(waiting);
  return count < 0 ? undefined : count;
}
