/** A group that became a supergroup: Telegram says so in both, with the other's id. */

import { toConversationId } from "../../core/conversation.ts";
import type { Arrival } from "../../core/inbox.ts";
import { toAddress } from "./address.ts";
import type { TelegramMessage } from "./update.ts";

/** The move that a notice tells of; `undefined` when the message is none. A group has no topics, so it is one conversation. */
export function movedChat(
  { chat, migrate_to_chat_id: to, migrate_from_chat_id: from }: TelegramMessage,
  botId: number,
): Arrival | undefined {
  const conversationOf = (id: number) => toConversationId(toAddress(String(botId), { chat: { id } }));
  if (to !== undefined) return { kind: "moved", from: conversationOf(chat.id), to: conversationOf(to) };
  if (from !== undefined) return { kind: "moved", from: conversationOf(from), to: conversationOf(chat.id) };
  return undefined;
}
