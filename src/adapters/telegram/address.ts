/** Telegram's chat and topic ids ⇄ conversation addresses. */

import type { Address } from "../../core/conversation.ts";

/** The name under which core knows this adapter. */
export const platformName = "telegram";

/** Where a message stands, in Telegram's words. */
export interface Place {
  readonly chat: { readonly id: number };
  readonly message_thread_id?: number | undefined;
  readonly is_topic_message?: boolean | undefined;
}

/**
 * The bot's id, which stands in its token in front of the colon: known before the first call.
 * @throws Error when `token` has no such form; its message does not hold the token
 */
export function toBotId(token: string): string {
  const id = /^(\d+):[\w-]+$/.exec(token)?.[1];
  if (id === undefined)
    throw new Error("A Telegram bot token has the form 123456:ABC-DEF…; this one has not.");
  return id;
}

/**
 * The lease of whoever polls, or sets the webhook: two that take turns at it would take each other's updates away.
 * @param botId from {@link toBotId}
 */
export function intakeLease(botId: string): string {
  return `telegram-poll:${botId}`;
}

/**
 * The conversation of a place: the chat, or the topic in it. A thread id without `is_topic_message` only names a
 * reply chain of a plain supergroup and must not be sent back [platform-facts A9].
 */
export function toAddress(botId: string, place: Place): Address {
  const { chat, message_thread_id: thread, is_topic_message: isTopic } = place;
  return {
    platform: platformName,
    scope: botId,
    chat: String(chat.id),
    ...(isTopic === true && thread !== undefined ? { thread: String(thread) } : {}),
  };
}

/** Ids of supergroups and channels lie below; a group's id is negative and above, and ends when it becomes a supergroup. */
const supergroupIds = -1_000_000_000_000;

/**
 * A message's id as core holds it. In a group it names the group as well: in the supergroup that it may become, ids begin
 * anew, while the old messages stay where they are and can still be edited there [S:Client.cpp check_chat_access].
 */
export function toNativeId(chatId: number, messageId: number): string {
  return chatId < 0 && chatId > supergroupIds ? `${chatId}/${messageId}` : String(messageId);
}

/** Where a message is. @param chatId the chat of an id that names none */
export function parseNativeId(
  id: string,
  chatId: number,
): { readonly chatId: number; readonly messageId: number } {
  const [first = "", second] = id.split("/");
  if (second === undefined) return { chatId, messageId: Number(first) };
  return { chatId: Number(first), messageId: Number(second) };
}

/** Where to send, as the Bot API's methods take it. Chat ids have at most 52 significant bits. */
export interface Destination {
  readonly chatId: number;
  readonly thread: { readonly message_thread_id?: number };
}

/** @throws Error for an address of another platform's */
export function toDestination(address: Address): Destination {
  const chatId = Number(address.chat);
  const threadId = address.thread === undefined ? undefined : Number(address.thread);
  if (address.platform !== platformName || !Number.isSafeInteger(chatId) || Number.isNaN(threadId)) {
    throw new Error(`Not a Telegram address: ${address.platform} ${address.chat}`);
  }
  return { chatId, thread: threadId === undefined ? {} : { message_thread_id: threadId } };
}
