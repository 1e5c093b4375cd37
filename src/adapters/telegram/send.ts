/** Brings pages into a chat: each function makes one call, none throws for what Telegram answers. */

import { InputFile } from "grammy";
import type { CallOutcome, Elsewhere } from "../../core/platform/call-outcome.ts";
import type { LiveOutcome } from "../../core/platform/live.ts";
import type { Page, PageId } from "../../core/platform/page.ts";
import type { PostOptions, ReplyTarget } from "../../core/platform/reply-target.ts";
import { words } from "../../core/words.ts";
import { parseNativeId, toDestination, toNativeId } from "./address.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { isSoAlready, notBegun, toElsewhere, toFailure } from "./errors.ts";
import { refusedBudget, refusedDrafts } from "./limits.ts";
import { contentOf } from "./page-body.ts";
import type { RichMessages } from "./rich.ts";

/** No fetch of a link that a model wrote, on posts and on every edit: a preview would carry data out. */
export const noPreview = { link_preview_options: { is_disabled: true } } as const;

/** How pages are brought there. */
export interface Sending {
  readonly connection: Connection;
  readonly rich: RichMessages;
}

/**
 * The first page in a group replies to the question; later ones come without a sound, and as replies only where they
 * would else stand elsewhere: under a channel's post.
 */
export async function post(
  { connection, rich }: Sending,
  target: ReplyTarget,
  page: Page,
  options: PostOptions,
  signal: AbortSignal,
): Promise<CallOutcome<PageId>> {
  const { chatId, thread } = toDestination(target.address);
  const other = { ...thread, ...manners(target, chatId, options.index), ...keyboardUnder(page) };
  const form = rich.formOf(page, target);
  if (form !== undefined) {
    const outcome = await outcomeOf("sendRichMessage", target, signal, async () => {
      const message = await connection.api.sendRichMessage(chatId, form, other, forGrammy(signal));
      return toNativeId(chatId, message.message_id);
    });
    return rich.settled(outcome, target);
  }
  const { text, entities } = contentOf(page);
  return await outcomeOf("sendMessage", target, signal, async () => {
    const message = await connection.api.sendMessage(
      chatId,
      text,
      { ...other, ...noPreview, entities },
      forGrammy(signal),
    );
    return toNativeId(chatId, message.message_id);
  });
}

function keyboardUnder({ button }: Page) {
  if (button === undefined) return {};
  return { reply_markup: { inline_keyboard: [[{ text: button.label, callback_data: button.data }]] } };
}

export function manners(target: ReplyTarget, chatId: number, index: number) {
  const quietly = index > 0 ? { disable_notification: true } : {};
  const answers = index === 0 || target.inChain === true;
  if (!answers || target.place === "private" || target.detached) return quietly;
  const question = parseNativeId(target.question, chatId);
  // Asked in the group that the chat was before: there is nothing here to mark as answered.
  if (question.chatId !== chatId) return quietly;
  return {
    ...quietly,
    reply_parameters: { message_id: question.messageId, allow_sending_without_reply: true },
  };
}

/** Gives a posted page a new text. */
export async function edit(
  { connection, rich }: Sending,
  target: ReplyTarget,
  id: PageId,
  page: Page,
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chatId, messageId } = parseNativeId(id, toDestination(target.address).chatId);
  const form = rich.formOf(page, target);
  const { text, entities } = contentOf(page);
  // Without a keyboard the one that is there goes.
  const other = { ...(form === undefined ? { ...noPreview, entities } : {}), ...keyboardUnder(page) };
  const edited = await outcomeOf("editMessageText", target, signal, async () => {
    await connection.api
      .editMessageText(chatId, messageId, form ?? text, other, forGrammy(signal))
      .catch(unlessSoAlready);
  });
  const outcome = form === undefined ? edited : rich.settled(edited, target);
  if (outcome.kind !== "gone" || target.address.thread === undefined) return outcome;
  return (await findTopicGone(connection, target, signal)) ?? outcome;
}

/** The last id that there is: no chat comes to it. */
const neverPosted = 2_147_483_647;

/**
 * A page that is not there may have gone with its topic, of which bots are not told. A reply to a message that nobody has
 * written posts nothing in any case, and its refusal says what is missing: the topic is looked for before the message
 * [S:Client.cpp check_reply_parameters].
 */
