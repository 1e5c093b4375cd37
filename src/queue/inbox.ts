/** The durable inbox: what arrives is written, deduplicated and its conversation woken in one transaction. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { type ConversationId, parseConversationId } from "../core/conversation.ts";
import type { Arrival, Inbox, Lease } from "../core/inbox.ts";
import type { IncomingMessage } from "../core/message.ts";
import type { Timing } from "../core/timing.ts";
import { createErrandOnce, type Errand } from "./errands.ts";
import { type ShardKeys, seenSeconds } from "./keys.ts";
import { runScript, scriptArguments } from "./scripts.ts";
import { createWakeUp, type WakeUp, wakeUp } from "./wake-up.ts";

/** What an inbox needs. The connection is a hasty one: see `connection.ts`. */
export interface InboxOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly turns: Queue<WakeUp>;
  readonly commands: Queue<Errand>;
  readonly timing: Timing;
  /** How long a conversation that fell silent stays one that the bot takes part in. */
  readonly historyDays: number;
}

/** Makes the inbox that adapters write to. */
export function createInbox(options: InboxOptions): Inbox {
  return {
    accept: (arrivals) => within(options.timing.acceptMs, accept(options, arrivals)),
    takesPart: async (conversation) => (await options.redis.exists(options.keys.part(conversation))) === 1,
    lease: (name, signal) => holdLease(options, name, signal),
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const error = () => new Error(`Redis did not confirm the write within ${ms} ms`);
  const timer = setTimeout(() => late.reject(error()), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function appendArguments(options: InboxOptions, message: IncomingMessage) {
  const { keys } = options;
  const marksPart = message.answer && parseConversationId(message.conversation).thread !== undefined;
  return {
    keys: [
      keys.seen(message.id),
      keys.inbox(message.conversation),
      keys.messages(message.conversation),
      keys.pending,
      keys.part(message.conversation),
    ],
    rest: [
      message.id,
      message.order,
      JSON.stringify(message, wellFormed),
      seenSeconds,
      message.conversation,
      marksPart ? options.historyDays * 86_400 : "",
    ],
  };
}

/** Half a surrogate pair is valid in JavaScript and in nothing that reads what we store. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

function toErrand(arrival: Exclude<Arrival, { kind: "message" }>): { id: string; data: Errand } {
  if (arrival.kind === "command") {
    return { id: arrival.command.id, data: { v: 1, kind: "command", command: arrival.command } };
  }
  if (arrival.kind === "opened") return { id: arrival.conversation, data: { v: 1, ...arrival } };
  const { conversation, author, atMs, only } = arrival;
  const stop = { v: 1, kind: "stop", conversation, author, atMs } as const;
  return { id: `${conversation}@${arrival.id}`, data: only === undefined ? stop : { ...stop, only } };
}

async function accept(options: InboxOptions, arrivals: readonly Arrival[]): Promise<void> {
  if (arrivals.length === 0) return;
  const messages = arrivals.flatMap((arrival) => (arrival.kind === "message" ? [arrival.message] : []));
  const errands = arrivals.flatMap((arrival) => (arrival.kind === "message" ? [] : [toErrand(arrival)]));
  const conversations = [...new Set(messages.map((message) => message.conversation))];

  const client = await options.turns.backend.client;
  const transaction = client.multi();
  for (const message of messages) {
    const append = appendArguments(options, message);
    transaction.runCommand("append-message", scriptArguments(append.keys, append.rest));
  }
  const adding = [
    ...conversations.map((conversation) => createWakeUp(options.turns, conversation).addJob(transaction)),
    ...errands.map(({ id, data }) => createErrandOnce(options.commands, id, data).addJob(transaction)),
  ];
  // Inside a transaction these resolve when queued; their answers come with EXEC.
  await Promise.all(adding);
  const replies = await transaction.exec();
  if (replies?.every(([error]) => error === null)) return;
  await acceptStepByStep(options, messages, conversations, errands);
}

/**
 * A transaction can half-apply: a script that Redis no longer knows fails alone. Every step is idempotent, so all are
 * done again one by one; a conversation whose wake-up is lost all the same is found by the sweeper.
 */
async function acceptStepByStep(
  options: InboxOptions,
  messages: readonly IncomingMessage[],
  conversations: readonly ConversationId[],
  errands: readonly { id: string; data: Errand }[],
): Promise<void> {
  for (const message of messages) {
    const append = appendArguments(options, message);
    await runScript(options.redis, "append-message", append.keys, append.rest);
  }
  for (const conversation of conversations) await wakeUp(options.turns, conversation);
  for (const { id, data } of errands) {
    const job = createErrandOnce(options.commands, id, data);
    await options.commands.add(job.name, data, job.opts);
  }
}

async function holdLease(options: InboxOptions, name: string, signal: AbortSignal): Promise<Lease> {
  const { redis, keys, timing } = options;
  const holder = randomUUID();
  const renew = async () =>
    (await runScript(redis, "hold-lease", [keys.lease(name)], [holder, timing.leaseMs])) === 1;
  while (!(await renew().catch(() => false))) await sleep(timing.leaseMs / 5, undefined, { signal });

  const lost = new AbortController();
  let renewedAt = performance.now();
  // Once lost it is somebody else's: renewing again could take it back unseen.
  lost.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  const timer = setInterval(() => {
    // Ours to use only as long as Redis surely keeps it, whatever a pending renewal will answer.
    if (performance.now() - renewedAt > timing.leaseMs * 0.8)
      lost.abort(new Error(`lease ${name} could not be renewed`));
    const askedAt = performance.now();
    renew().then(
      (held) => {
        if (held) renewedAt = askedAt;
        else lost.abort(new Error(`lease ${name} was taken`));
      },
      () => undefined,
    );
  }, timing.leaseMs / 5);
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await runScript(redis, "end-lease", [keys.lease(name)], [holder]).catch(() => undefined);
    },
  };
}
