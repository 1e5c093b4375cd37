/** What happens to places: topics come and go, groups become supergroups, channels post into their discussion groups. */

import { findEntities } from "./entities.ts";
import type { PeopleContext } from "./people.ts";
import { type SimChat, type SimMessage, type SimUser, standIns } from "./state.ts";
import { toWireMessage } from "./wire.ts";

/** The places of one simulator. */
export class Places {
  readonly #context: PeopleContext;

  constructor(context: PeopleContext) {
    this.#context = context;
  }

  /** Ids of supergroups and channels begin with -100, those of groups do not. */
  nextId(type: SimChat["type"]): number {
    const { world } = this.#context;
    const number = world.nextGroupId;
    world.nextGroupId += 1;
    return type === "group" ? -(number % 1_000_000_000) - 5_000_000 : -1_000_000_000_000 - number;
  }

  /** Opens a topic in a forum, or in a person's chat with the bot. @returns its `message_thread_id` */
  createTopic(chat: { readonly id: number }, by: SimUser, name: string): number {
    const { world } = this.#context;
    // The first message of a chat is no topic: its id is the General topic's.
    if (world.nextIdIn(chat.id) === 1) this.#tells(chat.id, by, { supergroup_chat_created: true }, {}, false);
    const threadId = world.nextIdIn(chat.id);
    const content = { forum_topic_created: { name, icon_color: 7_322_096 } };
    this.#tells(chat.id, by, content, { threadId, isTopic: true });
    return threadId;
  }

  /**
   * Deletes a topic with all that was said in it; bots are not told.
   * @param messages `kept`: people still see it, and only bots cannot reach it any more (tdlib/telegram-bot-api#693)
   */
  losesTopic(
    chat: { readonly id: number },
    threadId: number,
    messages: "deleted" | "kept" = "deleted",
  ): void {
    const { world, changed } = this.#context;
    const { lostTopics = [], ...rest } = this.#chat(chat.id);
    world.chats.set(chat.id, { ...rest, lostTopics: [...lostTopics, threadId] });
    if (messages === "kept") return;
    for (const message of world.messagesIn(chat.id).values()) {
      if (message.threadId !== threadId || message.deletedAtMs !== undefined) continue;
      changed({ kind: "deleted", message: world.remove(message) });
    }
  }

  /**
   * Makes a group a supergroup: a new chat with message ids from 1 on; in the old one only edits work.
   * @param updates `lost`: the bot is not told
   */
  upgrade(group: { readonly id: number }, by: SimUser, updates: "sent" | "lost" = "sent"): SimChat {
    const { world } = this.#context;
    const before = this.#chat(group.id);
    const supergroup: SimChat = { ...before, id: this.nextId("supergroup"), type: "supergroup" };
    world.chats.set(supergroup.id, supergroup);
    const say = updates === "sent";
    this.#tells(before.id, by, { migrate_to_chat_id: supergroup.id }, {}, say);
    world.chats.set(before.id, { ...before, closed: "upgraded", upgradedTo: supergroup.id });
    const sender = { fromId: standIns.anonymousAdmin.id, senderChatId: supergroup.id };
    this.#tells(supergroup.id, by, { migrate_from_chat_id: before.id }, sender, say);
    return supergroup;
  }

  /** Makes a member of a group one of its administrators, or no longer. */
  appoints(user: SimUser, chat: { readonly id: number }, administers = true): void {
    const before = this.#chat(chat.id);
    const others = (before.administratorIds ?? []).filter((id) => id !== user.id);
    const administratorIds = administers ? [...others, user.id] : others;
    this.#context.world.chats.set(chat.id, { ...before, administratorIds });
  }

  /** A channel; the bot is not in it. */
  createChannel(title: string): SimChat {
    const channel: SimChat = { id: this.nextId("channel"), type: "channel", title, memberIds: [] };
    this.#context.world.chats.set(channel.id, channel);
    return channel;
  }

  /** A channel's post as Telegram forwards it into the discussion group; comments answer it. */
  forwardsPost(channel: SimChat, discussion: { readonly id: number }, text: string): SimMessage {
    const { world, updates, changed, canReadAllGroupMessages } = this.#context;
    const message = world.add(
      {
        chatId: discussion.id,
        fromId: standIns.forwardedPost.id,
        senderChatId: channel.id,
        isForwardedPost: true,
      },
      { text, entities: findEntities(text) },
    );
    changed({ kind: "message", message });
    if (canReadAllGroupMessages) updates.push({ message: toWireMessage(message, world) });
    return message;
  }

  /** A notice of Telegram's own, which bots get in any mode. */
  #tells(
    chatId: number,
    by: SimUser,
    content: Readonly<Record<string, unknown>>,
    more: Partial<SimMessage>,
    say = true,
  ): void {
    const { world, updates, changed } = this.#context;
    const message = world.add({ fromId: by.id, ...more, chatId, content }, { text: "", entities: [] });
    changed({ kind: "message", message });
    if (say) updates.push({ message: toWireMessage(message, world) });
  }

  #chat(id: number): SimChat {
    const chat = this.#context.world.chats.get(id);
    if (chat === undefined) throw new Error(`The simulator knows no chat ${id}`);
    return chat;
  }
}
