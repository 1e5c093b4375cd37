/** The durable inbox: what arrives is written, deduplicated and its conversation woken in one transaction. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { ConversationId } from "../core/conversation.ts";
import { causeOf, type Events } from "../core/events.ts";
import type { Arrival, Inbox, Lease } from "../core/inbox.ts";
import type { IncomingMessage } from "../core/message.ts";
import type { Patience } from "../core/patience.ts";
import type { Timing } from "../core/timing.ts";
import {
  type ErrandCall,
  isForInbox,
  isTail,
  isWanted,
  type ScriptCall,
  stopsAnswer,
  toErrandCall,
  toOverload,
  toOverloadCall,
  toScriptCall,
} from "./arrivals.ts";
import { isCommand, toCommandErrands } from "./command-rate.ts";
import { readCustoms } from "./customs.ts";
import { createErrandOnce, type Errand } from "./errands.ts";
import type { ShardKeys } from "./keys.ts";
import { runScript, scriptArguments } from "./scripts.ts";
import { createWakeUp, moveWakeUp, type WakeUp, wakeUp } from "./wake-up.ts";

/** What an inbox needs. The connection is a hasty one: see `connection.ts`. */
export interface InboxOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly turns: Queue<WakeUp>;
  readonly commands: Queue<Errand>;
  readonly timing: Timing;
  readonly events: Events;
  /** How long a conversation that fell silent stays one that the bot takes part in. */
  readonly historyDays: number;
  readonly patience: Patience;
}

