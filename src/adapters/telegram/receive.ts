/** An update → what Parley acts on. Pure: the same update always gives the same arrivals. */

import { parseLine } from "../../core/commands/command-answer.ts";
import { isCommandName, listedCommands, whoMay } from "../../core/commands/declarations.ts";
import { type Address, type MessageId, toConversationId, toMessageId } from "../../core/conversation.ts";
import type { Arrival } from "../../core/inbox.ts";
import type { EditedContent, IncomingCommand, IncomingMessage } from "../../core/message.ts";
import { toAddress, toNativeId } from "./address.ts";
import { asTyped } from "./as-typed.ts";
import { isService, unsupportedContent } from "./content.ts";
import type { BotIdentity } from "./identity.ts";
import { richTextUtf16 } from "./limits.ts";
import { movedChat } from "./moved-chat.ts";
import { nameOf, titleOf, toName } from "./names.ts";
import { partOf } from "./parts.ts";
import { toPressArrivals } from "./press.ts";
import { toQuoted } from "./quoted.ts";
import { toReadableText } from "./rich-text.ts";
import {
  parsePress,
  parseStop,
  parseUpdate,
  type TelegramEntity,
  type TelegramFile,
  type TelegramMessage,
} from "./update.ts";

/** What receiving needs to know of the bot. */
export type Self = Pick<BotIdentity, "id" | "username">;

/**
 * What an update means for Parley; nothing when it is not for the bot.
 *
 * - Private chats always are; groups when the bot is mentioned, replied to or given a command. What else is said in a
 *   group may be a part of something that is for the bot, or be answered there by setting: the inbox knows, and drops the
 *   rest.
 * - Inline results (`via_bot`) and the bot's own messages never are; other bots' are where they call it, and are no commands.
 * - An edit is what its message says now. Edited into a command it is nothing.
 * - `/name` is a command when Parley declares it. In groups a bare `/name` counts too (a client adds `@bot` only where
 *   several bots are): admins' commands silently for who may not give them, `start` and unknown ones not at all;
 *   `/name@other` is the other bot's.
 * - An unknown command to the bot is a command all the same, so that its sender is told.
 * - What answers a prompt of the bot's is the text that the prompt asks for, whatever it begins with.
 *
 * @param wanted the line of the command whose prompt the message answers, see {@link promptIn}
 * @throws ZodError for a message that cannot be read: set it aside and go on
 */
export function toArrivals(update: unknown, self: Self, wanted?: string): readonly Arrival[] {
  const parsed = parseUpdate(update);
  if (parsed === undefined) return eventIn(update, self);
  const { message, isEdit } = parsed;
  const moved = movedChat(message, self.id);
  if (moved !== undefined) return [moved];
  const place = placeOf(message);
  const author = authorOf(message, self);
  if (place === undefined || author === undefined || isService(message)) return [];
  const told = { message, text: textOf(message), place, self };
  const command = wantedIn(told, wanted) ?? commandIn(told);
  if (command === "other" || (author.isBot === true && (command !== undefined || !isAddressed(told))))
    return [];
  const address = toAddress(String(self.id), message);
  const common = { ...idsOf(message, address), author, place };
  if (command !== undefined) {
    if (isEdit) return [];
    const about = aboutOf(told, address);
    const meant = { ...command, ...(about === undefined ? {} : { about }) };
    return [{ kind: "command", command: { v: 1, ...common, reach: "conversation", ...meant } }];
  }
  const unsupported = unsupportedContent(message);
  const text = withoutMention(told.text.text, self);
  if (text === "" && unsupported === undefined) return [];
  const isForBot = place === "private" || isAddressed(told);
  const content = { text, ...(unsupported === undefined ? {} : { unsupported }) };
  if (isEdit) return [toEdit(message, common, content, isForBot)];
  const part = partOf(message);
  if (!isForBot && part === undefined && text === "") return [];
  const quoted = toQuoted(message, self);
  const incoming: Omit<IncomingMessage, "v" | keyof typeof common> = {
    ...content,
    ...(quoted === undefined ? {} : { quoted }),
    answer: true,
    ...(part === undefined ? {} : { part }),
    ...(isInChain(message) ? { inChain: true as const } : {}),
    ...(isForBot ? {} : { onlyAsPart: true as const, unaddressed: callsOthers(told) ? "others" : "nobody" }),
  };
  return [{ kind: "message", message: { v: 1, ...common, ...incoming } }];
}

