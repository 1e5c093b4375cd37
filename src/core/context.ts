/** Chooses what of a conversation the model is shown: pure, and as dear as what is shown, however old the conversation. */

import {
  type BackgroundChoice,
  backgroundFrameTokens,
  backgroundTokens,
  chooseNewest,
  chooseOpening,
  type QuotedMessage,
  tellBackground,
} from "./background-text.ts";
import type { ChatMessage } from "./chat-api.ts";
import { cutQuote, type Quote, quoteTokens, toQuoteBlock } from "./quote.ts";
import { countTokens, cutToTokens, overheadTokens } from "./tokens.ts";
import { words } from "./words.ts";

/** One message of the history. */
export interface ContextEntry {
  readonly role: "user" | "assistant";
  readonly text: string;
  /** The author's display name as the platform sent it, in a group; the model is told who speaks. Untrusted. */
  readonly speaker?: string;
  /** What it answers or quotes. */
  readonly quote?: Quote;
}

/** An entry with its count, taken once when it entered the history: {@link messageTokens}. */
export interface CountedEntry extends ContextEntry {
  readonly tokens: number;
}

/** What a context is built from. */
export interface ContextSource {
  /** Always shown whole, first and once. Empty: none. */
  readonly systemPrompt: string;
  /** The history without the question, newest first; read only as far as the budget reaches. */
  readonly newestFirst: Iterable<CountedEntry>;
  /** What was said in the thread before all that, oldest first; of it as much as the rest leaves room for. */
  readonly background?: readonly QuotedMessage[];
  readonly question: CountedEntry;
  /** {@link contextBudget} */
  readonly budgetTokens: number;
}

/** What the model is shown. */
export interface CountedContext {
  readonly messages: readonly ChatMessage[];
  /** Of all of them; an estimate. */
  readonly tokens: number;
}

/** Room for the question that not even a long system prompt takes away. */
const leastQuestionTokens = 256;

/** A message that alone is above the budget is shown in part only when at least this much of it fits. */
const leastCutTokens = 64;

/** The first message of a thread may take this part of what the question leaves, however long it is. */
const openingShare = 1 / 4;

/** Stands where the history begins with an answer: many chat templates demand that a person speaks first. */
const earlier = "[earlier messages left out]";

/** What is kept free for the answer: a quarter of the window, at most 4,096 tokens. */
function reservedOutputTokens(windowTokens: number): number {
  return Math.min(4_096, Math.floor(windowTokens / 4));
}

/** Tokens that prompt and history may take: the setting, but never more than the model's window less its answer. */
export function contextBudget(contextTokens: number, windowTokens: number): number {
  return Math.min(contextTokens, windowTokens - reservedOutputTokens(windowTokens));
}

/** Tokens that an entry takes in a context; to be stored with it. */
export function messageTokens(entry: ContextEntry): number {
  return countTokens(toContent(entry)) + overheadTokens.perMessage;
}

/**
 * The messages to send: the system prompt, as many whole newest messages as fit, the question. A question above what is
 * left is cut, and says so; so is the one message of the history that is above the whole budget by itself.
 * @param shortened half of what is shown otherwise, for a model that found that too long
 */
export function buildContext(source: ContextSource, shortened = false): CountedContext {
  if (shortened) {
    const { usedTokens } = choose(source);
    return buildContext({ ...source, budgetTokens: Math.floor(usedTokens / 2) });
  }
  const { background, chosen, usedTokens } = choose(source);
  const quotation = tellBackground(background);
  const quoted = quotation === "" ? [] : [{ role: "user" as const, text: quotation }];
  return { messages: merge(source.systemPrompt, [...quoted, ...chosen]), tokens: usedTokens };
}

/** `Name: text`, where a group has several speakers; in front of it what the message is about, as a quote. */
export function toContent(entry: ContextEntry): string {
  const { speaker, quote } = entry;
  const said = speaker === undefined ? entry.text : `${speakerName(speaker)}: ${entry.text}`;
  const all = quote === undefined ? said : `${toBlock(quote)}\n\n${said}`;
  return all.replace(invisibleTags, "").toWellFormed();
}

function toBlock(quote: Quote): string {
  return toQuoteBlock(quote, quote.speaker === undefined ? undefined : speakerName(quote.speaker));
}

/**
 * A display name that cannot pose as anything else: one line, no colon, brackets or quotes, nothing invisible or
 * direction-changing, at most 64 characters.
 */
export function speakerName(name: string): string {
  const plain = name.normalize("NFC").replace(notInNames, " ").replace(/\s+/gu, " ").trim();
  return Array.from(plain).slice(0, 64).join("").trim() || words.someone;
}

