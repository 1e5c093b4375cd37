/** A person on the simulated Telegram. */

import type { TelegramSimulator } from "../../simulator/telegram/index.ts";
import type { ContentKind } from "../../simulator/telegram/people.ts";
import type { SimChat, SimMessage, SimUser } from "../../simulator/telegram/state.ts";
import { type Person, patienceMs } from "./person.ts";

/** Somebody in a private chat, a group or a topic with the bot. */
export class TelegramPerson implements Person {
  readonly user: SimUser;
  readonly chat: SimChat;
  /** The topic in which they are; absent: the chat itself, with whatever is said in it. */
  readonly topic: number | undefined;
  readonly #telegram: TelegramSimulator;

  /** @param chat absent: the person's private chat, which is opened */
  constructor(telegram: TelegramSimulator, user: SimUser, chat?: SimChat, topic?: number) {
    this.#telegram = telegram;
    this.topic = topic;
    this.user = user;
    this.chat = chat ?? telegram.createPrivateChat(user);
  }

  /** In a group the bot is mentioned. */
  says(text: string): SimMessage {
    const isGroup = this.chat.id < 0 && !text.startsWith("/");
    return this.#telegram.says(this.user, this.chat, text, {
      ...(isGroup ? { mentionBot: true } : {}),
      ...(this.topic === undefined ? {} : { threadId: this.topic }),
    });
  }

  sends(kind: ContentKind, caption = ""): void {
    this.#telegram.sends(this.user, this.chat, kind, { caption });
  }

  answers(): readonly string[] {
    return this.#own().map((message) => message.text);
  }

  /** The bot's messages with all that the simulator knows of them. */
  messages() {
    return this.#own();
  }

  looks() {
    const posts = ["sendMessage", "sendRichMessage"];
    const calls = this.#telegram.calls.filter(({ method, applied }) => applied && posts.includes(method));
    const ids = calls
      .map(
        (call) =>
          (call.answer as { readonly result: { readonly chat: { id: number }; readonly message_id: number } })
            .result,
      )
      .filter(({ chat }) => chat.id === this.chat.id)
      .map(({ message_id: id }) => id)
      .toSorted((a, b) => a - b);
    return ids.map((id) => this.#telegram.history({ chatId: this.chat.id, id }));
  }

  isBusy(): boolean {
    return this.#telegram
      .callsOf("sendChatAction")
      .some((call) => call.applied && call.payload.chat_id === this.chat.id);
  }

  async until(holds: () => boolean, deadlineMs = patienceMs): Promise<void> {
    await this.#telegram.until(() => holds(), deadlineMs);
  }

  #own() {
    return this.#telegram
      .visible(this.chat)
      .filter(({ from }) => from.id === this.#telegram.botUser.id)
      .filter(({ threadId }) => this.topic === undefined || threadId === this.topic);
  }
}