/** Comments on a channel's post are such a chain; a topic is none [facts A9]. */
function isInChain({ message_thread_id: thread, is_topic_message: isTopic }: TelegramMessage): boolean {
  return thread !== undefined && isTopic !== true;
}

function aboutOf({ message, self }: Told, address: Address): IncomingCommand["about"] {
  const { message_id: id, date, from, forum_topic_created: topic } = message.reply_to_message ?? {};
  if (id === undefined || topic !== undefined) return undefined;
  const nativeId = toNativeId(message.chat.id, id);
  return { id: toMessageId(address, nativeId), own: from?.id === self.id, sentAtMs: (date ?? 0) * 1_000 };
}

/** Edits come in their order, in whole seconds: the later one of a second counts. */
function toEdit(
  message: TelegramMessage,
  { id, conversation }: Pick<IncomingMessage, "id" | "conversation">,
  content: Omit<EditedContent, "v">,
  expected: boolean,
): Arrival {
  const version = message.edit_date ?? message.date;
  return { kind: "edit", id, conversation, content: { v: 1, ...content }, version, expected };
}

/** The id of the bot's message that a new message answers: it may be a prompt. */
export function promptIn(update: unknown, self: Self): MessageId | undefined {
  const { message, isEdit } = parseUpdate(update) ?? {};
  const replied = message?.reply_to_message;
  if (isEdit !== false || replied?.message_id === undefined || replied.from?.id !== self.id) return undefined;
  const { chat } = message as TelegramMessage;
  const address = toAddress(String(self.id), { chat });
  return toMessageId(address, toNativeId(chat.id, replied.message_id));
}

/** What is no message: a press, or a stop. A draft's id is that of the message that it answers; its topic is not told. */
function eventIn(update: unknown, self: Self): readonly Arrival[] {
  const press = parsePress(update);
  if (press !== undefined) return toPressArrivals(press, self.id, Date.now());
  const stop = parseStop(update);
  if (stop === undefined) return [];
  const address = toAddress(String(self.id), { chat: stop.chat });
  return [
    {
      kind: "stop",
      id: `draft ${stop.draft_id}`,
      conversation: toConversationId(address),
      // The other person of a private chat has the chat's id.
      author: String(stop.chat.id),
      atMs: Date.now(),
      only: toMessageId(address, stop.draft_id),
    },
  ];
}

/** Marks of messages that lie in a world of their own, where an answer would need more than the chat's id. */
const otherWorlds = [
  "business_connection_id",
  "direct_messages_topic",
  "ephemeral_message_id",
  "guest_query_id",
] as const;

interface MarkedText {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
}

interface Told {
  readonly message: TelegramMessage;
  readonly text: MarkedText;
  readonly place: "private" | "group";
  readonly self: Self;
}

/** `undefined` where the bot takes no part: channels, their direct messages, accounts of businesses, messages that vanish. */
function placeOf(message: TelegramMessage): "private" | "group" | undefined {
  if (otherWorlds.some((field) => message[field] !== undefined)) return undefined;
  const { chat } = message;
  if (chat.type === "private") return "private";
  return chat.type === "group" || chat.type === "supergroup" ? "group" : undefined;
}

/** Anonymous admins and people who write as their channel come as a bot of Telegram's with a `sender_chat`. */
function authorOf(message: TelegramMessage, self: Self): IncomingMessage["author"] | undefined {
  const { from, sender_chat: chat } = message;
  if (from === undefined || from.id === self.id) return undefined;
  if (message.is_automatic_forward === true || message.via_bot !== undefined) return undefined;
  if (chat !== undefined) return { id: String(chat.id), name: titleOf(chat), isChat: true };
  const author = { id: String(from.id), name: nameOf(from) };
  return from.is_bot ? { ...author, isBot: true } : author;
}

function textOf(message: TelegramMessage): MarkedText {
  if (message.text !== undefined) return { text: message.text, entities: message.entities };
  const { caption, caption_entities: entities, rich_message: rich } = message;
  if (caption !== undefined || rich === undefined) return { text: caption ?? "", entities };
  return { text: toReadableText(rich, richTextUtf16), entities: [] };
}

