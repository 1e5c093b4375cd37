/** The simulated world: people, chats and messages, as plain data that can be saved and restored. */

import type { Entity, FormattedText } from "./entities.ts";

/** A person or the bot. */
export interface SimUser {
  readonly id: number;
  readonly isBot: boolean;
  readonly firstName: string;
  readonly lastName?: string;
  readonly username?: string;
}

/** Who messages come from that are written in a chat's name: the Bot API puts a user of Telegram's own in `from`. */
export const standIns = {
  anonymousAdmin: { id: 1_087_968_824, isBot: true, firstName: "Group", username: "GroupAnonymousBot" },
  channel: { id: 136_817_688, isBot: true, firstName: "Channel", username: "Channel_Bot" },
  forwardedPost: { id: 777_000, isBot: false, firstName: "Telegram" },
} as const satisfies Readonly<Record<string, SimUser>>;

/** A chat that the bot is, or was, in; or a channel whose posts reach one. */
export interface SimChat {
  /** Positive: the person's id, a private chat. Negative: a group. */
  readonly id: number;
  readonly type: "private" | "group" | "supergroup" | "channel";
  readonly title?: string;
  readonly memberIds: readonly number[];
  /** Those of them who administer the group. */
  readonly administratorIds?: readonly number[];
  /** True in a supergroup with topics. */
  readonly isForum?: boolean;
  /** Topics that are gone, or that bots cannot reach any more. */
  readonly lostTopics?: readonly number[];
  /** Why the bot cannot write here; absent: it can. */
  readonly closed?: "blocked" | "kicked" | "deactivated" | "upgraded";
  /** The supergroup that a group has become. */
  readonly upgradedTo?: number;
}

/** What a message looked like from `atMs` on. */
export interface MessageState extends FormattedText {
  /** Ms since 1970. */
  readonly atMs: number;
}

/** A file that the bot sent. */
export interface SimDocument {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Its content read as UTF-8. */
  readonly text: string;
}

/** One message with everything it has been. */
export interface SimMessage {
  readonly id: number;
  readonly chatId: number;
  readonly fromId: number;
  readonly sentAtMs: number;
  /** Oldest first, at least one; the last is what people see. */
  readonly states: readonly MessageState[];
  readonly edits: number;
  readonly replyTo?: number;
  /** In whose name it is written: a channel, or the group itself. */
  readonly senderChatId?: number;
  /** A channel's post that Telegram forwarded into the discussion group by itself. */
  readonly isForwardedPost?: boolean;
  /** The part of the message answered that its author picked. */
  readonly quote?: string;
  readonly threadId?: number;
  /** True in a forum topic; false where `threadId` only names a reply chain. */
  readonly isTopic?: boolean;
  readonly silent?: boolean;
  readonly linkPreviewsOff?: boolean;
  readonly replyMarkup?: unknown;
  readonly document?: SimDocument;
  /** Fields of the Bot API for what is not text: `{voice: {…}}`. */
  readonly content?: Readonly<Record<string, unknown>>;
  readonly deletedAtMs?: number;
}

/** One button under a message. */
export interface SimButton {
  readonly text: string;
  readonly data: string;
}

/** A message as a person sees it now. */
export interface VisibleMessage {
  readonly id: number;
  readonly chatId: number;
  readonly from: SimUser;
  readonly sentAtMs: number;
  readonly text: string;
  readonly entities: readonly Entity[];
  /** The blocks of a rich message; text and entities are then what a person reads in them. */
  readonly rich?: readonly unknown[];
  /** How often it has been edited. */
  readonly edits: number;
  readonly replyTo?: number;
  readonly threadId?: number;
  readonly silent: boolean;
  /** The buttons under it, row by row; absent: none. */
  readonly buttons?: readonly (readonly SimButton[])[];
  /** An app opens the reply to it: for everybody, or for whom it answers alone. */
  readonly forcesReply?: "everybody" | "asker";
  readonly document?: SimDocument;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** The world as JSON; a simulator started with it goes on where the other one ended. */
export interface TelegramSnapshot {
  readonly v: 1;
  readonly users: readonly SimUser[];
  readonly chats: readonly SimChat[];
  readonly messages: readonly SimMessage[];
  readonly updates: readonly { readonly update_id: number }[];
  readonly nextUpdateId: number;
  readonly nextGroupId: number;
  readonly commands: readonly (readonly [string, unknown])[];
}

/** People, chats and messages of one simulator. Knows no rules: those are the methods' and the people's. */
export class World {
  readonly users = new Map<number, SimUser>();
  readonly chats = new Map<number, SimChat>();
  /** Command lists by scope and language. */
  readonly commands = new Map<string, unknown>();
  /** What people sent as files, by `file_id`. */
  readonly files = new Map<string, Buffer>();
  readonly #messages = new Map<number, Map<number, SimMessage>>();
  readonly #keepStates: boolean;
  nextGroupId = 1_000_000_001;

  /** @param keepStates false: a message keeps its latest state only, as a long-lived playground wants it */
  constructor(keepStates: boolean) {
    this.#keepStates = keepStates;
  }

