/** Where a person types: a growing text field, who one types as, and one-click helps. */

import { el } from "./dom.js";

/** The field grows to this height, in pixels, and scrolls beyond. */
const heightMaxPx = 128;

let composers = 0;

export class Composer {
  #options;
  #field;
  #note = el("p", { class: "composer-note", "aria-live": "polite" });
  #as;

  /**
   * @param {object} options
   * @param {string} options.label what the field is called
   * @param {string} options.placeholder
   * @param {{ id: unknown, name: string }[]} options.people whom one can type as; the first is chosen
   * @param {{ text: string, title: string }[]} options.commands sent by one click
   * @param {string} [options.mention] offered where the bot answers only when mentioned
   * @param {(text: string, as: unknown) => boolean} options.onSend false: it did not go out and stays in the field
   * @param {(text: string) => string} [options.hint] a word on what is typed so far
   */
  constructor(options) {
    this.#options = options;
    this.#as = options.people[0].id;
    this.#field = el("textarea", {
      rows: 1,
      placeholder: options.placeholder,
      "aria-label": options.label,
      autocomplete: "off",
      on: { input: () => this.changed(), keydown: (event) => this.#keyDown(event) },
    });
    const sendButton = el("button", {
      class: "send",
      type: "button",
      title: "Send (Enter; Shift+Enter for a new line)",
      "aria-label": "Send",
      text: "➤",
      on: { click: () => this.#submit() },
    });
    const { mention, people } = options;
    const mentioning = mention === undefined ? [] : [this.#mentionButton(mention)];
    const choice = people.length > 1 ? [this.#typeAs(people)] : [];
    const row = el("div", { class: "composer-row" }, ...mentioning, this.#field, ...choice, sendButton);
    this.element = el("div", { class: "composer" }, row, this.#note);
    /** The commands, for the pane's head. */
    this.commands = el(
      "div",
      { class: "chips" },
      ...options.commands.map((command) => this.#commandButton(command)),
    );
  }

  /** As whom one types, and presses buttons. */
  get as() {
    return this.#as;
  }

  focus() {
    this.#field.focus();
  }

  /** Fits the field to what is typed, and the hint. */
  changed() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, heightMaxPx)}px`;
    const { value } = this.#field;
    this.#note.textContent = value.trim() === "" ? "" : (this.#options.hint?.(value) ?? "");
  }

  #keyDown(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    if (this.#send(this.#field.value)) {
      this.#field.value = "";
      this.changed();
    }
    this.focus();
  }

  #send(text) {
    const typed = text.trim();
    if (typed === "") return false;
    const isOut = this.#options.onSend(typed, this.#as);
    if (!isOut) this.#note.textContent = "Not connected; it stays here until it can be sent.";
    return isOut;
  }

  #insert(text) {
    if (!this.#field.value.startsWith(text)) this.#field.value = `${text} ${this.#field.value}`;
    this.changed();
    this.focus();
  }

  #commandButton({ text, title }) {
    const shown = text.replace(/@\w+/, "").trim();
    const on = { click: () => this.#send(text) };
    return el("button", { class: "chip", type: "button", title, text: shown, on });
  }

  #mentionButton(mention) {
    const on = { click: () => this.#insert(mention) };
    const title = "Mention the bot, so that it answers";
    return el("button", { class: "chip mentioning", type: "button", title, text: mention, on });
  }

  /** A row of names of which one is chosen. */
  #typeAs(people) {
    composers += 1;
    const name = `as-${composers}`;
    const choices = people.map(({ id, name: value }, index) => {
      const on = { change: () => (this.#as = id) };
      const input = el("input", { type: "radio", name, value, checked: index === 0, on });
      return el("label", {}, input, el("span", { text: value }));
    });
    return el("fieldset", { class: "type-as" }, el("legend", { text: "Type as" }), ...choices);
  }
}
