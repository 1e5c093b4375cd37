/**
 * How the model is told what was said in a thread before it was asked: as a quotation, every line of it marked, so that
 * nothing in it can pass for the bot's own words or for the question. Pure.
 */

import { markLines } from "./quote.ts";
import { countTokens, cutToTokens, overheadTokens } from "./tokens.ts";
import { words } from "./words.ts";

/** One message of the background, quoted and counted once, when it was read. */
export interface QuotedMessage {
  /** The platform's order within the chat, as an `IncomingMessage` has it. */
  readonly order: number;
  /** The thread's first message, which says what it is about. */
  readonly opening: boolean;
  /** Speaker and text, every line marked; untrusted. */
  readonly quote: string;
  readonly tokens: number;
}

/** What is shown of a background. */
export interface BackgroundChoice {
  readonly opening: QuotedMessage | undefined;
  /** Oldest first. */
  readonly newest: readonly QuotedMessage[];
  /** Something between them is not shown. */
  readonly isCut: boolean;
}

/** Less than this of a message says nothing. */
const leastTokens = 24;

const { before, after, cut, leftOut } = words.background;

/** What the words around a quotation take. */
export const backgroundFrameTokens =
  countTokens(before) + countTokens(after) + countTokens(leftOut) + overheadTokens.perMessage + 3;

/** @param speaker a cleaned name, or the bot's own mark, which no name can imitate */
export function quote(speaker: string, text: string): string {
  return markLines(`${speaker}: ${text}`);
}

/** Takes the count. */
export function countQuoted(message: Omit<QuotedMessage, "tokens">): QuotedMessage {
  return { ...message, tokens: countTokens(message.quote) + 1 };
}

/** The thread's first message, cut to `maxTokens`; undefined when it is not known or there is no room. */
export function chooseOpening(
  messages: readonly QuotedMessage[],
  maxTokens: number,
): QuotedMessage | undefined {
  const opening = messages.find((message) => message.opening);
  return opening === undefined || maxTokens < leastTokens ? undefined : cutTo(opening, maxTokens);
}

/**
 * As many of the newest as fit; the one at the edge is cut.
 * @param newestFirst without the opening; read only as far as there is room
 */
export function chooseNewest(
  newestFirst: Iterable<QuotedMessage>,
  maxTokens: number,
): readonly QuotedMessage[] {
  const kept: QuotedMessage[] = [];
  let left = maxTokens;
  for (const message of newestFirst) {
    if (left < leastTokens) break;
    const fitting = cutTo(message, left);
    kept.unshift(fitting);
    left -= fitting.tokens;
  }
  return kept;
}

/** What a background takes of a context. */
export function backgroundTokens({ opening, newest }: BackgroundChoice): number {
  const all = opening === undefined ? newest : [opening, ...newest];
  return all.length === 0 ? 0 : all.reduce((sum, { tokens }) => sum + tokens, backgroundFrameTokens);
}

/** The quotation; "" when there is nothing to quote. */
export function tellBackground({ opening, newest, isCut }: BackgroundChoice): string {
  if (opening === undefined && newest.length === 0) return "";
  const first = opening === undefined ? [] : [opening.quote];
  const gap = isCut ? [leftOut] : [];
  return [before, ...first, ...gap, ...newest.map((message) => message.quote), after].join("\n");
}

/** The message, or as much of it as `maxTokens` allow, marked. */
function cutTo(message: QuotedMessage, maxTokens: number): QuotedMessage {
  if (message.tokens <= maxTokens) return message;
  const room = maxTokens - countTokens(cut) - 2;
  return countQuoted({ ...message, quote: cutToTokens(message.quote, Math.max(0, room)) + cut });
}
