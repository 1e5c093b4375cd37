/** The turn: one message to its answer, re-entrant. Each step reads what earlier runs recorded and skips what is done. */

import type { Access, Asker } from "./access.ts";
import type { RequestStore } from "./access-requests.ts";
import type { Admission } from "./admission.ts";
import { opensThread } from "./background.ts";
import { messageTokens } from "./context.ts";
import { type Address, parseConversationId } from "./conversation.ts";
import type { Endpoints } from "./endpoints.ts";
import { causeOf, type Events } from "./events.ts";
import { generateAnswer } from "./generate-answer.ts";
import type { ReplyRenderer } from "./platform/page.ts";
import type { Platform } from "./platform/platform.ts";
import type { ReplyTarget } from "./platform/reply-target.ts";
import { endBusySign } from "./reply/busy-sign.ts";
import { type Delivered, type DeliveryOptions, deliver, removeButton } from "./reply/delivery.ts";
import { PageWriter } from "./reply/page-writer.ts";
import { effectiveSettings } from "./settings/effective.ts";
import type { ConfiguredSettings } from "./settings/turn-settings.ts";
import type { Standing } from "./standing.ts";
import { keepStanding } from "./standing-answer.ts";
import type { Timing } from "./timing.ts";
import type { Answer, HistoryEntry, Outcome, TakenTurn, TurnStore } from "./turn-store.ts";

/** What turns need; one for all turns of a process. */
export interface TurnDependencies {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly store: TurnStore;
  readonly endpoints: Endpoints;
  readonly admission: Admission;
  /** Decides whether somebody is answered, by what is configured and stored. */
  readonly mayUse: (asker: Asker, standing: Standing) => Access;
  readonly turnAway: RequestStore["turnAway"];
  /** What the operator has configured for a platform; settings lie over it. */
  readonly configured: (platform: string) => ConfiguredSettings;
  /** Budget of the context, in tokens. */
  readonly contextTokens: number;
  readonly timing: Timing;
  readonly events: Events;
  /** Makes a post's token: the same for the same message and page in every process, and unguessable. */
  readonly postToken: (message: string, index: number) => string;
  /** Tells people apart for the chat API and names nobody: the same for the same person in every process. */
  readonly endUser: (address: Address, author: string) => string;
}

/** What may end a run early. */
export interface TurnSignals {
  /**
   * Somebody asked to stop the answer, took the question back ({@link QuestionDeleted}) or said more
   * ({@link QuestionOvertaken}): what is visible is kept and marked.
   */
  readonly stop: AbortSignal;
  /** The process is going: the turn is given back as it is. */
  readonly handBack: AbortSignal;
}

/** How a run ended. */
export type TurnEnd =
  /** The turn is over; so many messages wait in its conversation. */
  | { readonly kind: "finished"; readonly waiting: number }
  /** Released; to be run again after a while, outside the slot. */
  | { readonly kind: "later"; readonly waitMs: number }
  /** Released; to be run again at once, by another process. */
  | { readonly kind: "handedBack" }
  /** A newer run has the turn. */
  | { readonly kind: "fenced" };

/** A turn that is being run, with all that its steps share. */
export interface Run {
  readonly dependencies: TurnDependencies;
  readonly turn: TakenTurn;
  readonly signals: TurnSignals;
  readonly platform: Platform;
  readonly target: ReplyTarget;
  /** What was set when the turn was first taken, over what is configured. */
  readonly values: ConfiguredSettings;
  readonly writer: PageWriter;
  /** One for previews and delivery, so that a page once full never changes between them. */
  readonly renderer: ReplyRenderer;
}

type Silence = Extract<Generated, { readonly kind: "silent" }>;

/** What generating came to: an answer, the end of the run, or an end without a reply. */
export type Generated =
  | { readonly kind: "answer"; readonly answer: Answer }
  | {
      readonly kind: "silent";
      readonly entries: readonly HistoryEntry[];
      /** Absent: there was nothing to say, or nowhere. `kept`: it was to be said anew, and what was said before stands. */
      readonly why?: "refused" | "overtaken" | "kept";
    }
  | Exclude<TurnEnd, { kind: "finished" }>;

/**
 * Runs a taken turn to its end or to a point from which another run goes on.
 * @throws only when the store is out of reach, or for a defect; the turn then counts as a try and is run again
 */
export async function runTurn(
  dependencies: TurnDependencies,
  turn: TakenTurn,
  signals: TurnSignals,
): Promise<TurnEnd> {
  const { store, timing, events } = dependencies;
  const address = parseConversationId(turn.message.conversation);
  const platform = dependencies.platforms.get(address.platform);
  if (platform === undefined) {
    events.platformMissing({ message: turn.message.id, platform: address.platform });
    await store.release(turn.fence, { finals: new Map(), unsettled: turn.unsettled });
    return { kind: "later", waitMs: timing.brokenMs };
  }
  const run = startRun(dependencies, turn, signals, platform);
  if (turn.answer) return await deliverAnswer(run, turn.answer);

  const generated = keepStanding(run, await generateAnswer(run));
  switch (generated.kind) {
    case "answer":
      if (!(await store.generated(turn.fence, generated.answer))) return { kind: "fenced" };
      return await deliverAnswer(run, generated.answer);
    case "silent":
      await removeButton(toDelivery(run));
      return await finish(run, generated.entries, outcomeWithout(run, generated.why), undefined);
    default:
      if (generated.kind !== "fenced") {
        const { unsettled } = run.writer;
        await store.release(turn.fence, { finals: run.writer.progress(), unsettled });
      }
      return generated;
  }
}

