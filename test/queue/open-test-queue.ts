/** A queue on a real Redis of the test's own, with workers whose turns the test scripts. */

import { pino } from "pino";
import type { ConversationId, MessageId } from "../../src/core/conversation.ts";
import { toConversationId, toMessageId } from "../../src/core/conversation.ts";
import { createEvents } from "../../src/core/events.ts";
import type { IncomingMessage } from "../../src/core/message.ts";
import type { Patience } from "../../src/core/patience.ts";
import { type Timing, timing } from "../../src/core/timing.ts";
import { type OpenQueue, openQueue } from "../../src/queue/queue.ts";

/** Waits short enough for a test. */
export const shrunk: Timing = {
  ...timing,
  lockMs: 600,
  stalledCheckMs: 60,
  aliveEveryMs: 100,
  aliveForMs: 300,
  yieldMs: 100,
  reconnectGraceMs: 400,
  sweepEveryMs: 100,
  sweepAfterMs: 300,
  redisReconnectMs: 50,
  forgetAfterMs: 200,
  textPartMs: 200,
  albumPartMs: 250,
  partLookMs: 40,
  settleMs: 200,
  brokenMs: 200,
};

/** Opens a queue whose log is silent. */
export function openTestQueue(
  url: string,
  options: { readonly timing?: Timing; readonly namespace?: string; readonly patience?: Patience } = {},
): OpenQueue {
  const events = createEvents(pino({ level: "silent" }));
  return openQueue({ url, events, timing: shrunk, historyDays: 30, onGone: () => undefined, ...options });
}

const address = { platform: "telegram", scope: "1", chat: "7" };

/** The conversation of {@link message}, unless another chat is given. */
export function conversation(chat = "7"): ConversationId {
  return toConversationId({ ...address, chat });
}

/** A message of a person; `order` is also its platform id. */
export function message(
  order: number,
  changes: Partial<IncomingMessage> & { readonly chat?: string } = {},
): IncomingMessage {
  const { chat = "7", ...rest } = changes;
  return {
    v: 1,
    id: toMessageId({ ...address, chat }, String(order)) as MessageId,
    conversation: conversation(chat),
    nativeId: String(order),
    order,
    author: { id: "5", name: "Ann" },
    place: "private",
    text: `question ${order}`,
    answer: true,
    sentAtMs: 1_700_000_000_000 + order,
    ...rest,
  };
}
