/** From the question to the final text: who asks, what is remembered, the model's stream. */

import type { AdmittedCall } from "./admission.ts";
import { type Asking, budgetOf, readAsked } from "./asked.ts";
import { findBackground, withoutKnown } from "./background.ts";
import type { QuotedMessage } from "./background-text.ts";
import { callWhenAdmitted, giveUpPlace } from "./call-when-admitted.ts";
import type { ChatEvent } from "./chat-api.ts";
import { buildContext, type ContextSource, type CountedContext, toContent } from "./context.ts";
import type { Serving } from "./endpoints.ts";
import { ChatApiError, QuestionDeleted, QuestionOvertaken } from "./errors.ts";
import { causeOf } from "./events.ts";
import { askWhetherWanted } from "./late.ts";
import { noAnswer, noticeAfter } from "./notices.ts";
import { backgroundWithoutNames, withoutName } from "./people.ts";
import { type BusySign, showBusySign } from "./reply/busy-sign.ts";
import { Previews } from "./reply/previews.ts";
import { showsWait } from "./reply/show-wait.ts";
import type { Lost } from "./reply/shown.ts";
import { standsAsBefore } from "./standing-answer.ts";
import { toTitle } from "./title.ts";
import type { Generated, Run } from "./turn.ts";
import type { Answer, HistoryEntry } from "./turn-store.ts";
import { words } from "./words.ts";

/** How many runs may call the model for one message before the bot apologises. */
const maxTries = 3;

/** Takes the turn to its final text, or to an end without one. Nothing is final before the caller has stored it. */
export async function generateAnswer(run: Run): Promise<Generated> {
  const { turn, signals } = run;
  if (signals.handBack.aborted) return { kind: "handedBack" };
  if (turn.stopped === "asked") return stoppedBeforehand(run, []);
  if (turn.late.length > 0) return await askWhetherWanted(run);
  const asked = await readAsked(run);
  if (asked.kind === "ended") return asked.end;
  const { asking, entries } = asked;
  if (turn.stopped === "overtaken") return stoppedBeforehand(run, entries, "overtaken");
  if (turn.tries > maxTries) {
    return noticeAfter(words.failed, entries, `${turn.tries - 1} runs ended without an answer`);
  }
  return await answerQuestion(asking, asked.question);
}

/**
 * Stopped before this run: what a dead run left visible stays and is marked; otherwise the message ends without a reply.
 * @param entries what is remembered all the same, oldest first
 */
function stoppedBeforehand(run: Run, entries: readonly HistoryEntry[], why?: "overtaken"): Generated {
  const { turn, writer } = run;
  giveUpPlace(run);
  if (standsAsBefore(run)) return { kind: "silent", entries: [], why: "kept" };
  // A draft was shown and has faded: its mark is posted, for silence would say nothing of the stop.
  const wasShown = turn.pages.size + turn.intents.size > 0 || turn.shownUtf16 > 0;
  if (!wasShown) return { kind: "silent", entries, ...(why && { why }) };
  const remembered = { earlier: entries.slice(0, -1), question: entries.at(-1) };
  // Where nothing of an answer was shown, a page says at most how long it will take.
  const keepPages = turn.shownUtf16 > 0 ? writer.count : 0;
  return { kind: "answer", answer: { ...noAnswer, ...remembered, text: "", end: "stopped", keepPages } };
}

/** The question was deleted while its answer ran: nobody is to see more of it, and neither is remembered. */
function takenBack({ writer }: Run, text: string): Generated {
  if (writer.count === 0) return { kind: "silent", entries: [] };
  return { kind: "answer", answer: { ...noAnswer, text, end: "stopped" } };
}

async function answerQuestion(run: Asking, question: HistoryEntry): Promise<Generated> {
  const busy = showBusySign({
    platform: run.platform,
    store: run.dependencies.store,
    turn: run.turn,
    target: { ...run.target, ...titleOf(run, question) },
    timing: run.dependencies.timing,
    isLater: showsWait(run),
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
      const context = buildContext(source, shortened);
      const questionCut = !context.messages.at(-1)?.content.endsWith(told);
      const called = await callWhenAdmitted(run, toOrder(run, context), (serving, call) => {
        if (call !== undefined) busy.begin();
        return streamAnswer(run, { question, questionCut }, context, busy, serving, call);
      });
      return called.kind === "notice" ? noticeAfter(called.text, [...run.earlier, question]) : called;
    } catch (error) {
      if (!(error instanceof ChatApiError)) throw error;
      if (error.problem === "context-too-long" && !shortened) continue;
      const { events } = run.dependencies;
      events.chatApiFailed({ message: run.turn.message.id, problem: error.problem, cause: causeOf(error) });
      return noticeAfter(words.chatApi[error.problem], [...run.earlier, question]);
    }
  }
  return noticeAfter(words.chatApi["context-too-long"], [...run.earlier, question]);
}

/** Shares of the limits are a person's, in whichever conversation; what is kept of them names nobody. */
function toOrder({ dependencies, settings, turn, target }: Asking, { tokens }: CountedContext) {
  return {
    model: settings.model,
    user: dependencies.endUser(target.address, turn.message.author.id),
    promptTokens: tokens,
    maxTokens: settings.parameters.maxTokens,
  };
}

/** What the context of this question is built from. */
function toSource(run: Asking, question: HistoryEntry, background: readonly QuotedMessage[]): ContextSource {
  const { systemPrompt } = run.settings;
  const history = [...run.earlier.toReversed(), ...run.turn.history];
  const told = withoutKnown(background, run.turn, [...run.earlier, question]);
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
  { messages, tokens }: CountedContext,
  busy: BusySign,
  { chatApi, model }: Serving,
  call: AdmittedCall | undefined,
): Promise<Generated> {
  const { signals } = run;
  const { events } = run.dependencies;
  const { parameters } = run.settings;
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
    for await (const event of chatApi.stream({ model, messages, parameters }, signal, call)) {
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
  const { usage } = end;
  // Without the API's count, what is known of it: most of it is the prompt.
  const used = usage ? usage.promptTokens + usage.completionTokens : tokens + Math.ceil(text.length / 4);
  call?.used(used, end.finish === "stop" ? usage?.completionTokens : undefined);
  if (loss?.kind === "fenced") return { kind: "fenced" };
  if (loss?.kind === "closed") {
    events.replyClosed({ message: run.turn.message.id, cause: causeOf(loss.cause) });
    return { kind: "silent", entries: [...run.earlier, asked.question] };
  }
  const handedBack = signals.handBack.aborted && !signals.stop.aborted && end.finish === "stopped";
  if (handedBack) return { kind: "handedBack" };
  if (signals.stop.reason instanceof QuestionDeleted) return takenBack(run, text);
  if (signals.stop.aborted && text === "" && standsAsBefore(run)) {
    return { kind: "silent", entries: [], why: "kept" };
  }
  const isUnseen = run.writer.count === 0 && run.writer.shownUtf16 === 0;
  if (signals.stop.reason instanceof QuestionOvertaken && isUnseen) {
    return { kind: "silent", entries: [...run.earlier, asked.question], why: "overtaken" };
  }
  const { finish } = end;
  const answer: Answer = { ...noAnswer, ...asked, earlier: run.earlier, text, end: finish, usage, leftOut };
  // A dead run had come further: what the asker has read stays, with its mark, as if this run had said nothing.
  const { count, shownUtf16 } = run.writer;
  const wasFurther = finish === "stopped" && count > 0 && text.length < shownUtf16;
  if (wasFurther) return { kind: "answer", answer: { ...answer, text: "", keepPages: count } };
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
