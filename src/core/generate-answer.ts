/** From the question to the final text: who asks, what is remembered, the model's stream. */

import { findBackground, withoutKnown } from "./background.ts";
import type { QuotedMessage } from "./background-text.ts";
import type { ChatEvent, ChatMessage } from "./chat-api.ts";
import {
  buildContext,
  buildShortenedContext,
  type ContextSource,
  contextBudget,
  toContent,
} from "./context.ts";
import { ChatApiError, QuestionDeleted } from "./errors.ts";
import { causeOf } from "./events.ts";
import { backgroundWithoutNames, withoutName } from "./people.ts";
import type { ReadMessage } from "./platform.ts";
import { toQuestion } from "./question.ts";
import { readMessage } from "./read-message.ts";
import type { Refusal } from "./refusal.ts";
import { type BusySign, showBusySign } from "./reply/busy-sign.ts";
import { Previews } from "./reply/previews.ts";
import type { Lost } from "./reply/shown.ts";
import { type TurnSettings, toTurnSettings } from "./settings/turn-settings.ts";
import { toTitle } from "./title.ts";
import type { Generated, Run } from "./turn.ts";
import type { Answer, HistoryEntry } from "./turn-store.ts";
import { words } from "./words.ts";

/** How many runs may call the model for one message before the bot apologises. */
const maxTries = 3;

/** Takes the turn to its final text, or to an end without one. Nothing is final before the caller has stored it. */
export async function generateAnswer(run: Run): Promise<Generated> {
  const { turn, signals } = run;
  const { message } = turn;
  if (signals.handBack.aborted) return { kind: "handedBack" };
  if (turn.stopped) return stoppedBeforehand(run);
  if (turn.late.length > 0) return await askWhetherWanted(run);
  const found = await readMessage(run, message);
  if (found.kind === "unread") return found.end;
  if (found.kind === "refused") {
    return message.answer ? await refuse(run, found.refusal, []) : { kind: "silent", entries: [] };
  }
  const { read } = found;
  if (message.unsupported !== undefined && read.text.trim() === "") {
    return notice(words.unsupported(message.unsupported), undefined);
  }
  const asking = toAsking(run, read);
  const question = toQuestion({ message, read, history: turn.history, budgetTokens: budgetOf(asking) });
  if (!message.answer) return { kind: "silent", entries: [question] };
  if (turn.tries > maxTries) {
    return notice(words.failed, question, `${turn.tries - 1} runs ended without an answer`);
  }
  return await answerQuestion(asking, question);
}

/** What the bot's own words have none of. */
const noAnswer = {
  usage: undefined,
  questionCut: false,
  leftOut: [],
  keepPages: 0,
  earlier: [],
  question: undefined,
  deadLetter: undefined,
};

/** Stopped before this run: what a dead run left visible stays and is marked; otherwise the message ends without a reply. */
function stoppedBeforehand({ turn, writer }: Run): Generated {
  // A draft was shown and has faded: its mark is posted, for silence would say nothing of the stop.
  const wasShown = turn.pages.size + turn.intents.size > 0 || turn.shownUtf16 > 0;
  if (!wasShown) return { kind: "silent", entries: [] };
  return { kind: "answer", answer: { ...noAnswer, text: "", end: "stopped", keepPages: writer.count } };
}

/** The question was deleted while its answer ran: nobody is to see more of it, and neither is remembered. */
function takenBack({ writer }: Run, text: string): Generated {
  if (writer.count === 0) return { kind: "silent", entries: [] };
  return { kind: "answer", answer: { ...noAnswer, text, end: "stopped" } };
}

/** @param entries what the history gets, oldest first */
function noticeAfter(text: string, entries: readonly HistoryEntry[]): Generated {
  const question = entries.at(-1);
  return {
    kind: "answer",
    answer: { ...noAnswer, text, end: "notice", earlier: entries.slice(0, -1), question },
  };
}

