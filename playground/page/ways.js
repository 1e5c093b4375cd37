/** Switches between the ways in which service and platforms talk with each other. */

import { el } from "./dom.js";

/** What each switch is called, what it decides, and its positions. */
const switches = {
  telegramDelivery: [
    "Delivery",
    "How messages come: Parley asks Telegram for them, or Telegram calls Parley",
    { polling: "Polling", webhook: "Webhook" },
  ],
  telegramStreaming: [
    "Streaming",
    "How a growing answer is shown: a message that is edited, or a draft that is not sent yet (private chat only)",
    { edit: "Edits", draft: "Drafts" },
  ],
  slackDelivery: [
    "Delivery",
    "How messages come: over a socket that Parley opens, or by requests from Slack",
    { socket: "Socket", http: "HTTP" },
  ],
  slackStreaming: [
    "Streaming",
    "How a growing answer is shown: a message that is edited, or Slack's own stream that is appended to",
    { edit: "Edits", native: "Native" },
  ],
};

export class Ways {
  #ways = {};
  #groups = new Map();
  #onSwitch;

  /** @param {(ways: object) => void} onSwitch told of all positions when one was chosen */
  constructor(onSwitch) {
    this.#onSwitch = onSwitch;
    for (const [name, [legend, title, positions]] of Object.entries(switches)) {
      this.#groups.set(name, this.#createGroup(name, { legend, title }, positions));
    }
  }

  /** The switches of a platform. */
  of(platform) {
    return [...this.#groups].filter(([name]) => name.startsWith(platform)).map(([, group]) => group);
  }

  /** Shows what holds; while the service is started anew nothing can be chosen. */
  show({ ways, isSwitching }) {
    this.#ways = ways;
    for (const [name, group] of this.#groups) {
      group.disabled = isSwitching;
      for (const input of group.querySelectorAll("input")) input.checked = input.value === ways[name];
    }
  }

  #createGroup(name, { legend, title }, positions) {
    const choose = ({ target }) => this.#onSwitch({ ...this.#ways, [name]: target.value });
    const choices = Object.entries(positions).map(([value, text]) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name, value, on: { change: choose } }),
        el("span", { text }),
      ),
    );
    return el("fieldset", { class: "ways", title }, el("legend", { text: legend }), ...choices);
  }
}
