/** `editMessageReplyMarkup`. */

import { z } from "zod";
import { badRequest } from "./bot-api-error.ts";
import { id, type MessageContext, markup, parse, takeFlood, writableChat } from "./messages.ts";
import { latest } from "./state.ts";
import { toWireMessage } from "./wire.ts";

const schema = z.looseObject({ chat_id: id, message_id: id, reply_markup: markup });

/** Gives a message other buttons, or none; its text stays. */
export function editMessageReplyMarkup(payload: unknown, context: MessageContext): unknown {
  const call = parse(schema, payload);
  writableChat(call.chat_id, context.world, "edit");
  takeFlood(call.chat_id, context);
  const message = context.world.find(call.chat_id, call.message_id);
  if (message === undefined) throw badRequest("message to edit not found");
  if (message.fromId !== context.botId) throw badRequest("message can't be edited");
  if (JSON.stringify(message.replyMarkup) === JSON.stringify(call.reply_markup))
    throw badRequest("message is not modified");
  const edited = context.world.edit(message, latest(message), { replyMarkup: call.reply_markup });
  context.changed({ kind: "edited", message: edited });
  return toWireMessage(edited, context.world);
}