function notice(text: string, question: HistoryEntry | undefined, deadLetter?: string): Generated {
  return { kind: "answer", answer: { ...noAnswer, text, end: "notice", question, deadLetter } };
}

/** How the turn ends for somebody who may not use the bot: told once a day and chat, then without a reply. */
async function refuse(run: Run, refusal: Refusal, entries: readonly HistoryEntry[]): Promise<Generated> {
  const told = !(await run.dependencies.store.claimNotice(refusal.key, run.turn.message.id));
  return told ? { kind: "silent", entries } : noticeAfter(refusal.text, entries);
}

/**
 * Nobody may care any more for what came while the bot was away: it is remembered and not answered, and one sentence asks
 * whether it is still wanted.
 */
async function askWhetherWanted(run: Run): Promise<Generated> {
  const entries: HistoryEntry[] = [];
  const { history, late } = run.turn;
  let unanswered = 0;
  let refusal: Refusal | undefined;
  let budgetTokens: number | undefined;
  for (const message of late) {
    const found = await readMessage(run, message);
    if (found.kind === "unread" && found.end.kind !== "silent") return found.end;
    if (found.kind === "refused" && message.answer) refusal ??= found.refusal;
    if (found.kind !== "readable") continue;
    budgetTokens ??= budgetOf(toAsking(run, found.read));
    entries.push(toQuestion({ message, read: found.read, history, budgetTokens }));
    if (message.answer) unanswered += 1;
  }
  if (unanswered > 0) return noticeAfter(words.away(unanswered), entries);
  return refusal === undefined ? { kind: "silent", entries } : await refuse(run, refusal, entries);
}

/** A run that knows who asks, and so what applies. */
interface Asking extends Run {
  readonly settings: TurnSettings;
}

function toAsking(run: Run, { authorName }: ReadMessage): Asking {
  const { message } = run.turn;
  const { address } = run.target;
  const circumstances = {
    atMs: message.sentAtMs,
    address,
    userName: run.values.names ? authorName : words.someone,
    endUser: run.dependencies.endUser(address, message.author.id),
  };
  return { ...run, settings: toTurnSettings(run.values, circumstances) };
}

async function answerQuestion(run: Asking, question: HistoryEntry): Promise<Generated> {
  const { admission, timing } = run.dependencies;
  const { model } = run.settings;
  const admitted = await admission.admit({
    model,
    tokens: question.tokens,
    author: run.turn.message.author.id,
  });
  if (!admitted.admitted) {
    // Longer than anybody should wait without a word.
    if (admitted.waitMs > timing.chatRetryMs) return notice(words.chatApi.overloaded, question);
    // Spread, so that not everybody calls at the first instant.
    return { kind: "later", waitMs: admitted.waitMs * (1 + Math.random() / 4) };
  }
  const busy = showBusySign({
    platform: run.platform,
    store: run.dependencies.store,
    turn: run.turn,
    target: { ...run.target, ...titleOf(run, question) },
    callMs: run.dependencies.timing.callMs,
  });
  let replied = false;
  let fenced = false;
  try {
    const found = await findBackground(run);
    if (found.kind !== "known") return found;
    const source = toSource(run, question, found.messages);
    const generated = await streamOrExplain(run, question, source, busy);
    replied = generated.kind === "answer";
    fenced = generated.kind === "fenced";
    return generated;
  } finally {
    busy.end({ replied, fenced });
  }
}

/** A private conversation is found again by what its first question began with; the platform keeps the first title. */
function titleOf({ target }: Run, question: HistoryEntry): { readonly title?: string } {
  const title = target.place === "private" ? toTitle(question.text) : "";
  return title === "" ? {} : { title };
}

