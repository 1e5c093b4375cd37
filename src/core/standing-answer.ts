/** What becomes of an answer that is to be given again and stands there: it goes only for new words of the model's. */

import { QuestionDeleted } from "./errors.ts";
import type { Generated, Run } from "./turn.ts";

/** True while nothing new was shown of an answer that is given again. */
export function standsAsBefore({ turn, writer }: Run): boolean {
  return turn.again && turn.shownUtf16 === 0 && writer.shownUtf16 === 0;
}

/**
 * The same end, unless it brought nothing new where an answer of the model's stands: then that stays, in the history as
 * well, and what there is to say stands below it. What the bot itself had said instead of an answer goes.
 */
export function keepStanding(run: Run, generated: Generated): Generated {
  const { turn, signals, writer } = run;
  const isTakenBack = signals.stop.reason instanceof QuestionDeleted;
  if (!turn.wasAnswered || !standsAsBefore(run) || isTakenBack) return generated;
  if (generated.kind === "silent") return { kind: "silent", entries: [], why: "kept" };
  if (generated.kind !== "answer") return generated;
  const { answer } = generated;
  if (answer.end !== "notice" && answer.text.trim() !== "") return generated;
  return { kind: "answer", answer: { ...answer, earlier: [], question: undefined, keepPages: writer.count } };
}