async function findTopicGone(
  connection: Connection,
  target: ReplyTarget,
  signal: AbortSignal,
): Promise<Elsewhere | undefined> {
  const { chatId, thread } = toDestination(target.address);
  const other = { ...thread, reply_parameters: { message_id: neverPosted } };
  const outcome = await outcomeOf("sendMessage", target, signal, async () => {
    await connection.api.sendMessage(chatId, words.topicGone, other, forGrammy(signal));
  });
  return outcome.kind === "elsewhere" ? outcome : undefined;
}

/**
 * Shows a page that is not posted, for about 30 s, with a stop button under it. Its id is the question's: the same in
 * every run of the turn, so that a later run goes on in the same draft.
 */
export async function showDraft(
  { connection, rich }: Sending,
  target: ReplyTarget,
  page: Page,
  signal: AbortSignal,
): Promise<LiveOutcome<void>> {
  const { chatId, thread } = toDestination(target.address);
  // Kept on the screen when the button is pressed: what is there is posted at once.
  const other = { ...thread, can_stop: true, keep_on_stop: true };
  const form = rich.formOf(page, target);
  const id = Number(target.question);
  const method = form === undefined ? "sendMessageDraft" : "sendRichMessageDraft";
  const call = async () => {
    const { text, entities } = contentOf(page);
    if (form === undefined)
      await connection.api.sendMessageDraft(chatId, id, text, { ...other, entities }, forGrammy(signal));
    else await connection.api.sendRichMessageDraft(chatId, id, form, other, forGrammy(signal));
  };
  const shown = await outcomeOf(method, target, signal, call, refusedDrafts(target));
  const outcome = form === undefined ? shown : rich.settled(shown, target);
  // Not this chat (TEXTDRAFT_PEER_INVALID), or not this server (404).
  const isRefused = outcome.kind === "unformattable" || outcome.kind === "broken" || outcome.kind === "gone";
  return isRefused ? { kind: "unavailable", cause: outcome.cause } : outcome;
}

/** Deletes a page; one that is not there counts as deleted. */
export async function remove(
  connection: Connection,
  target: ReplyTarget,
  id: PageId,
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chatId, messageId } = parseNativeId(id, toDestination(target.address).chatId);
  return await outcomeOf("deleteMessage", target, signal, async () => {
    await connection.api.deleteMessage(chatId, messageId, forGrammy(signal)).catch(unlessSoAlready);
  });
}

/** Takes the keyboard away from under a page; its text stays. */
export async function removeKeyboard(
  connection: Connection,
  target: ReplyTarget,
  id: PageId,
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chatId, messageId } = parseNativeId(id, toDestination(target.address).chatId);
  return await outcomeOf("editMessageReplyMarkup", target, signal, async () => {
    await connection.api
      .editMessageReplyMarkup(chatId, messageId, {}, forGrammy(signal))
      .catch(unlessSoAlready);
  });
}

/** Shows "typing…" for about 5 s; it ends by itself or by a message. */
export async function showTyping(
  connection: Connection,
  target: ReplyTarget,
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chatId, thread } = toDestination(target.address);
  return await outcomeOf("sendChatAction", target, signal, async () => {
    await connection.api.sendChatAction(chatId, "typing", thread, forGrammy(signal));
  });
}

/** Posts a text file without a sound. */
export async function attach(
  connection: Connection,
  target: ReplyTarget,
  file: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chatId, thread } = toDestination(target.address);
  const document = new InputFile(Buffer.from(file.text), file.name);
  const other = { ...thread, ...manners(target, chatId, 1) };
  return await outcomeOf("sendDocument", target, signal, async () => {
    await connection.api.sendDocument(chatId, document, other, forGrammy(signal));
  });
}

/** Makes the one call and says how it ended. A call that is cancelled before it began is surely not applied. */
export async function outcomeOf<T>(
  method: string,
  target: ReplyTarget,
  signal: AbortSignal,
  call: () => Promise<T>,
  budget = refusedBudget(target),
): Promise<CallOutcome<T>> {
  if (signal.aborted) return { kind: "unapplied", cause: notBegun(method) };
  try {
    return { kind: "done", value: await call() };
  } catch (error) {
    return toElsewhere(error, method, target.address) ?? toFailure(error, method, budget);
  }
}

/** Swallows a refusal that says that things are as wanted already. */
export function unlessSoAlready(error: unknown): void {
  if (!isSoAlready(error)) throw error;
}