  /** All messages of a chat by id, in order, deleted ones too. */
  messagesIn(chatId: number): ReadonlyMap<number, SimMessage> {
    return this.#messages.get(chatId) ?? new Map();
  }

  /** A message that is still there. */
  find(chatId: number, messageId: number | undefined): SimMessage | undefined {
    const found = messageId === undefined ? undefined : this.#messages.get(chatId)?.get(messageId);
    return found?.deletedAtMs === undefined ? found : undefined;
  }

  /** The id of the chat's next message. */
  nextIdIn(chatId: number): number {
    return this.messagesIn(chatId).size + 1;
  }

  /** Adds a message under the chat's next id. */
  add(message: Omit<SimMessage, "id" | "states" | "edits" | "sentAtMs">, state: FormattedText): SimMessage {
    const inChat = this.#messages.get(message.chatId) ?? new Map<number, SimMessage>();
    this.#messages.set(message.chatId, inChat);
    const sentAtMs = Date.now();
    const added: SimMessage = {
      ...message,
      id: inChat.size + 1,
      sentAtMs,
      states: [{ ...state, atMs: sentAtMs }],
      edits: 0,
    };
    inChat.set(added.id, added);
    return added;
  }

  /** Gives a message a new look. */
  edit(message: SimMessage, state: FormattedText, change: Partial<SimMessage> = {}): SimMessage {
    const next = { ...state, atMs: Date.now() };
    const states = this.#keepStates ? [...message.states, next] : [next];
    return this.#put({ ...message, ...change, states, edits: message.edits + 1 });
  }

  /** Takes a message out of everyone's sight. */
  remove(message: SimMessage): SimMessage {
    return this.#put({ ...message, deletedAtMs: Date.now() });
  }

  #put(message: SimMessage): SimMessage {
    this.#messages.get(message.chatId)?.set(message.id, message);
    return message;
  }

  /** What people see in a chat now, oldest first. */
  visible(chatId: number): VisibleMessage[] {
    const shown = [...this.messagesIn(chatId).values()].filter(
      (message) => message.deletedAtMs === undefined,
    );
    return shown.map((message) => this.toVisible(message));
  }

  /** A message as a person sees it now. */
  toVisible(message: SimMessage): VisibleMessage {
    const { text, entities, rich } = latest(message);
    return {
      id: message.id,
      chatId: message.chatId,
      from: this.user(message.fromId),
      sentAtMs: message.sentAtMs,
      text,
      entities,
      ...(rich === undefined ? {} : { rich }),
      edits: message.edits,
      ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
      ...(message.threadId === undefined ? {} : { threadId: message.threadId }),
      silent: message.silent === true,
      ...toVisibleMarkup(message.replyMarkup),
      ...(message.document === undefined ? {} : { document: message.document }),
      ...(message.content === undefined ? {} : { content: message.content }),
    };
  }

  /** @throws Error for an id that was never given out */
  user(id: number): SimUser {
    const user = this.users.get(id) ?? Object.values(standIns).find((standIn) => standIn.id === id);
    if (user === undefined) throw new Error(`The simulator knows no user ${id}`);
    return user;
  }

  /** Everything but pending updates, with each message in its latest state only. */
  save(): Omit<TelegramSnapshot, "v" | "updates" | "nextUpdateId"> {
    const messages = [...this.#messages.values()].flatMap((inChat) => [...inChat.values()]);
    return {
      users: [...this.users.values()],
      chats: [...this.chats.values()],
      messages: messages.map((message) => ({ ...message, states: [latest(message)] })),
      nextGroupId: this.nextGroupId,
      commands: [...this.commands],
    };
  }

  /** Takes over a saved world. */
  load(saved: TelegramSnapshot): void {
    for (const user of saved.users) this.users.set(user.id, user);
    for (const chat of saved.chats) this.chats.set(chat.id, chat);
    for (const message of saved.messages) {
      const inChat = this.#messages.get(message.chatId) ?? new Map<number, SimMessage>();
      this.#messages.set(message.chatId, inChat.set(message.id, message));
    }
    for (const [scope, list] of saved.commands) this.commands.set(scope, list);
    this.nextGroupId = saved.nextGroupId;
  }
}

/** What a person sees of a `reply_markup` that was read already. */
function toVisibleMarkup(markup: unknown): Pick<VisibleMessage, "buttons" | "forcesReply"> {
  if (typeof markup !== "object" || markup === null) return {};
  const {
    inline_keyboard: rows,
    force_reply: force,
    selective,
  } = markup as Readonly<Record<string, unknown>>;
  if (force === true) return { forcesReply: selective === true ? "asker" : "everybody" };
  if (!Array.isArray(rows)) return {};
  type WireButton = { readonly text: string; readonly callback_data: string };
  return {
    buttons: rows.map((row: readonly WireButton[]) =>
      row.map(({ text, callback_data: data }) => ({ text, data })),
    ),
  };
}

/** The state that people see. */
export function latest(message: SimMessage): MessageState {
  const state = message.states.at(-1);
  if (state === undefined) throw new Error(`Message ${message.id} has no state`);
  return state;
}
