/** One Slack channel or direct message, with the thread that is open beside it. */

import { Composer } from "./composer.js";
import { avatar, el, peopleText } from "./dom.js";
import { Liveness } from "./live.js";
import { emptyList, MessageList } from "./message-list.js";
import { slackMessage } from "./slack-message.js";
import { SlackThread } from "./slack-thread.js";

export class SlackRoom {
  #room;
  #bot;
  #names;
  #send;
  #messages = new Map();
  #statuses = new Map();
  #live = new Liveness((ts) => this.#draw(this.#messages.get(ts)));
  #list;
  #composer;
  #thread;
  /** Set when something was said that the bot answers: its thread opens as soon as the message is there. */
  #opensNext = false;

  /**
   * @param {object} room one of the state's rooms
   * @param {object} options
   * @param {object} options.bot
   * @param {() => Record<string, string>} options.names
   * @param {(act: object) => boolean} options.send
   */
  constructor(room, { bot, names, send }) {
    this.#room = room;
    this.#bot = bot;
    this.#names = names;
    this.#send = send;
    this.#list = new MessageList(`${room.title}: messages`, "rows");
    const [isLive, close] = [(ts) => this.#live.has(ts), () => this.#openThread(undefined)];
    this.#thread = new SlackThread(room, { bot, names, send, isLive, close });
    const sign = this.#isDm ? avatar(room.title, "bot small") : el("span", { class: "hash", text: "#" });
    const composer = this.#createComposer();
    this.#composer = composer;
    const where = this.#isDm ? "direct message" : "channel";
    const kind = el("p", { class: "subtitle", text: `${where} · ${peopleText(room.people)}` });
    const title = el("h3", {}, sign, room.title);
    const head = el("header", { class: "pane-head" }, title, kind, composer.commands);
    const foot = el("footer", {}, composer.element);
    const main = el("div", { class: "room-main" }, this.#list.element, foot);
    const name = this.#isDm ? "Slack direct message" : "Slack channel";
    const body = el("div", { class: "room-body" }, main, this.#thread.element);
    this.element = el(
      "section",
      { class: "pane room", "data-pane": room.key, "aria-label": name },
      head,
      body,
    );
  }

  /** Shows these messages and busy signs and no others; the open thread stays open. */
  reset(messages, statuses) {
    this.#live.clear();
    this.#messages = new Map(messages.map((message) => [message.ts, message]));
    this.#statuses = new Map(statuses.map((status) => [status.threadTs, status]));
    this.#list.clear(this.#emptyList());
    const roots = messages.filter(isRoot);
    const newest = roots.findLast(
      ({ ts }) => this.#repliesTo(ts).length > 0 || this.#busyWords(ts) !== "",
    )?.ts;
    this.#openThread(this.#messages.has(this.#thread.root) ? this.#thread.root : newest);
    for (const root of roots) this.#drawRoot(root);
    this.#list.toEnd();
  }

  /** A message is new, or looks different. */
  show(message) {
    const isNew = !this.#messages.has(message.ts);
    if (message.isBot && !message.ephemeral)
      this.#live.changed(message.ts, this.#messages.get(message.ts), message);
    this.#messages.set(message.ts, message);
    this.#draw(message);
    if (!isNew || !this.#opensNext || message.isBot || !isRoot(message)) return;
    this.#opensNext = false;
    this.#openThread(message.ts);
  }

  remove({ ts }) {
    const message = this.#messages.get(ts);
    this.#messages.delete(ts);
    this.#list.remove(ts);
    this.#thread.remove(ts);
    const root = this.#messages.get(message?.threadTs);
    if (root !== undefined) this.#drawRoot(root);
  }

  setStatus(status) {
    this.#statuses.set(status.threadTs, status);
    const root = this.#messages.get(status.threadTs);
    if (root !== undefined) this.#drawRoot(root);
    if (this.#thread.root === status.threadTs) this.#thread.setStatus(status);
    this.#markRunning();
  }

  get #isDm() {
    return this.#room.key === "dm";
  }

  #createComposer() {
    const { title, people } = this.#room;
    const place = this.#isDm ? title : `#${title}`;
    return new Composer({
      label: `Message to ${place}`,
      placeholder: "Message …",
      people,
      commands: [
        { text: "/parley model", title: "Which model answers; Alex may change it, Maya may not" },
        { text: "/parley system", title: "The system prompt; Alex may change it, Maya may not" },
        { text: "/parley help", title: "What the bot can do" },
      ],
      ...(this.#isDm ? {} : { mention: `@${this.#bot.name}` }),
      onSend: (text, as) => this.#say(text, as),
      hint: (text) =>
        this.#isAddressed(text) ? "" : `Mention @${this.#bot.name}, and it answers in a thread.`,
    });
  }

  #isAddressed(text) {
    return (
      this.#isDm || text.startsWith("/") || text.toLowerCase().includes(`@${this.#bot.name.toLowerCase()}`)
    );
  }

  #say(text, as = this.#room.people[0].id) {
    const isOut = this.#send({ type: "slack-says", as, channel: this.#room.id, text });
    if (!isOut) return false;
    this.#opensNext = !text.startsWith("/") && this.#isAddressed(text);
    this.#list.toEnd();
    return true;
  }

  #repliesTo(ts) {
    return [...this.#messages.values()].filter((message) => message.threadTs === ts && message.ts !== ts);
  }

  #busyWords(ts) {
    const status = this.#statuses.get(ts);
    return status !== undefined && status.untilMs > Date.now() ? status.text : "";
  }

  #openThread(ts) {
    const root = this.#messages.get(ts);
    this.#thread.open(root?.ts, root === undefined ? [] : [root, ...this.#repliesTo(ts)]);
    this.#thread.setStatus(this.#statuses.get(ts));
    this.#list.mark(ts);
    this.#markRunning();
  }

