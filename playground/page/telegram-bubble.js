/** One Telegram message. */

import { editsText, el, fileView, time } from "./dom.js";
import { telegramText } from "./telegram-text.js";

/**
 * @param {object} message
 * @param {object} options
 * @param {boolean} options.isOwn
 * @param {boolean} options.isLive it is being written right now
 * @param {boolean} options.showsAuthor
 * @param {object} [options.answered] the message that it replies to
 * @param {() => void} options.onReply
 * @param {(data: string) => void} options.onPress
 */
export function telegramBubble(message, { isOwn, isLive, showsAuthor, answered, onReply, onPress }) {
  const { id, isBot, from, author, text, entities, file, edits, sentAtMs, buttons = [] } = message;
  return el(
    "article",
    { class: `bubble ${isOwn ? "own" : ""} ${isLive ? "is-live" : ""}`, "data-id": id, "data-bot": isBot },
    showsAuthor
      ? el("p", { class: "author", "data-tint": isBot ? "bot" : from % 5, text: author })
      : undefined,
    answered ? telegramQuote(answered) : undefined,
    el("div", { class: "text" }, telegramText(text, entities)),
    file ? fileView(file) : undefined,
    buttons.length > 0 ? keyboard(buttons, onPress) : undefined,
    el(
      "p",
      { class: "meta" },
      el("span", { class: "edits", text: editsText(edits, isLive) }),
      time(sentAtMs),
    ),
    el("button", {
      class: "reply",
      type: "button",
      title: "Reply",
      "aria-label": `Reply to ${author}`,
      text: "↩",
      on: { click: onReply },
    }),
  );
}

/** The rows of buttons under a message. What a button says is in the element, so that two that differ look different. */
function keyboard(rows, onPress) {
  const toButton = ({ text, data }) =>
    el("button", { type: "button", value: data, text, on: { click: () => onPress(data) } });
  return el(
    "div",
    { class: "keyboard" },
    ...rows.map((row) => el("div", { class: "keyboard-row" }, ...row.map(toButton))),
  );
}

/** Text that the bot shows before it sends anything. @param {() => void} onStop Telegram's own stop button */
export function telegramDraft({ text, entities, canStop }, onStop) {
  return el(
    "article",
    { class: "bubble draft is-live", "data-draft": true },
    el("div", { class: "text" }, telegramText(text, entities)),
    el("p", { class: "meta" }, el("span", { class: "edits", text: "draft" })),
    canStop
      ? el("button", { class: "stop-draft", type: "button", text: "Stop", on: { click: onStop } })
      : undefined,
  );
}

/** The first words of a message that is replied to. */
export function telegramQuote({ author, text }) {
  return el("div", { class: "quote" }, el("b", { text: author }), el("span", { text: text.slice(0, 120) }));
}
