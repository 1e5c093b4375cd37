/** What each arrival does to Redis: one script, or one errand that is done once. All of it is idempotent. */

import { toPerson, toPlace } from "../core/commands/command-answer.ts";
import { type ConversationId, parseConversationId } from "../core/conversation.ts";
import type { Arrival } from "../core/inbox.ts";
import type { IncomingMessage } from "../core/message.ts";
import { botLoop, type Overload, overloads, type Patience } from "../core/patience.ts";
import { scopesOf } from "../core/settings/scopes.ts";
import type { Timing } from "../core/timing.ts";
import { words } from "../core/words.ts";
import type { Errand } from "./errands.ts";
import { editSeconds, type ShardKeys, seenSeconds, stopSeconds } from "./keys.ts";
import { moveArguments } from "./move.ts";
import type { ScriptArgument, ScriptName } from "./scripts.ts";

/** One atomic write. */
export interface ScriptCall {
  readonly name: ScriptName;
  readonly keys: readonly string[];
  readonly rest: readonly ScriptArgument[];
  /** Whom to wake when it answers so: see {@link isWanted}, {@link stopsAnswer}. */
  readonly wakes?: readonly ConversationId[];
}

/** True for what `append-message` answers when it has accepted something that may not have been said to the bot. */
export function isWanted(answer: unknown): boolean {
  return answer === 2 || answer === 3;
}

/** True for what `append-message` and `delete-message` answer when a running answer is to stop for it. */
export function stopsAnswer(answer: unknown): boolean {
  return answer === 3 || answer === "running";
}

/** One job of the commands queue and the id under which it is done once. */
export interface ErrandCall {
  readonly id: string;
  readonly data: Errand;
}

/** What arrivals are turned into calls with. */
export interface ArrivalContext {
  readonly keys: ShardKeys;
  readonly timing: Pick<Timing, "textPartMs" | "aliveForMs" | "tooMuchMs">;
  readonly patience: Patience;
  /** How long a conversation that fell silent stays one that the bot takes part in. */
  readonly historyDays: number;
}

type ScriptArrival = Extract<Arrival, { kind: "message" | "edit" | "delete" | "moved" }>;

const forInbox: readonly Arrival["kind"][] = ["message", "edit", "delete", "moved"];

/** True for what changes an inbox at once; the rest are errands. */
export function isForInbox(arrival: Arrival): arrival is ScriptArrival {
  return forInbox.includes(arrival.kind);
}

/** The script call that writes `arrival`. */
export function toScriptCall(context: ArrivalContext, arrival: ScriptArrival): ScriptCall {
  switch (arrival.kind) {
    case "message":
      return append(context, arrival.message);
    case "edit":
      return edit(context, arrival);
    case "delete":
      return remove(context, arrival);
    case "moved":
      return { name: "move-conversation", ...moveArguments(context.keys, arrival, context) };
    default:
      return arrival satisfies never;
  }
}

/** The errand that carries `arrival` out. */
export function toErrandCall(arrival: Exclude<Arrival, ScriptArrival>): ErrandCall {
  if (arrival.kind === "command") {
    return { id: arrival.command.id, data: { v: 1, kind: "command", command: arrival.command } };
  }
  if (arrival.kind === "opened") {
    const id = arrival.isHome === true ? `${arrival.conversation} home` : arrival.conversation;
    return { id, data: { v: 1, ...arrival } };
  }
  const { conversation, author, atMs, only } = arrival;
  const stop = { v: 1, kind: "stop", conversation, author, atMs } as const;
  return { id: `${conversation}@${arrival.id}`, data: only === undefined ? stop : { ...stop, only } };
}

/** True for the last part of a text that is not for the bot by itself: it only joins a part that has its wake-up. */
export function isTail({ onlyAsPart, part }: IncomingMessage): boolean {
  return onlyAsPart === true && part === undefined;
}

/** A person, wherever they write, as the keys of their limits name them. */
export function personOf(conversation: ConversationId, { id }: IncomingMessage["author"]): string {
  const { platform, scope } = parseConversationId(conversation);
  return `${platform}:${scope}:${encodeURIComponent(id)}`;
}

/** A part of a text or album counts this much of a message towards the rates. */
const partWeight = 0.1;

