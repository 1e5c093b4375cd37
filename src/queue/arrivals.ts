/** What each arrival does to Redis: one script, or one errand that is done once. All of it is idempotent. */

import { parseConversationId } from "../core/conversation.ts";
import type { Arrival } from "../core/inbox.ts";
import type { IncomingMessage } from "../core/message.ts";
import { scopesOf } from "../core/settings/scopes.ts";
import type { Timing } from "../core/timing.ts";
import type { Errand } from "./errands.ts";
import { editSeconds, type ShardKeys, seenSeconds, stopSeconds } from "./keys.ts";
import { moveArguments } from "./move.ts";
import type { ScriptArgument, ScriptName } from "./scripts.ts";

/** One atomic write. */
export interface ScriptCall {
  readonly name: ScriptName;
  readonly keys: readonly string[];
  readonly rest: readonly ScriptArgument[];
}

/** One job of the commands queue and the id under which it is done once. */
export interface ErrandCall {
  readonly id: string;
  readonly data: Errand;
}

/** What arrivals are turned into calls with. */
export interface ArrivalContext {
  readonly keys: ShardKeys;
  readonly timing: Pick<Timing, "textPartMs" | "aliveForMs">;
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
  if (arrival.kind === "opened") return { id: arrival.conversation, data: { v: 1, ...arrival } };
  const { conversation, author, atMs, only } = arrival;
  const stop = { v: 1, kind: "stop", conversation, author, atMs } as const;
  return { id: `${conversation}@${arrival.id}`, data: only === undefined ? stop : { ...stop, only } };
}

/** True for the last part of a text that is not for the bot by itself: it only joins a part that has its wake-up. */
export function isTail({ onlyAsPart, part }: IncomingMessage): boolean {
  return onlyAsPart === true && part === undefined;
}

function append({ keys, timing, historyDays }: ArrivalContext, message: IncomingMessage): ScriptCall {
  const { id, conversation } = message;
  const isThread = parseConversationId(conversation).thread !== undefined;
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
      ...scopesOf(conversation).map((scope) => keys.settings(scope.id)),
    ],
    rest: [
      id,
      message.order,
      JSON.stringify(message, wellFormed),
      seenSeconds,
      conversation,
      marksPart ? historyDays * 86_400 : "",
      isTail(message) ? timing.textPartMs : "",
      stopSeconds,
      keys.stops,
    ],
  };
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
  };
}
