/** What a turn asks: its messages made readable, which of their authors may ask, and what applies to the answer. */

import { contextBudget } from "./context.ts";
import type { IncomingMessage } from "./message.ts";
import { noticeAfter, refuse } from "./notices.ts";
import type { ReadMessage } from "./platform/platform.ts";
import { toQuestion } from "./question.ts";
import { readMessage } from "./read-message.ts";
import type { Refusal } from "./refusal.ts";
import { type TurnSettings, toTurnSettings } from "./settings/turn-settings.ts";
import type { Generated, Run } from "./turn.ts";
import type { HistoryEntry } from "./turn-store.ts";
import { words } from "./words.ts";

/** A run that knows who asks, and so what applies. */
export interface Asking extends Run {
  readonly settings: TurnSettings;
  /** What is asked together with the question, before it, oldest first. */
  readonly earlier: readonly HistoryEntry[];
}

/** What is asked, or how the turn ends because nothing is. */
export type Asked =
  | {
      readonly kind: "asked";
      readonly asking: Asking;
      /** The last thing that was said. */
      readonly question: HistoryEntry;
      /** Everything that was said, oldest first, the question included. */
      readonly entries: readonly HistoryEntry[];
    }
  | { readonly kind: "ended"; readonly end: Generated };

/** Reads the turn's message, or all of those that are answered together. @throws for a defect */
export async function readAsked(run: Run): Promise<Asked> {
  const { message, joined, history } = run.turn;
  const entries: HistoryEntry[] = [];
  let asking: Asking | undefined;
  let refusal: Refusal | undefined;
  let unsupported: string | undefined;
  let isWanted = false;
  for (const one of joined.length > 0 ? joined : [message]) {
    const found = await readMessage(run, one);
    if (found.kind === "unread" && found.end.kind !== "silent") return ended(found.end);
    // Who did not speak to the bot is not told that they may not.
    if (found.kind === "refused" && one.answer && !one.unaddressed) refusal ??= found.refusal;
    if (found.kind !== "readable") continue;
    const { read } = found;
    asking ??= toAsking(run, one, read);
    const before = [...entries.toReversed(), ...history];
    entries.push(toQuestion({ message: one, read, history: before, budgetTokens: budgetOf(asking) }));
    if (!one.answer) continue;
    const isReadable = one.unsupported === undefined || read.text.trim() !== "";
    isWanted ||= isReadable;
    if (!isReadable && !one.unaddressed) unsupported ??= one.unsupported;
  }
  const question = entries.at(-1);
  if (isWanted && asking && question) {
    return { kind: "asked", asking: { ...asking, earlier: entries.slice(0, -1) }, question, entries };
  }
  if (unsupported !== undefined) return ended(noticeAfter(words.unsupported(unsupported), []));
  return ended(refusal ? await refuse(run, refusal, entries) : { kind: "silent", entries });
}

function ended(end: Generated): Asked {
  return { kind: "ended", end };
}

/** @param message whose author's circumstances count */
export function toAsking(run: Run, message: IncomingMessage, { authorName }: ReadMessage): Asking {
  const { address } = run.target;
  const circumstances = {
    atMs: message.sentAtMs,
    address,
    userName: run.values.names ? authorName : words.someone,
    endUser: run.dependencies.endUser(address, message.author.id),
  };
  return { ...run, settings: toTurnSettings(run.values, circumstances), earlier: [] };
}

/** Of the whole context, in tokens. */
export function budgetOf({ settings, dependencies: { contextTokens, endpoints } }: Asking): number {
  return contextBudget(contextTokens, endpoints.contextWindow(settings.model));
}
