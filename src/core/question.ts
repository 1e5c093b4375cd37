/** A message as the history keeps it and the model is shown it: its words, who speaks, what it is about. */

import { messageTokens } from "./context.ts";
import type { IncomingMessage, Quoted } from "./message.ts";
import { personNumber } from "./people.ts";
import type { ReadMessage } from "./platform/platform.ts";
import { cutQuote, isPartOf, type Quote, quoteTokens } from "./quote.ts";
import type { HistoryEntry } from "./turn-store.ts";

/** What a question is made from. */
export interface QuestionSource {
  readonly message: IncomingMessage;
  readonly read: Pick<ReadMessage, "text" | "authorName">;
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
  /** Of the whole context, in tokens. */
  readonly budgetTokens: number;
}

/** The entry of the history that `message` becomes. */
export function toQuestion({ message, read, history, budgetTokens }: QuestionSource): HistoryEntry {
  const quote = message.quoted && toQuote(message.quoted, history, budgetTokens);
  const entry = {
    role: "user" as const,
    text: withUnsupported(read.text, message.unsupported),
    ...(message.place === "group" ? toSpeaker(read.authorName, history) : {}),
    ...(quote === undefined ? {} : { quote }),
  };
  return { ...entry, tokens: messageTokens(entry), atMs: message.sentAtMs, order: message.order };
}

function toSpeaker(speaker: string, history: readonly HistoryEntry[]) {
  return { speaker, person: personNumber(speaker, history) };
}

function withUnsupported(text: string, unsupported: string | undefined): string {
  return unsupported === undefined ? text : `${text}\n\n[attached: ${unsupported}, which you cannot see]`;
}

/**
 * The quote to show; none for the newest answer as a whole, which is what people in a group reply to most: the model
 * has it before it anyway.
 */
function toQuote(quoted: Quoted, history: readonly HistoryEntry[], budgetTokens: number): Quote | undefined {
  const newestAnswer = history.find(({ role }) => role === "assistant")?.text ?? "";
  if (quoted.own && !quoted.chosen && isPartOf(quoted.text, newestAnswer)) return undefined;
  const text = withUnsupported(quoted.text, quoted.unsupported).trim();
  if (text === "") return undefined;
  const quote = quoted.own ? { text } : { speaker: quoted.speaker, text };
  return cutQuote(quote, quoteTokens(budgetTokens));
}
