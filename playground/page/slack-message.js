/** One Slack message, as it stands in a channel or in a thread. */

import { avatar, editsText, el, fileView, time } from "./dom.js";
import { slackContent } from "./slack-text.js";

/**
 * @param {object} message one that streams says so instead of counting what is appended
 * @param {object} options
 * @param {Record<string, string>} options.names people and rooms by id
 * @param {boolean} options.isLive it is being written right now
 * @param {Node} [options.below] stands under the text
 * @param {(label: string) => void} [options.onPress] a button was pressed, or an option chosen
 */
export function slackMessage(message, { names, isLive, below, onPress }) {
  const { author, isBot, ephemeral, onlyFor, isStream, edits, files, ts } = message;
  const head = el(
    "p",
    { class: "row-head" },
    el("b", { text: author }),
    isBot ? el("span", { class: "app-badge", text: "APP" }) : undefined,
    time(Number(ts) * 1_000),
    el("span", { class: "edits", text: isStream ? "streaming" : editsText(edits, isLive) }),
  );
  const body = el(
    "div",
    { class: "row-body" },
    ephemeral ? el("p", { class: "only-you", text: `Only visible to ${onlyFor ?? "you"}` }) : undefined,
    head,
    el("div", { class: "text" }, slackContent(message, names, onPress)),
    ...files.map(fileView),
    below,
  );
  const classes = ["row", ...(isLive ? ["is-live"] : []), ...(ephemeral ? ["ephemeral"] : [])];
  const picture = avatar(author, isBot ? "bot" : `tint-${author.charCodeAt(0) % 5}`);
  return el("article", { class: classes.join(" "), "data-ts": ts, "data-bot": isBot }, picture, body);
}
