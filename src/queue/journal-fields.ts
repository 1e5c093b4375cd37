/** How a turn is written in Redis and read back: the journal's fields, history entries, answers. All carry a version. */

import { z } from "zod";
import type { QuotedMessage } from "../core/background-text.ts";
import { type MessageId, parseConversationId } from "../core/conversation.ts";
import { joinParts } from "../core/join-parts.ts";
import { type IncomingMessage, parseEditedContent, parseIncomingMessage } from "../core/message.ts";
import type { SettingsLayer } from "../core/settings/effective.ts";
import type { SettingsScope } from "../core/settings/scopes.ts";
import type { Answer, Fence, HistoryEntry, PageProgress, TakenTurn } from "../core/turn-store.ts";
import { parseStanding } from "./standing.ts";

const storedEntry = z.object({
  v: z.literal(1),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  speaker: z.string().optional(),
  person: z.number().optional(),
  quote: z.object({ speaker: z.string().exactOptional(), text: z.string() }).optional(),
});

/** `<tokens>:<order>:<ms>:<JSON>`: scripts read the numbers without parsing the rest. */
export function toHistoryRow(entry: HistoryEntry): string {
  const { role, text, speaker, person, quote } = entry;
  return `${entry.tokens}:${entry.order}:${entry.atMs}:${JSON.stringify({ v: 1, role, text, speaker, person, quote })}`;
}

/** @throws when `row` was not written by {@link toHistoryRow} */
function parseHistoryRow(row: string): HistoryEntry {
  const parts = /^(\d+):(-?\d+):(\d+):(.*)$/s.exec(row);
  if (!parts) throw new Error("Not a history row");
  const { role, text, speaker, person, quote } = storedEntry.parse(JSON.parse(parts[4] ?? ""));
  const more = {
    ...(speaker === undefined ? {} : { speaker }),
    ...(person === undefined ? {} : { person }),
    ...(quote === undefined ? {} : { quote }),
  };
  return { role, text, ...more, tokens: Number(parts[1]), order: Number(parts[2]), atMs: Number(parts[3]) };
}

const storedAnswer = z.object({
  v: z.literal(1),
  text: z.string(),
  end: z.enum(["stop", "length", "content_filter", "interrupted", "stopped", "notice"]),
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number() }).optional(),
  questionCut: z.boolean().default(false),
  leftOut: z.array(z.string()).default([]),
  keepPages: z.number().default(0),
  /** Rows under the name that the question has: a move finds the order keys of all of them by it. */
  earlier: z.array(z.object({ question: z.string() })).default([]),
  question: z.string().optional(),
  deadLetter: z.string().optional(),
});

/** The answer as the journal holds it. */
export function toStoredAnswer({ earlier, question, ...answer }: Answer): string {
  const rows = {
    earlier: earlier.map((entry) => ({ question: toHistoryRow(entry) })),
    question: question && toHistoryRow(question),
  };
  return JSON.stringify({ v: 1, ...answer, ...rows });
}

function parseStoredAnswer(stored: string): Answer {
  const { earlier, question, ...answer } = storedAnswer.parse(JSON.parse(stored));
  return {
    text: answer.text,
    end: answer.end,
    usage: answer.usage,
    questionCut: answer.questionCut,
    leftOut: answer.leftOut,
    keepPages: answer.keepPages,
    deadLetter: answer.deadLetter,
    earlier: earlier.map((row) => parseHistoryRow(row.question)),
    question: question === undefined ? undefined : parseHistoryRow(question),
  };
}

const storedBackground = z.object({
  v: z.literal(1),
  messages: z.array(
    z.object({ order: z.number(), opening: z.boolean(), quote: z.string(), tokens: z.number() }),
  ),
});

/** What was said in a thread before the bot was asked, as its key holds it. */
export function toStoredBackground(messages: readonly QuotedMessage[]): string {
  return JSON.stringify({ v: 1, messages });
}

/** Questions, each a list of parts: the message's JSON, and what it was changed to or "". */
const storedQuestions = z.array(z.array(z.tuple([z.string(), z.string()])).min(1)).min(1);

/** @throws ZodError when a part is not of a version this code reads */
function parsePart([message, edit]: readonly [string, string]): IncomingMessage {
  const parsed = parseIncomingMessage(JSON.parse(message));
  if (edit === "") return parsed;
  const { text, unsupported } = parseEditedContent(JSON.parse(edit.slice(edit.indexOf(":") + 1)));
  return { ...parsed, text, unsupported };
}