/** Makes the inbox that adapters write to. */
export function createInbox(options: InboxOptions): Inbox {
  return {
    accept: (arrivals) => within(options.timing.acceptMs, accept(options, arrivals)),
    wanted: async (prompt) => (await options.redis.get(options.keys.wanted(prompt))) ?? undefined,
    customs: (conversation) => readCustoms(options.redis, options.keys, conversation),
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

async function accept(options: InboxOptions, all: readonly Arrival[]): Promise<void> {
  const arrivals = all.filter((arrival) => options.patience.otherBots || !isOfBot(arrival));
  if (arrivals.length === 0) return;
  const forInbox = arrivals.filter(isForInbox);
  const commands = await toCommandErrands(options, arrivals.filter(isCommand));
  const calls: Calls = {
    scripts: forInbox.map((arrival) => toScriptCall(options, arrival)),
    wakes: conversationsToWake(arrivals),
    errands: [
      ...commands,
      ...arrivals.flatMap((one) => (isForInbox(one) || isCommand(one) ? [] : [toErrandCall(one)])),
    ],
  };
  const client = await options.turns.backend.client;
  const transaction = client.multi();
  for (const { name, keys, rest } of calls.scripts) {
    transaction.runCommand(name, scriptArguments(keys, rest));
  }
  const adding = [
    ...calls.wakes.map((conversation) => createWakeUp(options.turns, conversation).addJob(transaction)),
    ...calls.errands.map(({ id, data }) => createErrandOnce(options.commands, id, data).addJob(transaction)),
  ];
  // Inside a transaction these resolve when queued; their answers come with EXEC.
  await Promise.all(adding);
  const replies = await transaction.exec().catch((error: unknown) => {
    throw refusalIn(error);
  });
  const isWhole = replies?.every(([error]) => error === null) === true;
  const answers = isWhole ? replies.map(([, answer]) => answer) : await acceptStepByStep(options, calls);
  await wakeWanted(options, calls, answers);
  for (const [index, arrival] of forInbox.entries()) {
    if (arrival.kind === "moved" && answers[index] === 1)
      options.events.conversationMoved({ from: arrival.from, to: arrival.to });
    if (arrival.kind === "message") await tellOverload(options, arrival.message, answers[index]);
  }
}

/** In a round trip of its own, for it is rare; before the platform is told "received", which else delivers it again. */
async function tellOverload(options: InboxOptions, message: IncomingMessage, answer: unknown): Promise<void> {
  const overload = toOverload(answer);
  if (overload === undefined) return;
  options.events.messageLeftOut({ message: message.id, limit: overload });
  await addErrand(options, toOverloadCall(options, message, overload));
}

async function addErrand({ commands }: InboxOptions, { id, data }: ErrandCall): Promise<void> {
  const job = createErrandOnce(commands, id, data);
  await commands.add(job.name, data, job.opts);
}

function isOfBot(arrival: Arrival): boolean {
  return arrival.kind === "message" && arrival.message.author.isBot === true;
}

/** A transaction that is discarded says so, and its reason only beside it. */
function refusalIn(error: unknown): unknown {
  const before = error instanceof Error && "previousErrors" in error ? error.previousErrors : undefined;
  return Array.isArray(before) && before[0] instanceof Error ? before[0] : error;
}

/**
 * What nobody said to the bot has no wake-up, for it is rarely wanted; where it is, that comes second. Whoever dies in
 * between leaves it to the sweeper.
 */
async function wakeWanted(
  { turns }: InboxOptions,
  { scripts }: Pick<Calls, "scripts">,
  replies: readonly unknown[],
): Promise<void> {
  const toWake = (isToWake: (reply: unknown) => boolean) =>
    new Set(scripts.flatMap(({ wakes }, index) => (isToWake(replies[index]) ? (wakes ?? []) : [])));
  for (const conversation of toWake(isWanted)) await wakeUp(turns, conversation);
  // A turn that waits outside its slot, for the model or the platform, ends now and not at its time.
  for (const conversation of toWake(stopsAnswer)) await moveWakeUp(turns, conversation, 0);
}

interface Calls {
  readonly scripts: readonly ScriptCall[];
  readonly wakes: readonly ConversationId[];
  readonly errands: readonly ErrandCall[];
}

/** Those that something new waits in, or that what waited elsewhere has come to. What changes or takes back a message needs nobody to look. */
function conversationsToWake(arrivals: readonly Arrival[]): readonly ConversationId[] {
  const wakes = arrivals.flatMap((arrival) => {
    if (arrival.kind === "moved") return [arrival.to];
    return arrival.kind === "message" && !isTail(arrival.message) ? [arrival.message.conversation] : [];
  });
  return [...new Set(wakes)];
}

/**
 * A transaction can half-apply: a script that Redis no longer knows fails alone. Every step is idempotent, so all are
 * done again one by one; a conversation whose wake-up is lost all the same is found by the sweeper.
 */
async function acceptStepByStep(
  options: InboxOptions,
  { scripts, wakes, errands }: Calls,
): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const { name, keys, rest } of scripts) answers.push(await runScript(options.redis, name, keys, rest));
  for (const conversation of wakes) await wakeUp(options.turns, conversation);
  for (const errand of errands) await addErrand(options, errand);
  return answers;
}

async function holdLease(options: InboxOptions, name: string, signal: AbortSignal): Promise<Lease> {
  const { redis, keys, timing, events } = options;
  const holder = randomUUID();
  const refused = (error: unknown) => {
    events.leaseRefused({ lease: name, cause: causeOf(error) });
    return false;
  };
  const renew = async () =>
    (await runScript(redis, "hold-lease", [keys.lease(name)], [holder, timing.leaseMs])) === 1;
  while (!(await renew().catch(refused))) await sleep(timing.leaseMs / 5, undefined, { signal });

  const lost = new AbortController();
  let renewedAt = performance.now();
  // Once lost it is somebody else's: renewing again could take it back unseen.
  lost.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  const timer = setInterval(() => {
    // Ours to use only as long as Redis surely keeps it, whatever a pending renewal will answer.
    if (performance.now() - renewedAt > timing.leaseMs * 0.8)
      lost.abort(new Error(`lease ${name} could not be renewed`));
    const askedAt = performance.now();
    renew().then((held) => {
      if (held) renewedAt = askedAt;
      else lost.abort(new Error(`lease ${name} was taken`));
    }, refused);
  }, timing.leaseMs / 5);
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await runScript(redis, "end-lease", [keys.lease(name)], [holder]).catch(() => undefined);
    },
  };
}
