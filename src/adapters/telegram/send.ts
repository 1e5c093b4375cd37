/** Brings pages into a chat: each function makes one call, none throws for what Telegram answers. */

import { InputFile } from "grammy";
import { z } from "zod";
import type {
  CallOutcome,
  Elsewhere,
  LiveOutcome,
  Page,
  PageId,
  PostOptions,
  ReplyTarget,
} from "../../core/platform.ts";
import { words } from "../../core/words.ts";
import { toDestination } from "./address.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { isSoAlready, notBegun, toElsewhere, toFailure } from "./errors.ts";
import { chatBudgetKey, draftBudgetKey } from "./limits.ts";

/** The page as rendered: text with entities, which unlike a `parse_mode` cannot fail to parse. */
const pageBody = z.object({
  text: z.string().min(1),
  entities: z.array(z.looseObject({ type: z.string(), offset: z.number(), length: z.number() })),
});

/** grammY's type of the entities of a message. */
type Entities = NonNullable<NonNullable<Parameters<Connection["api"]["sendMessage"]>[2]>["entities"]>;

/** No fetch of a link that a model wrote, on posts and on every edit: a preview would carry data out. */
const noPreview = { link_preview_options: { is_disabled: true } } as const;

/** What a page says; a page without a rendering of ours goes out as plain text. */
function contentOf(page: Page): { readonly text: string; readonly entities: Entities } {
  const body = pageBody.safeParse(page.body);
  if (!body.success) return { text: page.plain, entities: [] };
  return { text: body.data.text, entities: body.data.entities as unknown as Entities };
}

/** The first page in a group replies to the question; later ones come without a sound. */
export async function post(
  connection: Connection,
  target: ReplyTarget,
  page: Page,
  options: PostOptions,
  signal: AbortSignal,
): Promise<CallOutcome<PageId>> {
  const { chatId, thread } = toDestination(target.address);
  const { text, entities } = contentOf(page);
  const other = { ...thread, ...noPreview, entities, ...manners(target, options.index) };
  return await outcomeOf("sendMessage", target, signal, async () => {
    const message = await connection.api.sendMessage(chatId, text, other, forGrammy(signal));
    return String(message.message_id);
  });
}

function manners(target: ReplyTarget, index: number) {
  if (index > 0) return { disable_notification: true };
  if (target.place === "private" || target.detached) return {};
  return {
    reply_parameters: { message_id: Number(target.question), allow_sending_without_reply: true },
  };
}

/** Gives a posted page a new text. */
export async function edit(
  connection: Connection,
  target: ReplyTarget,
  id: PageId,
  page: Page,
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chatId } = toDestination(target.address);
  const { text, entities } = contentOf(page);
  const other = { ...noPreview, entities };
  const outcome = await outcomeOf("editMessageText", target, signal, async () => {
    await connection.api
      .editMessageText(chatId, Number(id), text, other, forGrammy(signal))
      .catch(unlessSoAlready);
  });
  if (outcome.kind !== "gone" || target.address.thread === undefined) return outcome;
  return (await findTopicGone(connection, target, id, signal)) ?? outcome;
}

/**
 * A page that is not there may have gone with its topic, of which bots are not told. A reply to it posts nothing in any
 * case, and its refusal says what is missing: the topic is looked for before the page [S:Client.cpp
 * check_reply_parameters].
 */
async function findTopicGone(
  connection: Connection,
  target: ReplyTarget,
  missing: PageId,
  signal: AbortSignal,
): Promise<Elsewhere | undefined> {
  const { chatId, thread } = toDestination(target.address);
  const other = { ...thread, reply_parameters: { message_id: Number(missing) } };
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
  connection: Connection,
  target: ReplyTarget,
  page: Page,
  signal: AbortSignal,
): Promise<LiveOutcome<void>> {
  const { chatId, thread } = toDestination(target.address);
  const { text, entities } = contentOf(page);
  // Kept on the screen when the button is pressed: what is there is posted at once.
  const other = { ...thread, entities, can_stop: true, keep_on_stop: true };
  const method = "sendMessageDraft";
  const outcome = await outcomeOf(
    method,
    target,
    signal,
    async () => {
      await connection.api.sendMessageDraft(chatId, Number(target.question), text, other, forGrammy(signal));
    },
    draftBudgetKey(target),
  );
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
  const { chatId } = toDestination(target.address);
  return await outcomeOf("deleteMessage", target, signal, async () => {
    await connection.api.deleteMessage(chatId, Number(id), forGrammy(signal)).catch(unlessSoAlready);
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
  const other = { ...thread, disable_notification: true };
  return await outcomeOf("sendDocument", target, signal, async () => {
    await connection.api.sendDocument(chatId, document, other, forGrammy(signal));
  });
}

/** Makes the one call and says how it ended. A call that is cancelled before it began is surely not applied. */
async function outcomeOf<T>(
  method: string,
  target: ReplyTarget,
  signal: AbortSignal,
  call: () => Promise<T>,
  budget = chatBudgetKey(target),
): Promise<CallOutcome<T>> {
  if (signal.aborted) return { kind: "unapplied", cause: notBegun(method) };
  try {
    return { kind: "done", value: await call() };
  } catch (error) {
    return toElsewhere(error, method, target.address) ?? toFailure(error, method, [budget]);
  }
}

/** Swallows a refusal that says that things are as wanted already. */
function unlessSoAlready(error: unknown): void {
  if (!isSoAlready(error)) throw error;
}
