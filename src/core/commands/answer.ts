/** Shows what a command came to: to whom it is for, and where the first way is closed, by another one. */

import { parseConversationId, toConversationId, toMessageId } from "../conversation.ts";
import type { IncomingCommand } from "../message.ts";
import type { CallOutcome } from "../platform/call-outcome.ts";
import type { AnswerTo, CommandResponder, Saying } from "../platform/command-responder.ts";
import type { PageId } from "../platform/page.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import type { TurnStore } from "../turn-store.ts";
import { words } from "../words.ts";
import { type ButtonStore, toButtons } from "./button.ts";
import { type CommandAnswer, toLine } from "./command-answer.ts";

/** What answering a command needs. */
export interface AnswerDependencies {
  readonly platform: Platform;
  readonly responder: CommandResponder;
  readonly store: Pick<TurnStore, "permit" | "block" | "move">;
  readonly buttons: Pick<ButtonStore, "keep" | "want">;
  readonly timing: Timing;
}

/** One way to show an answer. */
interface Way {
  readonly target: ReplyTarget;
  readonly to: AnswerTo;
  readonly saying: Saying;
  /** The author's private chat instead of the group. */
  readonly isAside?: true;
}

type Said = CallOutcome<PageId | undefined>;

/** @returns the ms after which to come again, 0 when done */
export async function answerCommand(
  dependencies: AnswerDependencies,
  command: IncomingCommand,
  answer: CommandAnswer,
): Promise<number> {
  let way = firstWay(dependencies, command, await toSaying(dependencies, answer));
  // Each way is left for another one at most once.
  for (let left = 0; left < 4; left += 1) {
    const permitted = await respond(dependencies, way);
    if (typeof permitted === "number") return permitted;
    const next = await nextWay(dependencies, command, way, permitted);
    if (next === undefined) {
      await noteWanted(dependencies, way, permitted);
      return await settle(dependencies, permitted);
    }
    way = next;
  }
  return 0;
}

/** What buttons cannot carry is kept before anybody can press them. */
async function toSaying({ responder, buttons }: AnswerDependencies, answer: CommandAnswer): Promise<Saying> {
  const { text, choices, ...rest } = answer;
  const how = answer.wants === undefined ? [] : [words.settings.wantBy[responder.asksBy]];
  const made = toButtons(choices ?? [], responder.buttonBytes);
  await buttons.keep(made.lines);
  return { ...rest, markdown: [text, ...how].join("\n\n"), buttons: made.buttons };
}

/** What is replied to the answer from now on is what it wants; before it was shown, nobody could. */
async function noteWanted(
  { buttons }: AnswerDependencies,
  { target, saying }: Way,
  said: Said,
): Promise<void> {
  if (said.kind !== "done" || said.value === undefined || saying.wants === undefined) return;
  await buttons.want(toMessageId(target.address, said.value), toLine(saying.wants));
}

function firstWay({ responder }: AnswerDependencies, command: IncomingCommand, saying: Saying): Way {
  const way: Way = { target: toTarget(command), to: command, saying };
  if (command.place === "private" || saying.audience === "place") return way;
  // Why nothing was done is said where it was asked: elsewhere nobody would know what it is about.
  if (saying.refused === true && saying.markdown.length <= responder.asideUtf16) return way;
  const aside = asideOf(responder, way);
  // Who speaks in a chat's name has no place where they alone would read it.
  if (aside !== undefined || saying.refused === true || command.author.isChat !== true) return aside ?? way;
  return { ...way, saying: { markdown: words.askAsYourself, audience: "place", buttons: [] } };
}

function toTarget({ conversation, place, nativeId: question, author }: IncomingCommand): ReplyTarget {
  return { address: parseConversationId(conversation), place, question, asker: author.id };
}

/** Pressed in the private chat, a button would mean that chat: there are none. */
function asideOf(responder: CommandResponder, { target, to, saying }: Way): Way | undefined {
  const { wants: _, ...rest } = saying;
  const chat = responder.privateChat(target, to.author);
  return chat && { target: chat, to: { author: to.author }, saying: { ...rest, buttons: [] }, isAside: true };
}

/** Where to go on when a way turned out to be closed; undefined when there is no need, or no other way. */
async function nextWay(
  { store, responder }: AnswerDependencies,
  command: IncomingCommand,
  way: Way,
  said: Said,
): Promise<Way | undefined> {
  const { target, to, saying } = way;
  if (said.kind === "elsewhere") {
    const isMoved = said.why === "moved";
    if (isMoved) await store.move(command.conversation, toConversationId(said.address));
    const markdown = isMoved ? saying.markdown : `${words.topicGone}\n\n${saying.markdown}`;
    const elsewhere = { ...target, address: said.address, detached: true } as const;
    return { target: elsewhere, to: { author: to.author }, saying: { ...saying, markdown } };
  }
  const anew = { target: toTarget(command), to: { author: to.author } };
  // The press is too old, or its message is gone: the answer gets a message of its own.
  if (said.kind === "gone" && to.button !== undefined) {
    const isForOne = command.place === "group" && saying.audience === "person";
    return (isForOne ? asideOf(responder, way) : undefined) ?? { ...anew, saying };
  }
  // The address for answers is used up or too old.
  if (said.kind === "closed" && to.respondTo !== undefined) {
    return { ...anew, saying: { ...saying, audience: "person" } };
  }
  if (said.kind === "closed" && way.isAside) {
    return { ...anew, saying: { markdown: words.writeToMe, audience: "place", buttons: [] } };
  }
  return undefined;
}

/** @returns how the call ended; the ms until there is leave for it, when it was not made */
async function respond(
  { platform, responder, store, timing }: AnswerDependencies,
  { target, to, saying }: Way,
): Promise<Said | number> {
  const budgets = platform.limits.budgets(target, "post");
  const permit = await store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
  if (permit.kind === "wait") return permit.waitMs;
  return await responder.respond(target, to, saying, AbortSignal.timeout(timing.callMs));
}

async function settle({ store, timing }: AnswerDependencies, said: Said): Promise<number> {
  if (said.kind === "limited") {
    await store.block(said);
    return said.retryAfterMs;
  }
  return said.kind === "unapplied" ? timing.backoffMaxMs : 0;
}
