/**
 * Drafts: text that a bot shows in a private chat without sending it. It goes when it is not renewed, or when a message
 * of the bot's arrives [Bot API sendMessageDraft; core.telegram.org/api/bots/ai].
 */

import { z } from "zod";
import { BotApiError, badRequest } from "./bot-api-error.ts";
import { type Entity, entitySchema, type FormattedText, textLimits } from "./entities.ts";
import { flag, id, type MessageContext, parse, takeDraftFlood, toText, writableChat } from "./messages.ts";
import { readRichMessage } from "./rich.ts";

/** A draft as a person sees it. */
export interface Draft {
  readonly chatId: number;
  readonly threadId?: number | undefined;
  /** In decimal, as the server writes it. */
  readonly draftId: string;
  readonly text: string;
  readonly entities: readonly Entity[];
  /** The blocks of a rich draft. */
  readonly rich?: readonly unknown[];
  /** It has a stop button. */
  readonly canStop: boolean;
  readonly keepOnStop: boolean;
  readonly untilMs: number;
}

/** What the drafts of a simulator work on. */
export interface DraftsOptions {
  readonly lifetimeMs: number;
  /** The draft of a chat is another one, or gone. */
  readonly changed: (chatId: number) => void;
  /** A stop button was pressed. */
  readonly stopped: (draft: Draft) => void;
}

/** The drafts that are shown: at most one in each chat or topic. */
export class Drafts {
  readonly #options: DraftsOptions;
  readonly #shown = new Map<string, Draft>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: DraftsOptions) {
    this.#options = options;
  }

  get lifetimeMs(): number {
    return this.#options.lifetimeMs;
  }

  /** What is shown in a chat now. */
  in(chat: { readonly id: number }, threadId?: number): Draft | undefined {
    return this.#shown.get(keyOf(chat.id, threadId));
  }

  /** The bot shows a draft in the place of the one before. */
  show(draft: Draft): void {
    const key = keyOf(draft.chatId, draft.threadId);
    this.#shown.set(key, draft);
    clearTimeout(this.#timers.get(key));
    const expire = () => this.goes(draft.chatId, draft.threadId);
    this.#timers.set(key, setTimeout(expire, draft.untilMs - Date.now()).unref());
    this.#options.changed(draft.chatId);
  }

  /** A message of the bot's arrived, or the time is over. */
  goes(chatId: number, threadId?: number): void {
    const key = keyOf(chatId, threadId);
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    if (this.#shown.delete(key)) this.#options.changed(chatId);
  }

  /** The person presses the draft's stop button. @throws Error when there is none to be seen */
  pressesStop(chat: { readonly id: number }, threadId?: number): void {
    const draft = this.in(chat, threadId);
    if (draft?.canStop !== true) throw new Error(`No stop button in chat ${chat.id}`);
    if (draft.keepOnStop) this.show({ ...draft, canStop: false });
    else this.goes(chat.id, threadId);
    this.#options.stopped(draft);
  }

  /** Ends all timers. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}

function keyOf(chatId: number, threadId: number | undefined): string {
  return `${chatId} ${threadId ?? ""}`;
}

const draftSchema = z.looseObject({
  chat_id: id,
  message_thread_id: id.optional(),
  draft_id: z.coerce
    .string()
    .regex(/^-?\d+$/)
    .catch("0"),
  text: z.string().default(""),
  rich_message: z.unknown().optional(),
  parse_mode: z.string().optional(),
  entities: z.array(entitySchema).optional(),
  can_stop: flag,
  keep_on_stop: flag,
});

/** `sendMessageDraft` → true */
export function sendMessageDraft(payload: unknown, context: MessageContext): unknown {
  const call = parse(draftSchema, payload);
  return show(call, toText(call, textLimits.message, context), context);
}

/** `sendRichMessageDraft` → true */
export function sendRichMessageDraft(payload: unknown, context: MessageContext): unknown {
  if (!context.knowsRich) throw new BotApiError(404, "Not Found");
  const call = parse(draftSchema, payload);
  return show(call, readRichMessage(call.rich_message, context.problem), context);
}

function show(
  call: z.output<typeof draftSchema>,
  { text, entities, rich }: FormattedText,
  context: MessageContext,
): true {
  const chat = writableChat(call.chat_id, context.world);
  if (chat.type !== "private") throw badRequest("TEXTDRAFT_PEER_INVALID");
  if (/^-?0+$/.test(call.draft_id)) throw badRequest("RANDOM_ID_INVALID");
  takeDraftFlood(chat.id, context);
  const { drafts } = context;
  drafts.show({
    chatId: chat.id,
    threadId: call.message_thread_id,
    draftId: call.draft_id,
    text,
    entities,
    ...(rich === undefined ? {} : { rich }),
    canStop: call.can_stop,
    keepOnStop: call.keep_on_stop,
    untilMs: Date.now() + drafts.lifetimeMs,
  });
  return true;
}
