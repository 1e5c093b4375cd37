/** Switches between the ways in which service and platforms talk with each other. */

import { el } from "./dom.js";

/** What each switch is called, and its positions. */
const switches = {
  telegramDelivery: ["Delivery", { polling: "Polling", webhook: "Webhook" }],
  telegramStreaming: ["Streaming", { edit: "Edits", draft: "Drafts" }],
  slackDelivery: ["Delivery", { socket: "Socket", http: "HTTP" }],
  slackStreaming: ["Streaming", { edit: "Edits", native: "Native" }],
};

export class Ways {
  #ways = {};
  #groups = new Map();
  #onSwitch;

  /** @param {(ways: object) => void} onSwitch told of all positions when one was chosen */
  constructor(onSwitch) {
    this.#onSwitch = onSwitch;
    for (const [name, [title, positions]] of Object.entries(switches)) {
      this.#groups.set(name, this.#createGroup(name, title, positions));
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

  #createGroup(name, title, positions) {
    const choose = ({ target }) => this.#onSwitch({ ...this.#ways, [name]: target.value });
    const choices = Object.entries(positions).map(([value, text]) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name, value, on: { change: choose } }),
        el("span", { text }),
      ),
    );
    return el("fieldset", { class: "ways" }, el("legend", { text: title }), ...choices);
  }
}
