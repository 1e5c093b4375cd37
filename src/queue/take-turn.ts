/** Taking a conversation's next or interrupted turn: one script, whose answer is everything that the run begins with. */

import type { Redis } from "ioredis";
import { z } from "zod";
import {
  type ConversationId,
  type MessageId,
  parseConversationId,
  toChatConversation,
} from "../core/conversation.ts";
import { scopesOf } from "../core/settings/scopes.ts";
import type { Timing } from "../core/timing.ts";
import type { Fence, TakenTurn } from "../core/turn-store.ts";
import { parseTakenTurn, toFields } from "./journal-fields.ts";
import { awaySeconds, journalSeconds, type ShardKeys } from "./keys.ts";
import { runScript } from "./scripts.ts";
import { standingArguments } from "./standing.ts";

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
