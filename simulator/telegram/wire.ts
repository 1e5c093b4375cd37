/** The world in the Bot API's own words: users, chats and messages as JSON. */

import { toWireRich } from "./rich.ts";
import { latest, type SimChat, type SimMessage, type SimUser, type World } from "./state.ts";

/** A `User`. */
export function toWireUser(user: SimUser): Record<string, unknown> {
  return {
    id: user.id,
    is_bot: user.isBot,
    first_name: user.firstName,
    last_name: user.lastName,
    username: user.username,
    ...(user.isBot ? {} : { language_code: "en" }),
  };
}

/** A `Chat`. */
export function toWireChat(chat: SimChat, world: World): Record<string, unknown> {
  if (chat.type !== "private") {
    return { id: chat.id, type: chat.type, title: chat.title, is_forum: chat.isForum };
  }
  const person = world.user(chat.id);
  return {
    id: chat.id,
    type: "private",
    first_name: person.firstName,
    last_name: person.lastName,
    username: person.username,
  };
}

/** A `Message`; `undefined` fields vanish in JSON. The message replied to carries no reply of its own. */
export function toWireMessage(message: SimMessage, world: World, depth = 0): Record<string, unknown> {
  const chat = world.chats.get(message.chatId);
  const sender = message.senderChatId === undefined ? undefined : world.chats.get(message.senderChatId);
  const replied = depth === 0 ? repliedBy(message, chat, world) : undefined;
  const { text, entities, rich, atMs } = latest(message);
  const caption = message.content !== undefined || message.document !== undefined;
  const formatted = entities.length > 0 ? entities : undefined;
  return {
    message_id: message.id,
    from: toWireUser(world.user(message.fromId)),
    sender_chat: sender && toWireChat(sender, world),
    chat: chat && toWireChat(chat, world),
    is_automatic_forward: message.isForwardedPost,
    date: Math.floor(message.sentAtMs / 1000),
    edit_date: message.edits > 0 ? Math.floor(atMs / 1000) : undefined,
    message_thread_id: message.threadId,
    is_topic_message: message.isTopic === true ? true : undefined,
    reply_to_message: replied && toWireMessage(replied, world, depth + 1),
    quote: depth === 0 ? quoteOf(message, replied) : undefined,
    ...(caption
      ? { caption: text === "" ? undefined : text, caption_entities: formatted }
      : rich === undefined
        ? { text, entities: formatted }
        : { rich_message: toWireRich(rich) }),
    document: message.document && {
      file_id: `document-${message.id}`,
      file_unique_id: `document-${message.id}`,
      file_name: message.document.fileName,
      file_size: message.document.sizeBytes,
    },
    ...message.content,
    reply_markup: message.replyMarkup,
    link_preview_options: message.linkPreviewsOff === true ? { is_disabled: true } : undefined,
  };
}

/** In a forum, a message that answers nothing answers the notice of its topic's creation [S:Client.cpp]. */
function repliedBy(message: SimMessage, chat: SimChat | undefined, world: World): SimMessage | undefined {
  if (message.replyTo !== undefined) return world.find(message.chatId, message.replyTo);
  const isInForum = chat?.isForum === true && message.isTopic === true && message.threadId !== message.id;
  return isInForum ? world.find(message.chatId, message.threadId) : undefined;
}

/** A `TextQuote`, chosen by hand. */
function quoteOf({ quote: text }: SimMessage, replied: SimMessage | undefined): unknown {
  if (text === undefined) return undefined;
  return { text, position: Math.max(0, replied ? latest(replied).text.indexOf(text) : 0), is_manual: true };
}
