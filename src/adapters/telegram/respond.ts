/** Answers to commands: in place of the message whose button was pressed, as an alert to who pressed it, or as a message. */

import type { ForceReply, InlineKeyboardMarkup } from "grammy/types";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { AnswerTo, CommandResponder, Saying } from "../../core/platform/command-responder.ts";
import type { Page, PageId } from "../../core/platform/page.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { words } from "../../core/words.ts";
import { parseNativeId, toDestination, toNativeId } from "./address.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { fetchFile } from "./download.ts";
import { createTelegramRenderer } from "./format.ts";
import { alertUtf16, buttonBytes, labelUtf16 } from "./limits.ts";
import { contentOf } from "./page-body.ts";
import { manners, noPreview, outcomeOf, unlessSoAlready } from "./send.ts";

type Shown = CallOutcome<PageId | undefined>;

/** Makes the responder. Answers are short: what does not fit into the first page is left out. */
export function createCommandResponder(connection: Connection): CommandResponder {
  return {
    commandPrefix: "/",
    buttonBytes,
    asideUtf16: alertUtf16,
    privateChat: toPrivateChat,
    asksBy: "reply",
    fetchFile: (target, file, maxBytes, signal) => fetchFile(connection, target, file, maxBytes, signal),
    showHome: async () => ({ kind: "done", value: undefined }),
    offerPrompts: async () => ({ kind: "done", value: undefined }),
    async respond(target, to, saying, signal) {
      const [page] = createTelegramRenderer({ place: target.place }).render(saying.markdown, "final");
      if (page === undefined) return { kind: "done", value: undefined };
      const shown = await show(connection, target, to, { saying, page }, signal);
      // Surely not shown: once more without its formatting.
      return shown.kind === "unformattable"
        ? await show(connection, target, to, { saying, page: { ...page, body: null } }, signal)
        : shown;
    },
  };
}

/** A person's private chat has the person's id. Who speaks as a chat has none. */
function toPrivateChat({ address }: ReplyTarget, author: AnswerTo["author"]): ReplyTarget | undefined {
  if (author.isChat === true) return undefined;
  const { platform, scope } = address;
  return { address: { platform, scope, chat: author.id }, place: "private", question: "", asker: author.id };
}

interface Answer {
  readonly saying: Saying;
  readonly page: Page;
}

async function show(
  connection: Connection,
  target: ReplyTarget,
  { button }: AnswerTo,
  answer: Answer,
  signal: AbortSignal,
): Promise<Shown> {
  const { saying } = answer;
  if (button === undefined) return await post(connection, target, answer, signal);
  const isForOne = saying.refused === true || (saying.audience === "person" && target.place === "group");
  if (isForOne && button.press !== undefined)
    return await alert(connection, target, button.press, answer, signal);
  // A prompt has to be a message that comes anew: only then an app opens the reply to it.
  if (isForOne || saying.wants !== undefined) return await post(connection, target, answer, signal);
  return await edit(connection, target, button.page, answer, signal);
}

async function post(
  { api }: Connection,
  target: ReplyTarget,
  { page, saying }: Answer,
  signal: AbortSignal,
): Promise<Shown> {
  const { chatId, thread } = toDestination(target.address);
  const { text, entities } = contentOf(page);
  const markup = markupOf(saying);
  const other = { ...thread, ...manners(target, chatId, 0), ...noPreview, entities };
  return await outcomeOf("sendMessage", target, signal, async () => {
    const sent = await api.sendMessage(
      chatId,
      text,
      markup === undefined ? other : { ...other, reply_markup: markup },
      forGrammy(signal),
    );
    return toNativeId(chatId, sent.message_id);
  });
}

/** Without `reply_markup` the buttons that were there go. */
async function edit(
  { api }: Connection,
  target: ReplyTarget,
  id: PageId,
  { page, saying }: Answer,
  signal: AbortSignal,
): Promise<Shown> {
  const { chatId, messageId } = parseNativeId(id, toDestination(target.address).chatId);
  const { text, entities } = contentOf(page);
  const keyboard = keyboardOf(saying);
  const other = { ...noPreview, entities, ...(keyboard === undefined ? {} : { reply_markup: keyboard }) };
  return await outcomeOf("editMessageText", target, signal, async () => {
    await api.editMessageText(chatId, messageId, text, other, forGrammy(signal)).catch(unlessSoAlready);
    return id;
  });
}

/** Only who pressed sees it. After some seconds, or once the gateway has answered the press, it is refused: `gone`. */
async function alert(
  { api }: Connection,
  target: ReplyTarget,
  press: string,
  { page }: Answer,
  signal: AbortSignal,
): Promise<Shown> {
  const text = page.plain.length > alertUtf16 ? `${beginningOf(page.plain, alertUtf16 - 1)}…` : page.plain;
  return await outcomeOf("answerCallbackQuery", target, signal, async () => {
    await api.answerCallbackQuery(press, { text, show_alert: true }, forGrammy(signal));
    return undefined;
  });
}

/** Without half of a surrogate pair at its end, which Telegram does not take. */
function beginningOf(text: string, mostUtf16: number): string {
  return text.slice(0, mostUtf16).replace(/[\ud800-\udbff]$/, "");
}

function markupOf(saying: Saying): InlineKeyboardMarkup | ForceReply | undefined {
  if (saying.wants === undefined) return keyboardOf(saying);
  // Selective: only who gave the command, whose message this replies to, is asked.
  return { force_reply: true, selective: true, input_field_placeholder: words.replyHere };
}

function keyboardOf({ buttons }: Saying): InlineKeyboardMarkup | undefined {
  if (buttons.length === 0) return undefined;
  const toButton = ({ label, data, isChosen }: Saying["buttons"][number][number]) => ({
    text: shortened(isChosen ? `✓ ${label}` : label),
    callback_data: data,
  });
  return { inline_keyboard: buttons.map((row) => row.map(toButton)) };
}

/** Of a long label the end is kept as well: names of models differ there. */
function shortened(label: string): string {
  const letters = [...label];
  if (letters.length <= labelUtf16) return label;
  const half = Math.floor((labelUtf16 - 1) / 2);
  return `${letters.slice(0, half).join("")}…${letters.slice(-half).join("")}`;
}