/** Control, format (bidi, zero-width, tags), unassigned, private and line-separating characters, and what structures a prompt. */
const notInNames = /[\p{C}\p{Zl}\p{Zp}:<>[\]{}|"`\\]/gu;

/** Characters that show nothing and say something to a model only. */
const invisibleTags = /[\u{E0000}-\u{E007F}]/gu;

interface Choice {
  readonly background: BackgroundChoice;
  /** Oldest first, the question last. */
  readonly chosen: readonly ContextEntry[];
  readonly usedTokens: number;
}

function choose(source: ContextSource): Choice {
  const system =
    source.systemPrompt === "" ? 0 : countTokens(source.systemPrompt) + overheadTokens.perMessage;
  const fixed = system + overheadTokens.perRequest;
  const room = Math.max(source.budgetTokens - fixed, leastQuestionTokens);
  const question = cutTo(source.question, room);
  const free = room - question.tokens;
  const opening = chooseThreadOpening(source, free);
  const around = backgroundTokens({ opening, newest: [], isCut: false });
  const history = chooseHistory(source.newestFirst, free - around, room);
  const background = chooseBackground(source, opening, history);
  const usedTokens = fixed + question.tokens + history.tokens + backgroundTokens(background);
  return { background, chosen: [...history.entries, question], usedTokens };
}

interface HistoryChoice {
  /** Oldest first. */
  readonly entries: readonly ContextEntry[];
  readonly tokens: number;
  /** What it left of what it might take; 0 when not all of the history is shown. */
  readonly leftTokens: number;
}

/** The newest messages; one that is above the whole room by itself is cut. */
function chooseHistory(newestFirst: Iterable<CountedEntry>, maxTokens: number, room: number): HistoryChoice {
  const entries: ContextEntry[] = [];
  let left = maxTokens;
  for (const entry of newestFirst) {
    if (entry.tokens <= left) {
      entries.unshift(entry);
      left -= entry.tokens;
      continue;
    }
    if (entry.tokens > room && left >= leastCutTokens) {
      const cut = cutTo(entry, left);
      entries.unshift(cut);
      left -= cut.tokens;
    }
    return { entries, tokens: maxTokens - left, leftTokens: 0 };
  }
  return { entries, tokens: maxTokens - left, leftTokens: left };
}

/** What a thread is about is told before anything else of it, and before the history. */
function chooseThreadOpening({ background = [] }: ContextSource, free: number): QuotedMessage | undefined {
  return chooseOpening(background, Math.min(Math.floor(free * openingShare), free - backgroundFrameTokens));
}

/** The rest of the background is older than the history, and is shown in what that leaves. */
function chooseBackground(
  { background = [] }: ContextSource,
  opening: QuotedMessage | undefined,
  { leftTokens }: HistoryChoice,
): BackgroundChoice {
  const others = background.filter((message) => !message.opening);
  const frame = opening === undefined ? backgroundFrameTokens : 0;
  const newest = chooseNewest(others.toReversed(), leftTokens - frame);
  return { opening, newest, isCut: newest.length < others.length };
}

/** The entry, or as much of it as `maxTokens` allow, marked: of its quote only a quarter of that. */
function cutTo(given: CountedEntry, maxTokens: number): CountedEntry {
  if (given.tokens <= maxTokens) return given;
  const quote = given.quote && cutQuote(given.quote, quoteTokens(maxTokens));
  const shorter = quote === undefined ? given : { ...given, quote };
  const entry = { ...shorter, tokens: messageTokens(shorter) };
  if (entry.tokens <= maxTokens) return entry;
  const mark = `\n\n${words.cutMessage}`;
  const around = messageTokens({ ...entry, text: mark });
  const text = cutToTokens(entry.text, Math.max(0, maxTokens - around)) + mark;
  const cut = { ...entry, text };
  return { ...cut, tokens: messageTokens(cut) };
}

/** System first and once, then strictly in turns: several messages of one side become one (platform-facts C7). */
function merge(systemPrompt: string, entries: readonly ContextEntry[]): readonly ChatMessage[] {
  const messages: { role: ChatMessage["role"]; content: string }[] = [];
  if (systemPrompt !== "") messages.push({ role: "system", content: systemPrompt });
  if (entries[0]?.role === "assistant") messages.push({ role: "user", content: earlier });
  for (const entry of entries) {
    const content = toContent(entry);
    const last = messages.at(-1);
    if (last?.role === entry.role) last.content += `\n\n${content}`;
    else messages.push({ role: entry.role, content });
  }
  return messages;
}
