/** Answers in the bot's own words instead of the model's. */

import type { Refusal } from "./refusal.ts";
import type { Generated, Run } from "./turn.ts";
import type { HistoryEntry } from "./turn-store.ts";

/** What the bot's own words have none of. */
export const noAnswer = {
  usage: undefined,
  questionCut: false,
  leftOut: [],
  keepPages: 0,
  earlier: [],
  question: undefined,
  deadLetter: undefined,
};

/**
 * A notice, and what the history gets before it.
 * @param entries oldest first
 * @param deadLetter why the turn could not be answered: ids and a cause
 */
export function noticeAfter(
  text: string,
  entries: readonly HistoryEntry[],
  deadLetter?: string,
): Extract<Generated, { kind: "answer" }> {
  const remembered = { earlier: entries.slice(0, -1), question: entries.at(-1) };
  return { kind: "answer", answer: { ...noAnswer, ...remembered, text, end: "notice", deadLetter } };
}

/** How the turn ends for somebody who may not use the bot: told once a day and chat, then without a reply. */
export async function refuse(
  run: Run,
  refusal: Refusal,
  entries: readonly HistoryEntry[],
): Promise<Generated> {
  const { message } = run.turn;
  const told = !(await run.dependencies.turnAway(refusal, message.id, message));
  return told ? { kind: "silent", entries, why: "refused" } : noticeAfter(refusal.text, entries);
}