function startRun(
  dependencies: TurnDependencies,
  turn: TakenTurn,
  signals: TurnSignals,
  platform: Platform,
): Run {
  const { store, timing, events } = dependencies;
  const { message, elsewhere } = turn;
  const values = valuesOf(dependencies, turn, platform.name);
  const target = {
    address: elsewhere ?? parseConversationId(message.conversation),
    ...(elsewhere === undefined ? {} : { detached: true as const }),
    ...(message.inChain === undefined ? {} : { inChain: message.inChain }),
    place: message.place,
    question: message.nativeId,
    asker: message.author.id,
    streaming: values.streaming,
  };
  const renderer = platform.createRenderer(message.place, values.streaming);
  const postToken = (index: number) => dependencies.postToken(message.id, index);
  const writer = new PageWriter({ platform, store, timing, events, turn, target, renderer, postToken });
  return { dependencies, turn, signals, platform, target, values, writer, renderer };
}

function valuesOf(
  { configured, events }: TurnDependencies,
  { settings }: TakenTurn,
  platform: string,
): ConfiguredSettings {
  const usual = configured(platform);
  const { values, unreadable } = effectiveSettings(usual, settings);
  if (unreadable.length > 0) events.settingsUnreadable({ settings: unreadable.join(", ") });
  return { ...usual, ...values } as ConfiguredSettings;
}

async function deliverAnswer(run: Run, answer: Answer): Promise<TurnEnd> {
  const { platform, target, writer, signals, turn } = run;
  const { timing, store, events } = run.dependencies;
  const delivery = toDelivery(run);
  if (turn.takenOver) {
    const sign = { platform, store, turn, target, timing };
    // A sign is never worth failing for.
    endBusySign(sign).catch(() => undefined);
  }
  const delivered: Delivered = await deliver(delivery, answer);
  switch (delivered.kind) {
    case "fenced":
      return { kind: "fenced" };
    case "wait":
      await store.release(turn.fence, { finals: writer.progress(), unsettled: writer.unsettled });
      return signals.handBack.aborted ? { kind: "handedBack" } : { kind: "later", waitMs: delivered.waitMs };
    case "elsewhere":
      await store.release(turn.fence, { finals: writer.progress(), unsettled: writer.unsettled });
      return { kind: "later", waitMs: 0 };
    case "closed":
      events.replyClosed({ message: turn.message.id, cause: causeOf(delivered.cause) });
      // One page that somebody has deleted closes the reply; another may stand with its button.
      await removeButton(delivery);
      return await finish(run, toEntries(answer, turn), outcomeOf(answer, turn), answer.deadLetter);
    default:
      return await finish(run, toEntries(answer, turn), outcomeOf(answer, turn), answer.deadLetter);
  }
}

function toDelivery({ platform, target, writer, signals, renderer, dependencies }: Run): DeliveryOptions {
  return { platform, target, timing: dependencies.timing, renderer, writer, handBack: signals.handBack };
}

/** History keeps the question and what the model said, not the bot's own notices. */
function toEntries(answer: Answer, turn: TakenTurn): readonly HistoryEntry[] {
  if (answer.question === undefined) return [];
  const asked = [...answer.earlier, answer.question];
  if (answer.end === "notice" || answer.text === "") return asked;
  const { order } = turn.message;
  const text = answer.text;
  const entry = { role: "assistant" as const, text };
  return [...asked, { ...entry, tokens: messageTokens(entry), atMs: Date.now(), order }];
}

function outcomeOf({ end, deadLetter, question }: Answer, { wasAnswered }: TakenTurn): Outcome {
  if (end === "stopped") return "stopped";
  if (wasAnswered && question === undefined) return "kept";
  if (end !== "notice") return "answered";
  return deadLetter === undefined ? "notice" : "failed";
}

function outcomeWithout({ turn: { message } }: Run, why: Silence["why"]): Outcome {
  return why ?? (message.answer ? "silent" : "context");
}

async function finish(
  run: Run,
  entries: readonly HistoryEntry[],
  outcome: Outcome,
  deadLetter: string | undefined,
): Promise<TurnEnd> {
  const { turn, writer, target } = run;
  const { store, events } = run.dependencies;
  const pages = writer.repairs();
  const lateEditPossible = writer.unsettled && pages.length > 0;
  const repair = lateEditPossible ? { target, pages } : undefined;
  if (deadLetter !== undefined) events.deadLettered({ message: turn.message.id, cause: deadLetter });
  const waiting = await store.finish(turn.fence, {
    outcome,
    entries,
    // Who may not use the bot leaves nothing in the history: then the thread is still unseen.
    opensThread: opensThread(run) && entries.length > 0,
    deadLetter,
    repair,
  });
  return waiting === undefined ? { kind: "fenced" } : { kind: "finished", waiting };
}
