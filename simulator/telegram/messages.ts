/** The methods that bring messages into a chat and change them there. */

import { z } from "zod";
import { BotApiError, badRequest, forbidden } from "./bot-api-error.ts";
import type { Drafts } from "./drafts.ts";
import { entitySchema, type FormattedText, findMentions, fixFormattedText, textLimits } from "./entities.ts";
import type { FloodControl } from "./flood-control.ts";
import { parseMarkup } from "./markup.ts";
import type { UploadedFile } from "./request.ts";
import { readRichMessage } from "./rich.ts";
import { latest, type SimChat, type SimMessage, type World } from "./state.ts";
import { toWireMessage } from "./wire.ts";

/** What happens in a chat, for whoever watches it. */
export type ChatChange =
  | { readonly kind: "message" | "edited" | "deleted"; readonly message: SimMessage }
  | { readonly kind: "typing"; readonly chatId: number; readonly action: string; readonly untilMs: number }
  /** The chat's draft is another one, or gone. */
  | { readonly kind: "draft"; readonly chatId: number };

/** What the methods work on. */
export interface MessageContext {
  readonly world: World;
  readonly flood: FloodControl;
  readonly drafts: Drafts;
  readonly botId: number;
  readonly changed: (change: ChatChange) => void;
  /** Told of what the real platform mends in silence. */
  readonly problem: (what: string) => void;
  /** Told of everybody whom a text of the bot's calls in a group. */
  readonly pinged: (name: string) => void;
  /** False: a server from before rich messages. */
  readonly knowsRich: boolean;
}

/** An id, also where the transport knows strings only. */
export const id = z.coerce.number().int();
const button = z.looseObject({
  text: z.string().min(1, "BUTTON_TEXT_INVALID"),
  // Exactly one action; others than this are none of ours.
  callback_data: z.string().refine((data) => {
    const bytes = Buffer.byteLength(data);
    return bytes >= 1 && bytes <= 64;
  }, "BUTTON_DATA_INVALID"),
});
/** An inline keyboard of buttons that call back, or a forced reply [platform-facts A2, A9]. */
export const markup = z
  .union([
    z.looseObject({ inline_keyboard: z.array(z.array(button).max(8)).max(100) }),
    z.looseObject({ force_reply: z.literal(true), input_field_placeholder: z.string().max(64).optional() }),
  ])
  .optional();
/** A flag, likewise; absent: false. */
export const flag = z.preprocess((value) => value === true || value === "true", z.boolean());
const formatting = {
  parse_mode: z.string().optional(),
  entities: z.array(entitySchema).optional(),
};
const sending = {
  chat_id: id,
  message_thread_id: id.optional(),
  disable_notification: flag,
  reply_markup: markup,
  reply_parameters: z.looseObject({ message_id: id, allow_sending_without_reply: flag }).optional(),
};
const linkPreviews = { link_preview_options: z.looseObject({ is_disabled: flag }).optional() };

const sendMessageSchema = z.looseObject({ ...sending, ...formatting, ...linkPreviews, text: z.string() });
const editSchema = z.looseObject({
  ...formatting,
  ...linkPreviews,
  chat_id: id,
  message_id: id,
  text: z.string().optional(),
  rich_message: z.unknown().optional(),
  reply_markup: markup,
});
const deleteSchema = z.looseObject({ chat_id: id, message_id: id });
const actionSchema = z.looseObject({ chat_id: id, action: z.string() });
const documentSchema = z.looseObject({
  ...sending,
  document: z.string(),
  caption: z.string().optional(),
  parse_mode: z.string().optional(),
  caption_entities: z.array(entitySchema).optional(),
});

/** `sendMessage` → the Message */
export function sendMessage(payload: unknown, context: MessageContext): unknown {
  const call = parse(sendMessageSchema, payload);
  const text = toText(call, textLimits.message, context);
  if (text.text === "") throw badRequest("message text is empty");
  return send(call, text, { linkPreviewsOff: call.link_preview_options?.is_disabled === true }, context);
}

