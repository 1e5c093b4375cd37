/** A thread beside its channel: the root, its replies, the busy sign, Stop, and a place to answer. */

import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { MessageList } from "./message-list.js";
import { slackMessage } from "./slack-message.js";

export class SlackThread {
  #room;
  #context;
  #list = new MessageList("Thread: messages", "rows");
  #status = el("p", { class: "status", role: "status" });
  #composer;
  #stopButton;
  #statusTimer;
  /** The ts of the root; undefined: no thread is open. */
  root;

  /**
   * @param {object} room one of the state's rooms
   * @param {object} context `bot`, `names()`, `isLive(ts)`, `send(act)`, `close()`
   */
  constructor(room, context) {
    this.#room = room;
    this.#context = context;
    this.#stopButton = el("button", {
      class: "chip stop",
      type: "button",
      title: "Slack's own Stop button",
      text: "■ Stop",
      on: { click: () => this.#stop() },
    });
    const close = el("button", {
      type: "button",
      "aria-label": "Close the thread",
      text: "×",
      on: { click: context.close },
    });
    const composer = this.#createComposer();
    this.#composer = composer;
    const title = el("h4", { text: "Thread" });
    const head = el("header", { class: "thread-head" }, title, this.#stopButton, composer.commands, close);
    const foot = el("footer", {}, this.#status, composer.element);
    this.element = el(
      "aside",
      { class: "thread", "aria-label": "Thread", hidden: true },
      head,
      this.#list.element,
      foot,
    );
  }

  /** Shows the thread of `root`; undefined closes. */
  open(root, messages) {
    this.root = root;
    this.element.hidden = root === undefined;
    this.#list.clear();
    for (const message of messages) this.show(message);
    this.#list.toEnd();
  }

  show(message) {
    const { names, isLive, send } = this.#context;
    const onPress = (label) => {
      const as = this.#composer.as;
      send({ type: "slack-press", as, channel: this.#room.id, ts: message.ts, label });
    };
    const shown = slackMessage(message, { names: names(), isLive: isLive(message.ts), onPress });
    this.#list.put(message.ts, shown);
  }

  remove(ts) {
    this.#list.remove(ts);
  }

  /** @param {{ text: string, untilMs: number } | undefined} busy */
  setStatus(busy) {
    clearTimeout(this.#statusTimer);
    const leftMs = busy === undefined || busy.text === "" ? 0 : busy.untilMs - Date.now();
    this.#status.textContent = leftMs > 0 ? `${this.#context.bot.name} ${busy.text}` : "";
    if (leftMs > 0) this.#statusTimer = setTimeout(() => this.setStatus(undefined), leftMs);
  }

  setRunning(isRunning) {
    this.#stopButton.classList.toggle("is-running", isRunning);
  }

  #stop() {
    const [you] = this.#room.people;
    this.#context.send({ type: "slack-stop", as: you.id, channel: this.#room.id, thread: this.root });
  }

  #createComposer() {
    const mention = `@${this.#context.bot.name}`;
    return new Composer({
      label: `Reply in the thread in ${this.#room.title}`,
      placeholder: "Reply …",
      people: this.#room.people,
      commands: [
        { text: `${mention} !new`, title: "Start this thread afresh" },
        { text: `${mention} !help`, title: "What the bot can do" },
      ],
      hint: (text) =>
        /^\/\w/.test(text) ? `Slack has no slash commands in threads; write ${mention} !stop` : "",
      onSend: (text, as) => this.#say(text, as),
    });
  }

  #say(text, as = this.#room.people[0].id) {
    const act = { type: "slack-says", as, channel: this.#room.id, text, thread: this.root };
    const isOut = this.#context.send(act);
    if (isOut) this.#list.toEnd();
    return isOut;
  }
}
