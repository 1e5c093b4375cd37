/** What was said in a thread before the bot was asked there: read once, bounded, kept with the conversation. */

import { setTimeout as sleep } from "node:timers/promises";
import { chooseNewest, chooseOpening, countQuoted, type QuotedMessage, quote } from "./background-text.ts";
import { speakerName } from "./context.ts";
import { causeOf } from "./events.ts";
import type { CallOutcome } from "./platform/call-outcome.ts";
import type { EarlierMessage } from "./platform/platform.ts";
import type { Run, TurnEnd } from "./turn.ts";
import type { HistoryEntry, TakenTurn } from "./turn-store.ts";
import { waitForOperator } from "./wait-for-operator.ts";
import { words } from "./words.ts";

/** So many of the newest messages are asked for, beside the thread's first. */
const newestMessages = 50;

/** The thread's first message may take this part of what is kept, however long it is. */
const openingShare = 1 / 4;

/** What is known of the thread, or how the run ends before it is. */
export type FoundBackground =
  | { readonly kind: "known"; readonly messages: readonly QuotedMessage[] }
  | Exclude<TurnEnd, { kind: "finished" }>;

/** True when the question itself began the thread: nothing was said before. */
export function opensThread({ turn, target }: Pick<Run, "turn" | "target">): boolean {
  return target.address.thread === turn.message.nativeId;
}

/**
 * What was said before the question, asked of the platform once per thread. It is durable before the model is called, so
 * that no later run and no later turn asks again. Where it cannot be had for good, the question is answered without.
 */
export async function findBackground(run: Run): Promise<FoundBackground> {
  const { turn, platform, target } = run;
  if (turn.background !== undefined) return { kind: "known", messages: turn.background };
  const mayHoldMore = platform.limits.hasBackground && target.address.thread !== undefined;
  if (!mayHoldMore || opensThread(run)) return { kind: "known", messages: [] };

  const waitMs = await roomInMs(run);
  if (waitMs > 0) return await comeAgain(run, waitMs, new Error(`No room to read for ${waitMs} ms`));
  return await settle(run, await read(run));
}

/** What is to be told of the background: not what `/new` hides, nor what reached the bot as well, late or while it read. */
export function withoutKnown(
  background: readonly QuotedMessage[],
  { history, historyStart }: TakenTurn,
  asked: readonly Pick<HistoryEntry, "order">[],
): readonly QuotedMessage[] {
  const known = new Set([...asked, ...history].map(({ order }) => order));
  return background.filter(({ order }) => order >= historyStart && !known.has(order));
}

function read({ platform, target, signals, dependencies }: Run) {
  const { callMs } = dependencies.timing;
  // Each call of the reading has its own time-out; this one is for all of them.
  const signal = AbortSignal.any([signals.stop, signals.handBack, AbortSignal.timeout(callMs * 4)]);
  return platform.readBackground(target, newestMessages, signal);
}

/** @returns 0 when the platform's limits leave room for a reading, else the ms after which to ask again */
async function roomInMs({ platform, target, signals, dependencies }: Run): Promise<number> {
  const { store, timing } = dependencies;
  const budgets = platform.limits.budgets(target, "background");
  const ask = () => store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
  const permit = await ask();
  if (permit.kind !== "wait") return 0;
  if (permit.waitMs > timing.inlineWaitMs) return permit.waitMs;
  await sleep(permit.waitMs, undefined, { signal: signals.handBack }).catch(() => undefined);
  const again = await ask();
  return again.kind === "wait" ? again.waitMs : 0;
}

async function settle(run: Run, outcome: CallOutcome<readonly EarlierMessage[]>): Promise<FoundBackground> {
  const { store, timing, events } = run.dependencies;
  if (outcome.kind === "done") return await keep(run, outcome.value);
  if (run.signals.handBack.aborted) return { kind: "handedBack" };
  // The model is not called any more: nothing is missing.
  if (run.signals.stop.aborted) return { kind: "known", messages: [] };
  const message = run.turn.message.id;
  switch (outcome.kind) {
    case "limited":
      await store.block(outcome);
      return await comeAgain(run, outcome.retryAfterMs, outcome.cause);
    case "unapplied":
    case "unknown":
      events.backgroundUnread({ message, cause: causeOf(outcome.cause) });
      return await comeAgain(run, timing.backoffMaxMs, outcome.cause);
    // Nothing works there, an answer neither.
    case "broken":
      return { kind: "later", waitMs: waitForOperator(run, outcome.cause) };
    default:
      return await doWithout(run, causeOf(outcome.cause), outcome.cause);
  }
}

/** A wait that a person would not understand is not waited: the question counts for more than what it refers to. */
async function comeAgain(run: Run, waitMs: number, cause: Error): Promise<FoundBackground> {
  const { acceptedAtMs, sentAtMs } = run.turn.message;
  const isTooLong = Date.now() + waitMs - (acceptedAtMs ?? sentAtMs) > run.dependencies.timing.backgroundMs;
  return isTooLong ? await doWithout(run, "patience", cause) : { kind: "later", waitMs };
}

/** The operator is told once a day and reason; the person gets an answer all the same. */
async function doWithout(run: Run, reason: string, cause: Error): Promise<FoundBackground> {
  const { store, events } = run.dependencies;
  const { platform, scope } = run.target.address;
  const message = run.turn.message.id;
  if (await store.claimNotice(`background:${platform}:${scope}:${reason}`, message)) {
    events.backgroundLeftOut({ message, cause: causeOf(cause) });
  }
  return await keep(run, []);
}

async function keep(run: Run, earlier: readonly EarlierMessage[]): Promise<FoundBackground> {
  const { turn, dependencies } = run;
  const unknown = earlier.filter((message) => !isAnswer(message, turn));
  const messages = choose(unknown, dependencies.contextTokens);
  const isKept = await dependencies.store.keepBackground(turn.fence, messages);
  return isKept ? { kind: "known", messages } : { kind: "fenced" };
}

/** What the bot has said since the history began stands there, as it was generated. */
function isAnswer(message: EarlierMessage, { history }: TakenTurn): boolean {
  const oldest = history.at(-1);
  return message.own && oldest !== undefined && message.order > oldest.order;
}

/** The thread's first message, and of the others as many of the newest as the budget of a whole context holds. */
function choose(messages: readonly EarlierMessage[], budgetTokens: number): readonly QuotedMessage[] {
  const opening = chooseOpening(
    messages.filter((message) => message.opening).map(toQuoted),
    Math.floor(budgetTokens * openingShare),
  );
  const others = messages.filter((message) => !message.opening);
  const newest = chooseNewest(backwards(others), budgetTokens - (opening?.tokens ?? 0));
  return opening === undefined ? newest : [opening, ...newest];
}

/** Counts no more than what is asked for. */
function* backwards(messages: readonly EarlierMessage[]): Generator<QuotedMessage> {
  for (const message of messages.toReversed()) yield toQuoted(message);
}

function toQuoted({ order, opening, own, speaker, text }: EarlierMessage): QuotedMessage {
  const name = own ? words.background.self : speakerName(speaker);
  return countQuoted({ order, opening, quote: quote(name, text) });
}
