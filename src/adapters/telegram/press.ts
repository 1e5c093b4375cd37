/** The press of a button under a message of the bot's → a command. Pure, but for the time of the press. */

import { keptLine, parseButton } from "../../core/commands/button.ts";
import { toConversationId, toMessageId } from "../../core/conversation.ts";
import type { Arrival } from "../../core/inbox.ts";
import { toAddress, toNativeId } from "./address.ts";
import { nameOf } from "./names.ts";
import type { TelegramPress } from "./update.ts";

/**
 * The command that a press gives. Whose button it is, and whether it still means anything, is seen when it is carried
 * out; a press of what is none of ours is one of a button that means nothing any more.
 */
export function toPressArrivals(press: TelegramPress, botId: number, nowMs: number): readonly Arrival[] {
  const { message, from } = press;
  // Under a message of an inline result there is no chat to answer in; in channels the bot takes no part.
  if (message === undefined || from.is_bot || message.chat.type === "channel") return [];
  const address = toAddress(String(botId), message);
  const nativeId = toNativeId(message.chat.id, message.message_id);
  // Without its date a message is too old for Telegram itself: in which topic it stands is not told.
  const meant = message.date !== 0 && isCarried(press) ? parseButton(press.data ?? "") : undefined;
  return [
    {
      kind: "command",
      command: {
        v: 1,
        id: toMessageId(address, `press ${press.id}`),
        conversation: toConversationId(address),
        nativeId,
        order: message.message_id,
        author: { id: String(from.id), name: nameOf(from) },
        place: message.chat.type === "private" ? "private" : "group",
        reach: "conversation",
        name: meant?.name ?? keptLine,
        argument: meant?.argument ?? "",
        button: { page: nativeId, press: press.id, isPrivate: false },
        sentAtMs: nowMs,
      },
    },
  ];
}

/**
 * True when the message has a button of that data. Telegram passes on whatever an app says was pressed, under any message
 * of the bot's [Bot API CallbackQuery.data]; the answer to a press takes the place of its message, so that whoever forges
 * one could overwrite what was answered to others.
 */
function isCarried({ data, message }: TelegramPress): boolean {
  const buttons = message?.reply_markup?.inline_keyboard.flat() ?? [];
  return data !== undefined && buttons.some((button) => button.callback_data === data);
}
