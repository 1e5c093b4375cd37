/** One Telegram chat: messages in bubbles, typing, and a place to write. */

import { Composer } from "./composer.js";
import { avatar, el, peopleText } from "./dom.js";
import { Liveness } from "./live.js";
import { emptyList, MessageList } from "./message-list.js";
import { telegramBubble, telegramDraft, telegramQuote } from "./telegram-bubble.js";

const suggestions = [
  "Explain DNS in a few words",
  "Compare tea and coffee in a table",
  "Show me a shell one-liner",
];

export class TelegramChat {
  #chat;
  #bot;
  #send;
  #messages = new Map();
  #live = new Liveness((id) => this.#draw(this.#messages.get(id)));
  #list;
  #composer;
  #subtitle = el("p", { class: "subtitle" });
  #replyBar = el("div", { class: "reply-bar", hidden: true });
  #replyTo;
  #typingTimer;
  #draft = { text: "" };

  /**
   * @param {object} chat one of the state's chats
   * @param {object} bot
   * @param {(act: object) => boolean} send
   */
  constructor(chat, bot, send) {
    this.#chat = chat;
    this.#bot = bot;
    this.#send = send;
    this.#list = new MessageList(`${chat.title}: messages`, "bubbles");
    this.#composer = this.#createComposer();
    const name = this.#isGroup ? "Telegram group" : "Telegram private chat";
    const title = el("div", { class: "pane-title" }, el("h3", { text: chat.title }), this.#subtitle);
    const head = el(
      "header",
      { class: "pane-head" },
      avatar(chat.title, this.#isGroup ? "group" : "bot"),
      title,
      this.#composer.commands,
    );
    const foot = el("footer", {}, this.#replyBar, this.#composer.element);
    this.element = el(
      "section",
      { class: "pane chat", "data-pane": chat.key, "aria-label": name },
      head,
      this.#list.element,
      foot,
    );
  }

  /** Shows these messages and no others. */
  reset(messages) {
    const prefix = this.#isGroup ? `@${this.#bot.username} ` : "";
    const words = this.#isGroup
      ? "In a group the bot answers when it is mentioned:"
      : "No messages yet. Say something, or:";
    this.#live.clear();
    this.#messages = new Map(messages.map((message) => [message.id, message]));
    this.#list.clear(emptyList(words, suggestions, (text) => this.#say(`${prefix}${text}`)));
    this.setTyping(0);
    for (const message of messages) this.#draw(message);
    this.#list.toEnd();
  }

  /** A message is new, or looks different. */
  show(message) {
    if (message.isBot) {
      this.#live.changed(message.id, this.#messages.get(message.id), message);
      if (!this.#messages.has(message.id)) this.setTyping(0);
    }
    const isNew = !this.#messages.has(message.id);
    this.#messages.set(message.id, message);
    this.#draw(message);
    this.#drawDraft();
    if (isNew && message.forcesReply) this.#setReply(message);
  }

  /** What the bot shows without having sent it; without text it shows nothing. */
  setDraft(draft) {
    this.#draft = draft;
    if (draft.text !== "") this.setTyping(0);
    this.#drawDraft();
  }

  remove({ id }) {
    this.#messages.delete(id);
    this.#list.remove(id);
  }

  /** @param {number} forMs 0: it stopped */
  setTyping(forMs) {
    clearTimeout(this.#typingTimer);
    const isTyping = forMs > 0;
    this.#subtitle.classList.toggle("typing", isTyping);
    this.#subtitle.textContent = isTyping ? this.#typingWords() : this.#quietWords();
    if (isTyping) this.#typingTimer = setTimeout(() => this.setTyping(0), forMs);
  }

  get #isGroup() {
    return this.#chat.key === "group";
  }

  get #you() {
    return this.#chat.people[0];
  }

  #typingWords() {
    return this.#isGroup ? `${this.#bot.name} is typing` : "typing";
  }

  #quietWords() {
    return this.#isGroup ? peopleText(this.#chat.people) : "bot";
  }

  #createComposer() {
    const { title, people } = this.#chat;
    return new Composer({
      label: this.#isGroup ? `Message to the group ${title}` : `Message to ${title}`,
      placeholder: "Message …",
      people,
      commands: commandsOf(this.#isGroup, this.#bot),
      ...(this.#isGroup ? { mention: `@${this.#bot.username}` } : {}),
      onSend: (text, as) => this.#say(text, as),
      hint: (text) =>
        this.#isAddressed(text) ? "" : `Without @${this.#bot.username} only people read this.`,
    });
  }

  #isAddressed(text) {
    if (!this.#isGroup || this.#messages.get(this.#replyTo)?.isBot) return true;
    return text.trimStart().startsWith("/") || text.toLowerCase().includes(`@${this.#bot.username}`);
  }

  #say(text, as = this.#you.id) {
    const reply = this.#replyTo === undefined ? {} : { replyTo: this.#replyTo };
    const isOut = this.#send({ type: "telegram-says", as, chat: this.#chat.id, text, ...reply });
    if (isOut) {
      this.#setReply(undefined);
      this.#list.toEnd();
    }
    return isOut;
  }

  #setReply(message) {
    this.#replyTo = message?.id;
    this.#replyBar.hidden = message === undefined;
    if (message === undefined) return;
    const on = { click: () => this.#setReply(undefined) };
    const cancel = el("button", { type: "button", "aria-label": "Do not reply", text: "×", on });
    this.#replyBar.replaceChildren(telegramQuote(message), cancel);
    this.#composer.changed();
    this.#composer.focus();
  }

  /** It stands at the end, whatever came meanwhile. */
  #drawDraft() {
    const isShown = this.#list.has("draft");
    if (this.#draft.text === "") {
      if (isShown) this.#list.remove("draft");
      return;
    }
    const stop = () => this.#send({ type: "telegram-stop", as: this.#you.id, chat: this.#chat.id });
    this.#list.put("draft", telegramDraft(this.#draft, stop));
    this.#list.lastly("draft");
  }

  #draw(message) {
    if (message === undefined) return;
    const isOwn = message.from === this.#you.id;
    const node = telegramBubble(message, {
      isOwn,
      isLive: this.#live.has(message.id),
      showsAuthor: this.#isGroup && !isOwn,
      answered: this.#messages.get(message.replyTo),
      onReply: () => this.#setReply(message),
      onPress: (data) =>
        this.#send({
          type: "telegram-press",
          as: this.#composer.as,
          chat: this.#chat.id,
          id: message.id,
          data,
        }),
    });
    this.#list.put(message.id, node);
  }
}

/** What one can click instead of typing it. In groups commands name the bot, as Telegram's own menu does. */
function commandsOf(isGroup, { username }) {
  const suffix = isGroup ? `@${username}` : "";
  return [
    { text: `/stop${suffix}`, title: "Stop the answer that is running" },
    { text: `/new${suffix}`, title: "Start afresh: the bot forgets this conversation" },
    { text: `/model${suffix}`, title: "Which model answers; Alex may change it, Maya may not" },
    { text: `/system${suffix}`, title: "The system prompt; Alex may change it, Maya may not" },
    { text: `/help${suffix}`, title: "What the bot can do" },
  ];
}
