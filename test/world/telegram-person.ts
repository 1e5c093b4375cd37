/** A person on the simulated Telegram. */

import type { TelegramSimulator } from "../../simulator/telegram/index.ts";
import type { ContentKind, SentFile } from "../../simulator/telegram/people.ts";
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

  /** The labels of the buttons under the newest message of the bot's that has some, row by row. */
  buttons(): readonly (readonly string[])[] {
    return this.#withButtons()?.buttons?.map((row) => row.map(({ text }) => text)) ?? [];
  }

  /** Presses the button with this label. @returns the press's id */
  presses(label: string, by = this.user): string {
    const message = this.#withButtons();
    const button = message?.buttons?.flat().find(({ text }) => text === label);
    if (!message || !button) throw new Error(`There is no button ${label} among ${this.buttons().join()}`);
    return this.#telegram.press(by, message, button.data);
  }

  /** What this person was shown in windows, oldest first. */
  alerts(): readonly string[] {
    const { answers } = this.#telegram.presses;
    return answers
      .filter(({ userId, isAlert }) => isAlert && userId === this.user.id)
      .map(({ text }) => text);
  }

  /** Replies to the bot's newest message. */
  replies(text: string): void {
    const [last] = this.#own().slice(-1);
    if (!last) throw new Error("There is nothing to reply to");
    this.#telegram.says(this.user, this.chat, text, { replyTo: last.id, ...this.#place() });
  }

  /** Sends a file, as a reply to the bot's newest message or with a caption. */
  sendsFile(file: SentFile, how: { readonly caption?: string } = {}): void {
    const [last] = this.#own().slice(-1);
    const reply = how.caption === undefined && last ? { replyTo: last.id } : {};
    this.#telegram.sendsFile(this.user, this.chat, file, { ...how, ...reply, ...this.#place() });
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

  #place() {
    return this.topic === undefined ? {} : { threadId: this.topic };
  }

  #withButtons() {
    return this.#own().findLast(({ buttons }) => buttons !== undefined);
  }

  #own() {
    return this.#telegram
      .visible(this.chat)
      .filter(({ from }) => from.id === this.#telegram.botUser.id)
      .filter(({ threadId }) => this.topic === undefined || threadId === this.topic);
  }
}