function idsOf(message: TelegramMessage, address: Address) {
  return {
    id: toMessageId(address, String(message.message_id)),
    conversation: toConversationId(address),
    nativeId: toNativeId(message.chat.id, message.message_id),
    order: message.message_id,
    sentAtMs: message.date * 1_000,
  };
}

type Command = Pick<IncomingCommand, "name" | "argument" | "text" | "file" | "isCut" | "isAnyones">;

/** The text that a prompt has asked for. */
function wantedIn({ message, text }: Told, wanted: string | undefined): Command | undefined {
  const line = wanted === undefined ? undefined : parseLine(wanted);
  if (line === undefined) return undefined;
  const command = { name: line.command, argument: line.argument };
  if (message.document !== undefined) return { ...command, file: toFile(message.document) };
  const typed = asTyped(text.text, text.entities);
  return { ...command, text: typed, ...(partOf(message)?.kind === "cut" ? { isCut: true } : {}) };
}

function toFile({ file_id: id, file_name: name, mime_type: mimeType, file_size: bytes }: TelegramFile) {
  return { id, name: toName(name), mimeType, bytes };
}

/** The command that a message begins with; `other` when it is another bot's; `undefined` when it is a text. */
function commandIn(told: Told): Command | "other" | undefined {
  const { text, entities } = told.text;
  const entity = entities.find(({ type, offset }) => type === "bot_command" && offset === 0);
  const { text: written, document } = told.message;
  if (entity === undefined || (written === undefined && document === undefined)) return undefined;
  const [word = "", suffix] = text.slice(1, entity.length).split("@");
  const name = word.toLowerCase();
  const after = entities.filter(({ offset }) => offset >= entity.length);
  const argument = asTyped(text, after).slice(entity.length).trim();
  const command = { name, argument, ...(document === undefined ? {} : { file: toFile(document) }) };
  const ours = suffix?.toLowerCase() === told.self.username.toLowerCase();
  if (suffix !== undefined && !ours) return told.place === "group" ? "other" : undefined;
  if (told.place === "group" && suffix === undefined) return bareInGroup(told, command);
  return command;
}

/** A bare command in a group reaches every bot there: it is taken up only when Parley offers it to some who are there. */
function bareInGroup(told: Told, command: Command): Command | "other" | undefined {
  const { name } = command;
  if (listedCommands.some((listed) => listed.name === name)) return command;
  const isAdmins = isCommandName(name) && whoMay(name) !== "everyone";
  if (isAdmins) return isReplyToUs(told) ? command : { ...command, isAnyones: true };
  return isReplyToUs(told) ? undefined : "other";
}

/** True when the bot is mentioned or replied to. */
function isAddressed(told: Told): boolean {
  const { text, entities } = told.text;
  const handle = `@${told.self.username}`.toLowerCase();
  const mentioned = entities.some(({ type, offset, length, user }) => {
    if (type === "text_mention") return user?.id === told.self.id;
    return type === "mention" && text.slice(offset, offset + length).toLowerCase() === handle;
  });
  return mentioned || isReplyToUs(told);
}

/** True when it mentions or answers somebody, none of whom is the bot. */
function callsOthers({ text: { entities }, message }: Told): boolean {
  const replied = message.reply_to_message;
  const answers = replied !== undefined && replied.forum_topic_created === undefined;
  return answers || entities.some(({ type }) => type === "mention" || type === "text_mention");
}

/** In a topic, a message that answers nothing is marked as a reply to the notice of the topic's creation. */
function isReplyToUs({ message, self }: Told): boolean {
  const replied = message.reply_to_message;
  return replied?.from?.id === self.id && replied.forum_topic_created === undefined;
}

/** The text without the bot's own mention in front, unless that is all there is. */
function withoutMention(text: string, self: Self): string {
  const trimmed = text.trim();
  const handle = `@${self.username}`;
  const begins = trimmed.slice(0, handle.length).toLowerCase() === handle.toLowerCase();
  if (!begins || /^\w/.test(trimmed.slice(handle.length))) return trimmed;
  const rest = trimmed.slice(handle.length).replace(/^[\s,:;.!-]+/, "");
  return rest === "" ? trimmed : rest;
}