/** `sendDocument` with an uploaded file → the Message */
export function sendDocument(
  payload: unknown,
  files: ReadonlyMap<string, UploadedFile>,
  context: MessageContext,
): unknown {
  const call = parse(documentSchema, payload);
  const caption = toText(
    { text: call.caption ?? "", parse_mode: call.parse_mode, entities: call.caption_entities },
    textLimits.caption,
    context,
  );
  const file = files.get(call.document.replace(/^attach:\/\//, ""));
  if (file === undefined) throw badRequest("there is no document in the request");
  if (file.content.length === 0) throw badRequest("file must be non-empty");
  if (file.content.length > 50 * 1024 * 1024) throw new BotApiError(413, "Request Entity Too Large");
  const document = {
    fileName: file.name,
    sizeBytes: file.content.length,
    text: file.content.toString("utf8"),
  };
  return send(call, caption, { document }, context);
}

/** `editMessageText` → the Message */
export function editMessageText(payload: unknown, context: MessageContext): unknown {
  const call = parse(editSchema, payload);
  const text = editedText(call, context);
  writableChat(call.chat_id, context.world, "edit");
  takeFlood(call.chat_id, context);
  const message = context.world.find(call.chat_id, call.message_id);
  if (message === undefined) throw badRequest("message to edit not found");
  if (message.fromId !== context.botId) throw badRequest("message can't be edited");
  if (message.document !== undefined) throw badRequest("there is no text in the message to edit");
  if (isSame(message, text, call.reply_markup)) {
    throw badRequest(
      "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  }
  const edited = context.world.edit(message, text, {
    replyMarkup: call.reply_markup,
    linkPreviewsOff: call.link_preview_options?.is_disabled === true,
  });
  callPeople(call.chat_id, text, context);
  context.changed({ kind: "edited", message: edited });
  return toWireMessage(edited, context.world);
}

function editedText(call: z.output<typeof editSchema>, context: MessageContext): FormattedText {
  if (call.rich_message !== undefined && context.knowsRich)
    return readRichMessage(call.rich_message, context.problem);
  const text = toText({ ...call, text: call.text ?? "" }, textLimits.message, context);
  if (text.text === "") throw badRequest("message text is empty");
  return text;
}

const richSchema = z.looseObject({ ...sending, rich_message: z.unknown() });

/** `sendRichMessage` → the Message */
export function sendRichMessage(payload: unknown, context: MessageContext): unknown {
  if (!context.knowsRich) throw new BotApiError(404, "Not Found");
  const call = parse(richSchema, payload);
  return send(call, readRichMessage(call.rich_message, context.problem), {}, context);
}

/** In a private chat there is nobody else to be called. */
function callPeople(chatId: number, text: FormattedText, { pinged }: MessageContext): void {
  if (chatId > 0 || text.rich !== undefined) return;
  for (const name of findMentions(text)) pinged(`${name} in ${chatId}`);
}

/** `deleteMessage` → true */
export function deleteMessage(payload: unknown, context: MessageContext): unknown {
  const call = parse(deleteSchema, payload);
  writableChat(call.chat_id, context.world);
  const message = context.world.find(call.chat_id, call.message_id);
  if (message === undefined) throw badRequest("message to delete not found");
  if (message.fromId !== context.botId && call.chat_id < 0) throw badRequest("message can't be deleted");
  context.changed({ kind: "deleted", message: context.world.remove(message) });
  return true;
}

const chatActions = new Set([
  "typing",
  "upload_photo",
  "record_video",
  "upload_video",
  "record_voice",
  "upload_voice",
  "upload_document",
  "choose_sticker",
  "find_location",
]);

/** `sendChatAction` → true; shown for 5 s or until a message of the bot's arrives */
export function sendChatAction(payload: unknown, context: MessageContext): unknown {
  const call = parse(actionSchema, payload);
  if (!chatActions.has(call.action)) throw badRequest("wrong parameter action in request");
  writableChat(call.chat_id, context.world);
  context.changed({
    kind: "typing",
    chatId: call.chat_id,
    action: call.action,
    untilMs: Date.now() + 5_000,
  });
  return true;
}

interface SendCall {
  readonly chat_id: number;
  readonly message_thread_id?: number | undefined;
  readonly disable_notification: boolean;
  readonly reply_markup?: unknown;
  readonly reply_parameters?:
    | { readonly message_id: number; readonly allow_sending_without_reply: boolean }
    | undefined;
}

function send(
  call: SendCall,
  text: FormattedText,
  extra: Partial<SimMessage>,
  context: MessageContext,
): unknown {
  const { world, botId, changed, drafts } = context;
  const chat = writableChat(call.chat_id, world);
  const threadId = checkedTopic(call, chat, world);
  const replyTo = repliedMessage(call, world);
  takeFlood(chat.id, context);
  const message = world.add(
    {
      ...extra,
      chatId: chat.id,
      fromId: botId,
      silent: call.disable_notification,
      ...(call.reply_markup === undefined ? {} : { replyMarkup: call.reply_markup }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(threadId === undefined ? {} : { threadId, isTopic: true }),
    },
    text,
  );
  drafts.goes(chat.id, threadId);
  callPeople(chat.id, text, context);
  changed({ kind: "message", message });
  return toWireMessage(message, world);
}

/** The text of a call, with its markup read and the platform's limits applied. @throws BotApiError */
export function toText(
  call: {
    readonly text: string;
    readonly parse_mode?: string | undefined;
    readonly entities?: FormattedText["entities"] | undefined;
  },
  limit: number,
  { problem }: MessageContext,
): FormattedText {
  if (Buffer.byteLength(call.text) > textLimits.rawBytes) throw badRequest("text is too long");
  const parsed = call.parse_mode
    ? parseMarkup(call.text, call.parse_mode)
    : { text: call.text, entities: call.entities ?? [] };
  const fixed = fixFormattedText(parsed, problem);
  if ([...fixed.text].length > limit) {
    throw badRequest(limit === textLimits.caption ? "message caption is too long" : "message is too long");
  }
  return fixed;
}

/**
 * The chat, if the bot may write there. In a group that has become a supergroup, messages can still be edited, and
 * nothing else [S:Client.cpp check_chat_access].
 * @throws BotApiError
 */
export function writableChat(chatId: number, world: World, what: "edit" | "write" = "write"): SimChat {
  const chat = world.chats.get(chatId);
  if (chat === undefined) throw badRequest("chat not found");
  switch (chat.closed) {
    case undefined:
      return chat;
    case "blocked":
      throw forbidden("bot was blocked by the user");
    case "deactivated":
      throw forbidden("user is deactivated");
    case "kicked":
      throw forbidden(`bot was kicked from the ${chat.type} chat`);
    case "upgraded":
      if (what === "edit") return chat;
      throw badRequest("group chat was upgraded to a supergroup chat", {
        migrate_to_chat_id: chat.upgradedTo ?? 0,
      });
    default:
      return chat.closed satisfies never;
  }
}

/** The General topic has an id that nobody may send to; where there are no topics, the parameter says nothing. */
function checkedTopic(call: SendCall, chat: SimChat, world: World): number | undefined {
  const threadId = call.message_thread_id;
  const hasTopics = chat.type === "private" || chat.isForum === true;
  if (threadId === undefined || !hasTopics) return undefined;
  const messages = [...world.messagesIn(chat.id).values()];
  const exists = messages.some((message) => message.isTopic === true && message.threadId === threadId);
  const isLost = chat.lostTopics?.includes(threadId) === true;
  if (threadId === 1 || !exists || isLost) throw badRequest("message thread not found");
  return threadId;
}

function repliedMessage(call: SendCall, world: World): number | undefined {
  const reply = call.reply_parameters;
  if (reply === undefined) return undefined;
  if (world.find(call.chat_id, reply.message_id) !== undefined) return reply.message_id;
  if (reply.allow_sending_without_reply) return undefined;
  throw badRequest("message to be replied not found");
}

export function takeFlood(chatId: number, { flood }: MessageContext): void {
  const verdict = flood.take(chatId, performance.now());
  if (verdict === "free") return;
  throw tooManyRequests(verdict.retryAfterS);
}

/** Drafts are counted by themselves, and refused while the chat is. @throws BotApiError 429 */
export function takeDraftFlood(chatId: number, { flood }: MessageContext): void {
  const verdict = flood.takeDraft(chatId, performance.now());
  if (verdict !== "free") throw tooManyRequests(verdict.retryAfterS);
}

/** A 429 as the server words it. */
export function tooManyRequests(retryAfterS: number): BotApiError {
  return new BotApiError(429, `Too Many Requests: retry after ${retryAfterS}`, { retry_after: retryAfterS });
}

function isSame(message: SimMessage, next: FormattedText, replyMarkup: unknown): boolean {
  const now = latest(message);
  return (
    now.text === next.text &&
    JSON.stringify(now.rich) === JSON.stringify(next.rich) &&
    JSON.stringify(now.entities) === JSON.stringify(next.entities) &&
    JSON.stringify(message.replyMarkup) === JSON.stringify(replyMarkup)
  );
}

/** The parameters of a call. @throws BotApiError */
export function parse<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  if (field.startsWith("reply_markup"))
    throw badRequest(codeIn(issue) ?? "can't parse reply keyboard markup JSON object");
  if (field === "text") throw badRequest("message text is empty");
  if (field === "chat_id") throw badRequest("chat_id is empty");
  throw badRequest(`can't parse ${field}: ${issue?.message}`);
}

/** The server's own code for a faulty button, which a union's issue holds within. */
function codeIn(issue: unknown): string | undefined {
  return /BUTTON_[A-Z_]+/.exec(JSON.stringify(issue))?.[0];
}
