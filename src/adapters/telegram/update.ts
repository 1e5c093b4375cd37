/** The parts of an update that Parley reads, parsed with all tolerance: what is not named here may be anything. */

import { z } from "zod";

const person = z.looseObject({
  id: z.number().int(),
  is_bot: z.boolean().default(false),
  first_name: z.string().default(""),
  last_name: z.string().optional(),
});

const entity = z.looseObject({
  type: z.string(),
  offset: z.number().int(),
  length: z.number().int(),
  user: z.looseObject({ id: z.number().int() }).optional(),
  url: z.string().optional(),
  language: z.string().optional(),
});

const chatName = z.looseObject({ id: z.number().int(), title: z.string().default("") });

/** What is answered: another message, also one from before the bot was there, or of the bot's own. */
const reply = z.looseObject({
  message_id: z.number().int().optional(),
  date: z.number().optional(),
  from: person.optional(),
  sender_chat: chatName.optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  rich_message: z.unknown().optional(),
});

/** Who wrote what is answered in another chat or topic; the text comes as a quote only. */
const externalReply = z.looseObject({
  origin: z.looseObject({
    sender_user: person.optional(),
    sender_user_name: z.string().optional(),
    sender_chat: chatName.optional(),
    chat: chatName.optional(),
  }),
});

const quote = z.looseObject({ text: z.string(), is_manual: z.boolean().default(false) });

const document = z.looseObject({
  file_id: z.string(),
  file_name: z.string().default(""),
  mime_type: z.string().default(""),
  file_size: z.number().default(0),
});

/** A file that came with a message. */
export type TelegramFile = Readonly<z.output<typeof document>>;

const message = z.looseObject({
  message_id: z.number().int(),
  date: z.number(),
  edit_date: z.number().optional(),
  chat: z.looseObject({ id: z.number().int(), type: z.string() }),
  from: person.optional(),
  /** Who it is written as, when not as a person: the group itself (an anonymous admin) or a channel. */
  sender_chat: chatName.optional(),
  is_automatic_forward: z.boolean().optional(),
  via_bot: z.unknown().optional(),
  message_thread_id: z.number().int().optional(),
  is_topic_message: z.boolean().optional(),
  /** The group has become that supergroup; the supergroup was that group. */
  migrate_to_chat_id: z.number().int().optional(),
  migrate_from_chat_id: z.number().int().optional(),
  media_group_id: z.string().optional(),
  text: z.string().optional(),
  entities: z.array(entity).default([]),
  caption: z.string().optional(),
  caption_entities: z.array(entity).default([]),
  rich_message: z.unknown().optional(),
  document: document.optional().catch(undefined),
  // What cannot be read of these is left out: it is not the message itself.
  reply_to_message: reply.optional().catch(undefined),
  external_reply: externalReply.optional().catch(undefined),
  quote: quote.optional().catch(undefined),
});

/** A message as Telegram delivers it. */
export type TelegramMessage = Readonly<z.output<typeof message>>;

/** The message that a message answers. */
export type RepliedMessage = NonNullable<TelegramMessage["reply_to_message"]>;

/** One span of a text that means something; in UTF-16 units. */
export type TelegramEntity = Readonly<z.output<typeof entity>>;

/** The server writes the draft's id as text, though the documentation calls it a number. */
const stopped = z.looseObject({
  chat: z.looseObject({ id: z.number().int() }),
  draft_id: z.coerce.string().regex(/^-?\d+$/),
});

/** Who pressed the stop button under which draft; there is one in private chats only. */
export type TelegramStop = Readonly<z.output<typeof stopped>>;

/** The buttons that a message carries at the time of a press. */
const keyboard = z.looseObject({
  inline_keyboard: z.array(z.array(z.looseObject({ callback_data: z.string().optional() }))),
});

const press = z.looseObject({
  id: z.string(),
  from: person,
  data: z.string().optional(),
  /** Absent under an inline result; without its date when it is too old for Telegram to show. */
  message: message
    .pick({ message_id: true, date: true, chat: true, message_thread_id: true, is_topic_message: true })
    .extend({ reply_markup: keyboard.optional().catch(undefined) })
    .optional(),
});

/** The press of a button. */
export type TelegramPress = Readonly<z.output<typeof press>>;

const update = z.looseObject({
  message: message.optional(),
  edited_message: message.optional(),
  stopped_message_generation: stopped.optional(),
  callback_query: press.optional(),
});

/** A message, or what one has become. */
export interface TelegramUpdate {
  readonly message: TelegramMessage;
  /** Its author changed it, or something about it changed that nobody reads. */
  readonly isEdit: boolean;
}

/**
 * The message of an update; `undefined` when the update is of a kind that Parley does not read.
 * @throws ZodError when there is a message and it cannot be read
 */
export function parseUpdate(given: unknown): TelegramUpdate | undefined {
  const { message, edited_message: edited } = update.parse(given);
  if (message !== undefined) return { message, isEdit: false };
  return edited === undefined ? undefined : { message: edited, isEdit: true };
}

/** The press of a draft's stop button; `undefined` when the update is none. @throws ZodError when it cannot be read */
export function parseStop(given: unknown): TelegramStop | undefined {
  return update.parse(given).stopped_message_generation;
}

/** The press of a button; `undefined` when the update is none. @throws ZodError when it cannot be read */
export function parsePress(given: unknown): TelegramPress | undefined {
  return update.parse(given).callback_query;
}

/** The kinds of updates that are asked for. A server that does not know one leaves it out. */
export const allowedUpdates = [
  "message",
  "edited_message",
  "callback_query",
  "stopped_message_generation",
] as const;