function append(
  { keys, timing, patience, historyDays }: ArrivalContext,
  message: IncomingMessage,
): ScriptCall {
  const { id, conversation } = message;
  const isThread = parseConversationId(conversation).thread !== undefined;
  const person = personOf(conversation, message.author);
  const marksPart = message.answer && message.onlyAsPart !== true && isThread;
  return {
    name: "append-message",
    keys: [
      keys.seen(id),
      keys.inbox(conversation),
      keys.messages(conversation),
      keys.pending,
      keys.part(conversation),
      keys.journal(conversation),
      keys.edit(id),
      keys.stop(conversation),
      keys.rate(`person:${person}`),
      keys.rate(conversation),
      keys.waitingOf(person),
      keys.tooMuch(`${person} ${conversation}`),
      keys.waited,
      keys.tooMuch(conversation),
      ...scopesOf(conversation).map((scope) => keys.settings(scope.id)),
    ],
    rest: [
      id,
      message.order,
      JSON.stringify(message, wellFormed),
      seenSeconds,
      conversation,
      marksPart ? historyDays * 86_400 : "",
      isTail(message) ? 1 : "",
      stopSeconds,
      keys.stops,
      patience.personPerMinute,
      patience.conversationPerMinute,
      patience.personWaiting,
      patience.conversationWaiting,
      patience.conversationsWaiting,
      patience.waitingMs,
      weightOf(message),
      timing.tooMuchMs,
      message.onlyAsPart === true ? (message.unaddressed ?? "") : "",
      isThread ? 1 : 0,
      message.author.isBot === true ? keys.bots(conversation) : "",
      botLoop.messages,
      botLoop.ms,
      timing.textPartMs,
    ],
    wakes: [conversation],
  };
}

/**
 * What a message counts towards the rates; "" = nothing: what asks for no answer, and the end of a text that was let in,
 * costs next to nothing.
 */
export function weightOf(message: IncomingMessage): number | "" {
  const mayBeWanted = message.answer && (!isTail(message) || message.unaddressed !== undefined);
  if (!mayBeWanted) return "";
  return message.part === undefined ? 1 : partWeight;
}

/** The limit that a message was beyond and that is to be told, by what the script answered. */
export function toOverload(reply: unknown): Overload | undefined {
  return overloads.find((overload) => overload === reply);
}

/** What tells somebody that their message was left out; as durable as the message would have been. */
export function toOverloadCall(
  { patience, timing }: Pick<ArrivalContext, "patience" | "timing">,
  message: IncomingMessage,
  overload: Overload,
): ErrandCall {
  const { id, conversation, nativeId, order, author, place, sentAtMs } = message;
  const said = { v: 1, id, conversation, nativeId, order, author, place, sentAtMs } as const;
  const command = { ...said, name: "", argument: "", reach: "conversation" } as const;
  // Between two there is nobody else to see it.
  const isOwn = overload === "person-rate" || overload === "person-waiting";
  const isAside = place === "group" && isOwn;
  const text = words.tooMuch[overload](patience);
  const answer = isAside ? toPerson(text) : toPlace(text);
  const once = isOwn ? {} : { oncePerMs: timing.tooMuchMs };
  return { id, data: { v: 1, kind: "command", command, answer, unlessRefused: true, ...once } };
}

/** Half a surrogate pair is valid in JavaScript and in nothing that reads what we store. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

function edit({ keys }: ArrivalContext, arrival: Extract<Arrival, { kind: "edit" }>): ScriptCall {
  const { id, conversation, version, content, expected } = arrival;
  return {
    name: "edit-message",
    keys: [keys.seen(id), keys.messages(conversation), keys.journal(conversation), keys.edit(id)],
    rest: [id, version, JSON.stringify(content, wellFormed), expected ? editSeconds : ""],
  };
}

function remove({ keys }: ArrivalContext, arrival: Extract<Arrival, { kind: "delete" }>): ScriptCall {
  const { id, conversation, expected } = arrival;
  return {
    name: "delete-message",
    keys: [
      keys.seen(id),
      keys.inbox(conversation),
      keys.messages(conversation),
      keys.journal(conversation),
      keys.stop(conversation),
      keys.edit(id),
    ],
    rest: [id, expected ? seenSeconds : "", stopSeconds, keys.stops],
    wakes: [conversation],
  };
}