/** The chat API's failures become a human sentence; a context that is too long is shortened once. */
async function streamOrExplain(
  run: Asking,
  question: HistoryEntry,
  source: ContextSource,
  busy: BusySign,
): Promise<Generated> {
  const told = toContent(source.question);
  for (const shortened of [false, true]) {
    try {
      const messages = shortened ? buildShortenedContext(source) : buildContext(source);
      const questionCut = !messages.at(-1)?.content.endsWith(told);
      return await streamAnswer(run, { question, questionCut }, messages, busy);
    } catch (error) {
      if (!(error instanceof ChatApiError)) throw error;
      if (error.problem === "context-too-long" && !shortened) continue;
      const { events, admission } = run.dependencies;
      events.chatApiFailed({ message: run.turn.message.id, problem: error.problem, cause: causeOf(error) });
      if (typeof error.retry === "object") admission.refused(run.settings.model, error.retry.afterMs);
      return notice(words.chatApi[error.problem], question);
    }
  }
  return notice(words.chatApi["context-too-long"], question);
}

function budgetOf({ settings, dependencies: { contextTokens, chatApi } }: Asking): number {
  return contextBudget(contextTokens, chatApi.contextWindow(settings.model));
}

/** What the context of this question is built from. */
function toSource(run: Asking, question: HistoryEntry, background: readonly QuotedMessage[]): ContextSource {
  const { systemPrompt } = run.settings;
  const { history } = run.turn;
  const told = withoutKnown(background, run.turn);
  const source = { systemPrompt, background: told, newestFirst: history, question };
  const budgetTokens = budgetOf(run);
  if (run.values.names) return { ...source, budgetTokens };
  return {
    systemPrompt,
    background: backgroundWithoutNames(told, [question, ...history]),
    newestFirst: history.map(withoutName),
    question: withoutName(question),
    budgetTokens,
  };
}

async function streamAnswer(
  run: Asking,
  asked: Pick<Answer, "question" | "questionCut"> & { readonly question: HistoryEntry },
  messages: readonly ChatMessage[],
  busy: BusySign,
): Promise<Generated> {
  const { signals } = run;
  const { chatApi, events } = run.dependencies;
  const { model, parameters } = run.settings;
  const lost = new AbortController();
  const signal = AbortSignal.any([signals.stop, signals.handBack, lost.signal]);
  let loss: Lost | undefined;
  const onLost = (how: Lost) => {
    loss = how;
    lost.abort();
  };
  const previews = run.values.streaming === "off" ? undefined : startPreviews(run, busy, onLost);

  const leftOut: string[] = [];
  let text = "";
  let end: Extract<ChatEvent, { kind: "end" }> = { kind: "end", finish: "interrupted", usage: undefined };
  try {
    for await (const event of chatApi.stream({ model, messages, parameters }, signal)) {
      if (event.kind === "end") {
        end = event;
        break;
      }
      if (event.kind === "left-out") {
        leftOut.push(event.parameter);
        continue;
      }
      text += event.text;
      previews?.grow(text);
    }
  } finally {
    await previews?.end();
  }
  if (loss?.kind === "fenced") return { kind: "fenced" };
  if (loss?.kind === "closed") {
    events.replyClosed({ message: run.turn.message.id, cause: causeOf(loss.cause) });
    return { kind: "silent", entries: [asked.question] };
  }
  const handedBack = signals.handBack.aborted && !signals.stop.aborted && end.finish === "stopped";
  if (handedBack) return { kind: "handedBack" };
  if (signals.stop.reason instanceof QuestionDeleted) return takenBack(run, text);
  const { finish, usage } = end;
  const answer: Answer = { ...noAnswer, ...asked, text, end: finish, usage, leftOut };
  return { kind: "answer", answer };
}

function startPreviews(run: Run, busy: BusySign, onLost: (lost: Lost) => void): Previews {
  const { platform, target, writer, renderer } = run;
  const { events } = run.dependencies;
  return new Previews({
    platform,
    target,
    timing: run.dependencies.timing,
    renderer,
    writer,
    onLost,
    onFailed: (error) => events.previewFailed({ message: run.turn.message.id, cause: causeOf(error) }),
    onVisible: () => busy.textVisible(),
  });
}