const takenReply = z.tuple([
  z.literal("taken"),
  z.number(),
  storedQuestions,
  z.union([z.array(z.string()), z.record(z.string(), z.string())]),
  z.string(),
  z.array(z.string()),
  z.number(),
  z.string(),
  z.array(z.unknown()),
]);

/** A hash as Redis answers it: a list of fields and values, or a map. */
export function toFields(
  list: readonly string[] | Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  if (!Array.isArray(list)) return new Map(Object.entries(list));
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < list.length; i += 2) fields.set(list[i] as string, list[i + 1] as string);
  return fields;
}

/** The fields named `<prefix>:<index>`, by index. */
function indexed(fields: ReadonlyMap<string, string>, prefix: string): [number, string][] {
  return [...fields].flatMap(([name, value]): [number, string][] =>
    name.startsWith(`${prefix}:`) ? [[Number(name.slice(prefix.length + 1)), value]] : [],
  );
}

/** One list of fields and values per scope; a Lua script writes an empty one as `{}`. */
const storedSettings = z.array(z.union([z.array(z.string()), z.object({}).transform(() => [])]));

function parseSettings(stored: string, scopes: readonly SettingsScope[]): readonly SettingsLayer[] {
  if (stored === "") return [];
  const layers = storedSettings.parse(JSON.parse(stored));
  return scopes.map((scope, index) => ({ scope, stored: toFields(layers[index] ?? []) }));
}

const storedFinals = z.array(
  z.tuple([
    z.number(),
    z.object({
      fingerprint: z.string().exactOptional(),
      plain: z.boolean().exactOptional(),
      refused: z.boolean().exactOptional(),
      removed: z.boolean().exactOptional(),
    }),
  ]),
);

/** The pages already in their final state, as the journal holds them. */
export function toStoredFinals(finals: ReadonlyMap<number, PageProgress>): string {
  return JSON.stringify([...finals]);
}

/** Rows of the history. */
const storedSaid = z.array(z.string());

function isModels(row: string): boolean {
  return parseHistoryRow(row).role === "assistant";
}

/** A request to stop a turn, as its key and its channel hold it: the message's id, and why if nobody asked for it. */
export function parseStopRequest(request: string): {
  readonly message: MessageId;
  readonly why: "asked" | "deleted" | "overtaken";
} {
  const [message = "", why] = request.split(" ");
  return { message: message as MessageId, why: why === "deleted" || why === "overtaken" ? why : "asked" };
}

function stoppedAs(request: string, message: MessageId): TakenTurn["stopped"] {
  const stop = parseStopRequest(request);
  if (stop.message !== message) return undefined;
  return stop.why === "overtaken" ? "overtaken" : "asked";
}

/** @throws ZodError when the reply of `take-turn` is not understood */
export function parseTakenTurn(reply: unknown, scopes: readonly SettingsScope[]): TakenTurn {
  const [, epoch, stored, list, stop, rows, historyStart, background, standings] = takenReply.parse(reply);
  const questions = stored.map((parts) => joinParts(parts.map(parsePart)));
  const message = questions[0] as IncomingMessage;
  const fields = toFields(list);
  const overtaken = fields.get("overtaken") === "1";
  const answer = fields.get("answer");
  const elsewhere = fields.get("elsewhere");
  const fence: Fence = { conversation: message.conversation, message: message.id, epoch };
  return {
    fence,
    message,
    late: fields.get("late") === "1" ? questions : [],
    again: fields.has("retriedBy"),
    wasAnswered: storedSaid.parse(JSON.parse(fields.get("said") ?? "[]")).some(isModels),
    joined: fields.get("joined") === "1" ? questions : [],
    tries: Number(fields.get("tries") ?? 0),
    takenOver: overtaken,
    unsettled: fields.get("unsettled") === "1",
    answer: answer === undefined ? undefined : parseStoredAnswer(answer),
    settings: parseSettings(fields.get("settings") ?? "", scopes),
    pages: new Map(indexed(fields, "page")),
    intents: new Map(indexed(fields, "intent").map(([index, at]) => [index, Number(at)])),
    posts: new Map(indexed(fields, "posts").map(([index, count]) => [index, Number(count)])),
    sentAgain: new Set(indexed(fields, "again").map(([index]) => index)),
    finals: new Map(storedFinals.parse(JSON.parse(fields.get("finals") ?? "[]"))),
    elsewhere: elsewhere === undefined ? undefined : parseConversationId(elsewhere),
    shownUtf16: Number(fields.get("shown") ?? 0),
    stopped: stoppedAs(stop, message.id),
    history: rows.map(parseHistoryRow),
    historyStart,
    standings: new Map(standings.map(parseStanding)),
    background: background === "" ? undefined : storedBackground.parse(JSON.parse(background)).messages,
  };
}
