/** Questions that came while the bot was away, for so long that nobody may care any more. */

import { budgetOf, toAsking } from "./asked.ts";
import { noticeAfter, refuse } from "./notices.ts";
import { toQuestion } from "./question.ts";
import { readMessage } from "./read-message.ts";
import type { Refusal } from "./refusal.ts";
import type { Generated, Run } from "./turn.ts";
import type { HistoryEntry } from "./turn-store.ts";
import { words } from "./words.ts";

/** They are remembered and not answered, and one sentence asks whether an answer is still wanted. */
export async function askWhetherWanted(run: Run): Promise<Generated> {
  const entries: HistoryEntry[] = [];
  const { history, late } = run.turn;
  let unanswered = 0;
  let refusal: Refusal | undefined;
  let budgetTokens: number | undefined;
  for (const message of late) {
    const found = await readMessage(run, message);
    if (found.kind === "unread" && found.end.kind !== "silent") return found.end;
    if (found.kind === "refused" && message.answer && !message.unaddressed) refusal ??= found.refusal;
    if (found.kind !== "readable") continue;
    budgetTokens ??= budgetOf(toAsking(run, message, found.read));
    const before = [...entries.toReversed(), ...history];
    entries.push(toQuestion({ message, read: found.read, history: before, budgetTokens }));
    if (message.answer && !message.unaddressed) unanswered += 1;
  }
  if (unanswered > 0) return noticeAfter(words.away(unanswered), entries);
  return refusal === undefined ? { kind: "silent", entries } : await refuse(run, refusal, entries);
}
