/** What people do in their Telegram apps, and the updates that the bot gets of it. */

import { cutText } from "./cut-text.ts";
import { type Entity, findEntities } from "./entities.ts";
import type { ChatChange } from "./messages.ts";
import type { Presses } from "./presses.ts";
import { latest, type SimChat, type SimMessage, type SimUser, standIns, type World } from "./state.ts";
import type { UpdateQueue } from "./updates.ts";
import { toWireChat, toWireMessage, toWireUser } from "./wire.ts";

/** How a message is written. */
export interface SaysOptions {
  /** Answers this message. */
  readonly replyTo?: number | { readonly id: number };
  /** Writes in the name of this chat: of the group itself as an anonymous admin, or of a channel. */
  readonly as?: { readonly id: number };
  /** Picks this part of the message that is answered. */
  readonly quote?: string;
  /** Puts `@bot ` in front. */
  readonly mentionBot?: boolean;
  /** In this forum topic; or, with `replyChain`, in this reply chain of a plain supergroup. */
  readonly threadId?: number;
  readonly replyChain?: boolean;
  /** Instead of what a client would mark in the text. */
  readonly entities?: readonly Entity[];
  /** Further fields of the Message, for kinds of updates that the simulator does not know. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What people send besides text. */
export type ContentKind =
  | "animation"
  | "audio"
  | "contact"
  | "dice"
  | "document"
  | "location"
  | "photo"
  | "poll"
  | "sticker"
  | "story"
  | "video"
  | "video_note"
  | "voice";

/** A file on somebody's disk. */
export interface SentFile {
  readonly name: string;
  readonly content: string | Buffer;
  readonly mimeType?: string;
  /** The size that the update names, where that is not the true one. */
  readonly claimedBytes?: number;
}

/** What the people of a simulator work on. */
export interface PeopleContext {
  readonly world: World;
  readonly updates: UpdateQueue;
  readonly botId: number;
  readonly canReadAllGroupMessages: boolean;
  readonly presses: Presses;
  readonly changed: (change: ChatChange) => void;
}

/** The people of one simulator. */
export class People {
  readonly #context: PeopleContext;
  #albums = 0;

  constructor(context: PeopleContext) {
    this.#context = context;
  }

  /** Writes a text; one above 4,096 characters goes out in pieces, as clients do. @returns its first message */
  says(user: SimUser, chat: SimChat, text: string, options: SaysOptions): SimMessage {
    const { world, botId } = this.#context;
    const whole = options.mentionBot ? `@${world.user(botId).username} ${text}` : text;
    const pieces = cutText(whole);
    // What is given as it is, an empty text too, goes out as it is.
    const sent = (pieces.length > 1 ? pieces : [whole]).map((piece) => {
      const entities = options.entities ?? findEntities(piece);
      return this.#sends(user, chat, { text: piece, entities }, options);
    });
    const [first] = sent;
    if (first === undefined) throw new Error("A message needs a text");
    return first;
  }

  /** Sends something else than text, with or without a caption. */
  sends(user: SimUser, chat: SimChat, kind: ContentKind, caption: string, options: SaysOptions): SimMessage {
    const { world, botId } = this.#context;
    const text = options.mentionBot ? `@${world.user(botId).username} ${caption}`.trim() : caption;
    const entities = options.entities ?? findEntities(text);
    return this.#sends(user, chat, { text, entities }, options, { [kind]: sampleContent(kind) });
  }

  /** Sends a file with a content of its own, which the bot can fetch. */
  sendsFile(
    user: SimUser,
    chat: SimChat,
    file: SentFile,
    options: SaysOptions & { caption?: string },
  ): SimMessage {
    const { caption = "" } = options;
    const { files } = this.#context.world;
    const id = `file-${files.size + 1}`;
    const bytes = typeof file.content === "string" ? Buffer.from(file.content) : file.content;
    files.set(id, bytes);
    const document = {
      file_id: id,
      file_unique_id: id,
      file_name: file.name,
      mime_type: file.mimeType ?? "text/plain",
      file_size: file.claimedBytes ?? bytes.length,
    };
    const text = { text: caption, entities: options.entities ?? findEntities(caption) };
    return this.#sends(user, chat, text, options, { document });
  }

  /** Sends an album: as many messages as it has pictures, the caption on the first. */
  sendsAlbum(
    user: SimUser,
    chat: SimChat,
    kinds: readonly ContentKind[],
    caption: string,
    options: SaysOptions,
  ): readonly SimMessage[] {
    this.#albums += 1;
    const fields = { ...options.fields, media_group_id: `1370000000000${this.#albums}` };
    return kinds.map((kind, index) => {
      const isFirst = index === 0;
      const own = { ...options, fields, mentionBot: isFirst && options.mentionBot === true };
      return this.sends(user, chat, kind, isFirst ? caption : "", own);
    });
  }

  /** Changes an own message. */
  edits(message: SimMessage, text: string): SimMessage {
    const { world, changed } = this.#context;
    const edited = world.edit(message, { text, entities: findEntities(text) });
    changed({ kind: "edited", message: edited });
    this.#delivers("edited_message", edited);
    return edited;
  }

