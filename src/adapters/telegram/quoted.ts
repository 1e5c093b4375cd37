/** What a message answers or quotes: the chosen part where there is one, else the whole message that is answered. */

import type { Quoted } from "../../core/message.ts";
import { isService, knownContent, unsupportedContent } from "./content.ts";
import type { BotIdentity } from "./identity.ts";
import { quotedUtf16 } from "./limits.ts";
import { nameOf, titleOf, toName } from "./names.ts";
import { toReadableText } from "./rich-text.ts";
import type { RepliedMessage, TelegramMessage } from "./update.ts";

type Self = Pick<BotIdentity, "id">;

/**
 * Telegram sends what is answered along, whoever wrote it and however old it is; of a message in another chat or topic
 * only the quote, which it adds by itself where its author chose none. Nothing is looked up.
 */
export function toQuoted(message: TelegramMessage, self: Self): Quoted | undefined {
  const { reply_to_message: replied, external_reply: external, quote } = message;
  // In a topic, a message that answers nothing is marked as an answer to the notice of the topic's creation.
  if (replied !== undefined && isService(replied)) return undefined;
  const whole = replied && textOf(replied);
  const chosen = quote?.is_manual === true;
  const text = (chosen || !whole ? quote?.text : whole) ?? "";
  const unsupported = chosen
    ? undefined
    : replied
      ? unsupportedContent(replied)
      : knownContent(external ?? {});
  if (text === "" && unsupported === undefined) return undefined;
  return {
    ...(replied === undefined ? originOf(external, self) : authorOf(replied, self)),
    chosen,
    text: text.slice(0, quotedUtf16),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

function textOf({ text, caption, rich_message: rich }: RepliedMessage): string {
  return text ?? caption ?? (rich === undefined ? "" : toReadableText(rich, quotedUtf16));
}

type Author = Pick<Quoted, "speaker" | "own">;

function authorOf({ from, sender_chat: chat }: RepliedMessage, self: Self): Author {
  if (chat !== undefined) return { speaker: titleOf(chat), own: false };
  return { speaker: from === undefined ? "" : nameOf(from), own: from?.id === self.id };
}

function originOf(external: TelegramMessage["external_reply"], self: Self): Author {
  const {
    sender_user: user,
    sender_user_name: hidden,
    sender_chat: chat,
    chat: channel,
  } = external?.origin ?? {};
  if (user !== undefined) return { speaker: nameOf(user), own: user.id === self.id };
  const place = chat ?? channel;
  return { speaker: place === undefined ? toName(hidden ?? "") : titleOf(place), own: false };
}