  #draw(message) {
    const root = message === undefined || isRoot(message) ? message : this.#messages.get(message.threadTs);
    if (root === undefined) return;
    this.#drawRoot(root);
    if (this.#thread.root === root.ts) this.#thread.show(message);
    this.#markRunning();
  }

  #drawRoot(root) {
    const below = root.ephemeral ? undefined : this.#threadButton(root.ts);
    const onPress = (label) => {
      const as = this.#composer.as;
      this.#send({ type: "slack-press", as, channel: this.#room.id, ts: root.ts, label });
    };
    const isLive = this.#live.has(root.ts);
    const node = slackMessage(root, { names: this.#names(), isLive, below, onPress });
    node.classList.toggle("is-open", this.#thread.root === root.ts);
    this.#list.put(root.ts, node);
  }

  #threadButton(ts) {
    const count = this.#repliesTo(ts).length;
    const busy = this.#busyWords(ts);
    const isEmpty = count === 0 && busy === "";
    const counted = count === 1 ? "1 reply" : `${count} replies`;
    const words = busy !== "" ? `${this.#bot.name} ${busy}` : isEmpty ? "Reply in thread" : counted;
    return el(
      "button",
      {
        class: `replies ${isEmpty ? "none" : ""}`,
        type: "button",
        on: { click: () => this.#openThread(ts) },
      },
      isEmpty ? undefined : avatar(this.#bot.name, "bot small"),
      el("span", { text: words }),
    );
  }

  #markRunning() {
    const { root } = this.#thread;
    const isWritten = this.#repliesTo(root).some(({ isBot, ts }) => isBot && this.#live.has(ts));
    this.#thread.setRunning(isWritten || this.#busyWords(root) !== "");
  }

  #emptyList() {
    const say = (text) => this.#say(text);
    if (this.#isDm) {
      return emptyList(
        "Each message here opens a thread of its own:",
        ["Give me a checklist for a release"],
        say,
      );
    }
    const question = `@${this.#bot.name} what speaks for small pull requests?`;
    return emptyList("A mention opens a thread, and there the bot goes on:", [question], say);
  }
}

/** True for what stands in the room itself. */
function isRoot({ threadTs, ts }) {
  return threadTs === undefined || threadTs === ts;
}
