/** What Slack opens over its window: the app's home of a person, and the form before somebody. */

import { el } from "./dom.js";
import { slackContent } from "./slack-text.js";

export class SlackViews {
  #send;
  #names;
  #views = [];
  #home = el("dialog", { class: "view home", "aria-label": "App home" });
  #form = el("dialog", { class: "view form", "aria-label": "Form" });
  /** Whose home is looked at; undefined: nobody's. */
  #looksAt;
  /** What the open form was built of: it is not built anew under somebody's hands. */
  #formShown = "";

  /** @param {(act: object) => boolean} send @param {() => Record<string, string>} names */
  constructor(send, names) {
    this.#send = send;
    this.#names = names;
    this.#home.addEventListener("close", () => (this.#looksAt = undefined));
    this.#form.addEventListener("cancel", () => this.#cancel());
    document.body.append(this.#home, this.#form);
  }

  /** A button for each person's home. */
  buttons(people) {
    const open = (id) => {
      this.#looksAt = id;
      this.#send({ type: "slack-home", as: id });
      this.#draw();
    };
    return people.map(({ id, name }) =>
      el("button", { class: "chip", type: "button", text: `Home: ${name}`, on: { click: () => open(id) } }),
    );
  }

  /** Shows these and no others. */
  show(views) {
    this.#views = views;
    this.#draw();
  }

  #draw() {
    const home = this.#views.find(({ kind, person }) => kind === "home" && person === this.#looksAt);
    if (home !== undefined) this.#drawHome(home);
    this.#drawForm(this.#views.find(({ kind }) => kind === "modal"));
  }

  #drawHome({ person, blocks }) {
    const names = this.#names();
    const counts = new Map();
    const content = blocks.map((block) => {
      // The same label may stand in several sections: the one meant is told by its number.
      const seen = new Map(counts);
      for (const label of labelsOf(block)) counts.set(label, (counts.get(label) ?? 0) + 1);
      const press = (label) =>
        this.#send({ type: "slack-home-press", as: person, label, index: seen.get(label) ?? 0 });
      return slackContent({ text: "", blocks: [block] }, names, press);
    });
    const close = el("button", { class: "button", type: "button", text: "Close" });
    close.addEventListener("click", () => this.#home.close());
    const title = el("h2", { text: `${names[person]}'s home of the app` });
    const focused = buttonsIn(this.#home).indexOf(document.activeElement);
    this.#home.replaceChildren(
      el("header", { class: "view-head" }, title, close),
      el("div", { class: "text" }, ...content),
    );
    if (!this.#home.open) this.#home.showModal();
    // Whoever presses by the keyboard goes on where they were.
    else if (focused >= 0) (buttonsIn(this.#home)[focused] ?? close).focus();
  }

  #drawForm(form) {
    const shown = JSON.stringify(form ?? "");
    if (shown === this.#formShown) return;
    const written = this.#form.querySelector("textarea")?.value ?? "";
    this.#formShown = shown;
    if (form === undefined) return this.#form.close();
    const { person, title, blocks, errors } = form;
    const input = blocks.find(({ type }) => type === "input");
    const field = el("textarea", {
      rows: 8,
      maxlength: input?.element?.max_length,
      "aria-label": input?.label?.text,
    });
    field.value = written;
    const submit = () => this.#send({ type: "slack-submit", as: person, text: field.value });
    this.#form.replaceChildren(
      el("header", { class: "view-head" }, el("h2", { text: `${title} (${this.#names()[person]})` })),
      slackContent({ text: "", blocks }, this.#names()),
      field,
      ...errors.map((error) => el("p", { class: "form-error", role: "alert", text: error })),
      el(
        "footer",
        { class: "view-foot" },
        el("button", {
          class: "button",
          type: "button",
          text: "Cancel",
          on: { click: () => this.#cancel() },
        }),
        el("button", { class: "button primary", type: "button", text: "Save", on: { click: submit } }),
      ),
    );
    if (!this.#form.open) this.#form.showModal();
  }

  #cancel() {
    const form = this.#views.find(({ kind }) => kind === "modal");
    if (form !== undefined) this.#send({ type: "slack-cancel", as: form.person });
  }
}

function buttonsIn(dialog) {
  return [...dialog.querySelectorAll("button, select")];
}

function labelsOf({ type, elements = [] }) {
  if (type !== "actions") return [];
  return elements.flatMap(({ text, options = [] }) => [
    ...(text === undefined ? [] : [text.text]),
    ...options.map((option) => option.text.text),
  ]);
}