  /** Presses a button under a message. @returns the id of the callback query */
  presses(user: SimUser, message: SimMessage, data: string): string {
    const { world, updates, presses } = this.#context;
    const id = presses.begin(user.id, updates.nextId);
    updates.push({
      callback_query: {
        id,
        from: toWireUser(user),
        message: toWireMessage(message, world),
        chat_instance: String(message.chatId),
        data,
      },
    });
    return id;
  }

  /** Pressed the stop button under a draft. The server tells neither who nor in which topic. */
  stops({ chatId, draftId }: { readonly chatId: number; readonly draftId: string }): void {
    const { world, updates } = this.#context;
    const chat = world.chats.get(chatId);
    if (chat)
      updates.push({ stopped_message_generation: { chat: toWireChat(chat, world), draft_id: draftId } });
  }

  /** Opens or closes a chat for the bot, as the platform tells it in `my_chat_member`. */
  closes(chat: SimChat, by: SimUser, closed: SimChat["closed"]): SimChat {
    const { world, updates, botId } = this.#context;
    const { closed: before, ...open } = chat;
    const next: SimChat = closed === undefined ? open : { ...open, closed };
    world.chats.set(chat.id, next);
    const member = (state: SimChat["closed"]) => ({
      user: toWireUser(world.user(botId)),
      status: state === undefined ? "member" : "kicked",
    });
    updates.push({
      my_chat_member: {
        chat: toWireChat(next, world),
        from: toWireUser(by),
        date: Math.floor(Date.now() / 1000),
        old_chat_member: member(before),
        new_chat_member: member(closed),
      },
    });
    return next;
  }

  /** Delivers a message again under a new `update_id`, `times` times. */
  redeliver(message: SimMessage, times: number): void {
    for (let i = 0; i < times; i += 1) this.#delivers("message", message);
  }

  #sends(
    user: SimUser,
    chat: SimChat,
    text: { readonly text: string; readonly entities: readonly Entity[] },
    options: SaysOptions,
    content?: Readonly<Record<string, unknown>>,
  ): SimMessage {
    const replyTo = typeof options.replyTo === "object" ? options.replyTo.id : options.replyTo;
    const message = this.#context.world.add(
      {
        chatId: chat.id,
        ...senderOf(user, chat, options.as),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(options.quote === undefined ? {} : { quote: options.quote }),
        ...(options.threadId === undefined
          ? {}
          : { threadId: options.threadId, isTopic: options.replyChain !== true }),
        ...(content === undefined ? {} : { content }),
      },
      text,
    );
    this.#context.changed({ kind: "message", message });
    this.#delivers("message", message, options.fields);
    return message;
  }

  #delivers(kind: string, message: SimMessage, fields: Readonly<Record<string, unknown>> = {}): void {
    const { world, updates } = this.#context;
    if (this.#botSees(message)) updates.push({ [kind]: { ...toWireMessage(message, world), ...fields } });
  }

  /** Privacy mode: a bot surely gets commands, replies to it and mentions [platform-facts A9]. */
  #botSees(message: SimMessage): boolean {
    const { world, botId, canReadAllGroupMessages } = this.#context;
    const chat = world.chats.get(message.chatId);
    if (chat === undefined || chat.closed !== undefined) return false;
    if (chat.type === "private" || canReadAllGroupMessages) return true;
    if (world.find(message.chatId, message.replyTo)?.fromId === botId) return true;
    const { text, entities } = latest(message);
    const username = world.user(botId).username?.toLowerCase();
    return entities.some((entity) => {
      const marked = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
      if (entity.type === "mention") return marked === `@${username}`;
      if (entity.type === "bot_command") return !marked.includes("@") || marked.endsWith(`@${username}`);
      return entity.type === "text_mention";
    });
  }
}

function senderOf(user: SimUser, chat: SimChat, as: SaysOptions["as"]) {
  if (as === undefined) return { fromId: user.id };
  const standIn = as.id === chat.id ? standIns.anonymousAdmin : standIns.channel;
  return { fromId: standIn.id, senderChatId: as.id };
}

/** The least that the Bot API says of each kind. */
function sampleContent(kind: ContentKind): unknown {
  const file = { file_id: `${kind}-1`, file_unique_id: `${kind}-1`, file_size: 1_000 };
  switch (kind) {
    case "photo":
      return [{ ...file, width: 640, height: 480 }];
    case "location":
      return { latitude: 52.52, longitude: 13.4 };
    case "contact":
      return { phone_number: "+491700000000", first_name: "Ada" };
    case "dice":
      return { emoji: "🎲", value: 4 };
    case "poll":
      return { id: "1", question: "Tea or coffee?", options: [], total_voter_count: 0, type: "regular" };
    case "voice":
    case "audio":
    case "video_note":
      return { ...file, duration: 3, length: 240, mime_type: "audio/ogg" };
    default:
      return { ...file, width: 512, height: 512, duration: 3, type: "regular", file_name: "notes.pdf" };
  }
}
