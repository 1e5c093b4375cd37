/** Conversations that go on under another id: a platform has given their chat a new one. */

import type { Redis } from "ioredis";
import { type ConversationId, toChatConversation } from "../core/conversation.ts";
import type { Timing } from "../core/timing.ts";
import { type ShardKeys, seenSeconds } from "./keys.ts";
import type { ScriptArgument } from "./scripts.ts";

/** Which conversation goes on, and as which. */
export interface Move {
  readonly from: ConversationId;
  readonly to: ConversationId;
}

/**
 * Message ids begin anew under the new id. What was said before counts as so much earlier: above any message id and
 * within what a number holds exactly.
 */
const earlierBy = 2 ** 40;

/** So many history entries go along: more than any context holds, and a moment's work for Redis. */
const mostEntries = 5_000;

/**
 * What `move-conversation` takes.
 * @param epoch of the run that asks and then ends, if it is one
 */
export function moveArguments(
  keys: ShardKeys,
  { from, to }: Move,
  { historyDays, timing }: { readonly historyDays: number; readonly timing: Pick<Timing, "aliveForMs"> },
  epoch?: number,
): { readonly keys: readonly string[]; readonly rest: readonly ScriptArgument[] } {
  const ofEach = [
    keys.journal,
    keys.inbox,
    keys.messages,
    keys.history,
    keys.historyStart,
    keys.stop,
    keys.away,
    (conversation: ConversationId) => keys.settings(conversation),
    (conversation: ConversationId) => keys.changes(conversation),
  ];
  return {
    keys: [
      keys.moved(from),
      keys.formerly(toChatConversation(to)),
      keys.pending,
      ...[from, to].flatMap((conversation) => ofEach.map((key) => key(conversation))),
      keys.answered(from),
      keys.answered(to),
    ],
    rest: [
      from,
      to,
      earlierBy,
      seenSeconds,
      mostEntries,
      historyDays * 86_400,
      epoch ?? "",
      timing.aliveForMs,
    ],
  };
}

/** Where something said in `conversation` at `order` belongs now: it may have been on its way while the chat moved. */
export async function followMove(
  redis: Redis,
  keys: ShardKeys,
  conversation: ConversationId,
  order: number,
): Promise<{ readonly conversation: ConversationId; readonly order: number }> {
  const to = await redis.get(keys.moved(conversation));
  if (to === null) return { conversation, order };
  return { conversation: to as ConversationId, order: order - earlierBy };
}
