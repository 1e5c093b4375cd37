/** The methods of the simulated Bot API by name. */

import { z } from "zod";
import { badRequest } from "./bot-api-error.ts";
import { sendMessageDraft, sendRichMessageDraft } from "./drafts.ts";
import {
  deleteMessage,
  editMessageText,
  type MessageContext,
  sendChatAction,
  sendDocument,
  sendMessage,
  sendRichMessage,
} from "./messages.ts";
import type { Presses } from "./presses.ts";
import { editMessageReplyMarkup } from "./reply-markup.ts";
import type { ApiRequest } from "./request.ts";
import type { UpdateQueue } from "./updates.ts";
import type { WebhookDelivery } from "./webhook.ts";
import { toWireUser } from "./wire.ts";

/** What all methods work on. */
export interface MethodContext extends MessageContext {
  readonly updates: UpdateQueue;
  readonly webhook: WebhookDelivery;
  /** True: the bot sees all messages of its groups. */
  readonly canReadAllGroupMessages: boolean;
  readonly presses: Presses;
}

/** @param gone aborts when the caller hangs up */
type Method = (request: ApiRequest, context: MethodContext, gone: AbortSignal) => unknown;

/** Every method there is; another name is answered by 404, as the server does. Names are case-insensitive there. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["getMe", (_request, context) => getMe(context)],
  ["getUpdates", getUpdates],
  ["getWebhookInfo", (_request, { webhook }) => webhook.info()],
  ["setWebhook", setWebhook],
  ["deleteWebhook", deleteWebhook],
  ["sendMessage", ({ payload }, context) => sendMessage(payload, context)],
  ["sendRichMessage", ({ payload }, context) => sendRichMessage(payload, context)],
  ["sendDocument", ({ payload, files }, context) => sendDocument(payload, files, context)],
  ["editMessageText", ({ payload }, context) => editMessageText(payload, context)],
  ["editMessageReplyMarkup", ({ payload }, context) => editMessageReplyMarkup(payload, context)],
  ["deleteMessage", ({ payload }, context) => deleteMessage(payload, context)],
  ["sendChatAction", ({ payload }, context) => sendChatAction(payload, context)],
  ["sendMessageDraft", ({ payload }, context) => sendMessageDraft(payload, context)],
  ["sendRichMessageDraft", ({ payload }, context) => sendRichMessageDraft(payload, context)],
  ["setMyCommands", setMyCommands],
  ["deleteMyCommands", deleteMyCommands],
  ["getMyCommands", getMyCommands],
  ["getFile", getFile],
  ["getChatMember", getChatMember],
  ["answerCallbackQuery", ({ payload }, { presses }) => presses.answer(payload)],
]);

function getMe({ world, botId, canReadAllGroupMessages }: MethodContext): unknown {
  return {
    ...toWireUser(world.user(botId)),
    can_join_groups: true,
    can_read_all_group_messages: canReadAllGroupMessages,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
  };
}

const pollSchema = z.looseObject({
  offset: z.coerce.number().int().catch(0),
  limit: z.coerce.number().int().catch(100),
  timeout: z.coerce.number().catch(0),
  allowed_updates: z.array(z.string()).optional(),
});

async function getUpdates({ payload }: ApiRequest, { updates }: MethodContext, gone: AbortSignal) {
  const { offset, limit, timeout, allowed_updates } = pollSchema.parse(payload);
  return await updates.poll({ offset, limit, timeout, allowedUpdates: allowed_updates }, gone);
}

function setWebhook({ payload }: ApiRequest, { webhook }: MethodContext): unknown {
  webhook.set(payload);
  return true;
}

function deleteWebhook({ payload }: ApiRequest, { webhook }: MethodContext): unknown {
  webhook.remove(payload.drop_pending_updates === true || payload.drop_pending_updates === "true");
  return true;
}

const commandsSchema = z.looseObject({
  commands: z
    .array(
      z.looseObject({
        command: z.string().regex(/^\/?[a-z0-9_]{1,32}$/, "BOT_COMMAND_INVALID"),
        description: z.string().min(1, "BOT_COMMAND_DESCRIPTION_INVALID").max(256),
      }),
    )
    .max(100, "BOT_COMMANDS_TOO_MUCH"),
  scope: z.unknown().optional(),
  language_code: z.string().default(""),
});

const chatScope = z.looseObject({ type: z.literal("chat"), chat_id: z.coerce.number() });

function setMyCommands({ payload }: ApiRequest, { world }: MethodContext): unknown {
  const parsed = commandsSchema.safeParse(payload);
  if (!parsed.success) throw badRequest(parsed.error.issues[0]?.message ?? "BOT_COMMAND_INVALID");
  const { success, data } = chatScope.safeParse(parsed.data.scope);
  if (success && !world.chats.has(data.chat_id)) throw badRequest("chat not found");
  world.commands.set(scopeKey(parsed.data.scope, parsed.data.language_code), parsed.data.commands);
  return true;
}

function deleteMyCommands({ payload }: ApiRequest, { world }: MethodContext): unknown {
  world.commands.delete(scopeKey(payload.scope, String(payload.language_code ?? "")));
  return true;
}

function getMyCommands({ payload }: ApiRequest, { world }: MethodContext): unknown {
  return world.commands.get(scopeKey(payload.scope, String(payload.language_code ?? ""))) ?? [];
}

const maxDownloadBytes = 20 * 1024 * 1024;

/** The link holds for an hour; here it holds as long as the file [platform-facts A2]. */
function getFile({ payload }: ApiRequest, { world }: MethodContext): unknown {
  const id = String(payload.file_id ?? "");
  const content = world.files.get(id);
  if (content === undefined) throw badRequest("invalid file_id");
  if (content.length > maxDownloadBytes) throw badRequest("file is too big");
  return { file_id: id, file_unique_id: id, file_size: content.length, file_path: `documents/${id}` };
}

function scopeKey(scope: unknown, language: string): string {
  return `${JSON.stringify(scope ?? { type: "default" })} ${language}`;
}

const memberSchema = z.looseObject({ chat_id: z.coerce.number().int(), user_id: z.coerce.number().int() });

function getChatMember({ payload }: ApiRequest, { world, botId }: MethodContext): unknown {
  const parsed = memberSchema.safeParse(payload);
  const chat = parsed.success ? world.chats.get(parsed.data.chat_id) : undefined;
  if (!parsed.success || chat === undefined) throw badRequest("chat not found");
  const user = world.users.get(parsed.data.user_id);
  if (user === undefined) throw badRequest("PARTICIPANT_ID_INVALID");
  if (user.id === botId && chat.closed === "kicked") return { status: "kicked", user: toWireUser(user) };
  const present = user.id === botId || user.id === chat.id || chat.memberIds.includes(user.id);
  const role = chat.administratorIds?.includes(user.id) ? "administrator" : "member";
  return { status: present ? role : "left", user: toWireUser(user) };
}
