/** BullMQ's worker for wake-ups: takes a conversation's turns one after another and runs them. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DelayedError, type Job, type Queue, WaitingError } from "bullmq";
import type { Redis } from "ioredis";
import type { ConversationId } from "../core/conversation.ts";
import { causeOf, type Events } from "../core/events.ts";
import type { Timing } from "../core/timing.ts";
import type { TurnEnd, TurnSignals } from "../core/turn.ts";
import type { TakenTurn, TurnStore } from "../core/turn-store.ts";
import { queues, type ShardKeys } from "./keys.ts";
import { LiveTurns } from "./live-turns.ts";
import { RestingWorker } from "./resting-worker.ts";
import { keepStalledChecks } from "./stalled-checks.ts";
import { type TakeResult, takeTurn, UnreadableTurn } from "./take-turn.ts";
import { type WakeUp, wakeUp } from "./wake-up.ts";

/** What a turn worker needs. */
export interface TurnWorkerOptions {
  /** A patient connection. */
  readonly redis: Redis;
  /** A worker connection. */
  readonly workerRedis: Redis;
  readonly keys: ShardKeys;
  readonly turns: Queue<WakeUp>;
  readonly store: Pick<TurnStore, "release" | "move">;
  readonly timing: Timing;
  readonly events: Events;
  /** Turns at once. */
  readonly concurrency: number;
  /** How much history a turn is given, in tokens. */
  readonly contextTokens: number;
  /** After how long a question that nobody took is late; 0: never. */
  readonly lateAfterMs: number;
  readonly run: (turn: TakenTurn, signals: TurnSignals) => Promise<TurnEnd>;
}

/** A worker that is running. */
export interface TurnWorker {
  /** Takes nothing new, lets turns end for `graceMs`, gives the rest back, and closes. */
  stop(graceMs: number): Promise<void>;
}

/** So many messages of one conversation are answered before others have their turn. */
const turnsInARow = 20;

/** Starts taking turns. */
export function startTurnWorker(options: TurnWorkerOptions): TurnWorker {
  const { redis, keys, timing, events } = options;
  const id = randomUUID();
  const live = new LiveTurns(redis, keys, id, timing);
  const grace = createReconnectGrace(redis, timing);
  const state: WorkerState = { options, live, id, claims: 0, stopping: false, inGrace: grace };
  const worker = new RestingWorker<WakeUp>(queues.turns, (job, token) => work(state, job, token ?? ""), {
    connection: options.workerRedis,
    prefix: keys.prefix,
    concurrency: options.concurrency,
    restMs: timing.redisReconnectMs,
    lockDuration: timing.lockMs,
    stalledInterval: timing.stalledCheckMs,
    maxStalledCount: 1_000_000,
    drainDelay: 1,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  keepStalledChecks(worker, timing.stalledCheckMs, events);
  return {
    async stop(graceMs) {
      state.stopping = true;
      const closing = worker.close();
      await Promise.race([closing, sleep(graceMs, undefined, { ref: false })]);
      live.handBackAll();
      await closing;
      await live[Symbol.asyncDispose]();
    },
  };
}

interface WorkerState {
  readonly options: TurnWorkerOptions;
  readonly live: LiveTurns;
  readonly id: string;
  claims: number;
  /** The process is going: nothing new is taken. */
  stopping: boolean;
  readonly inGrace: () => boolean;
}

/** True for a while after our own reconnect: other holders could not say that they live either. */
function createReconnectGrace(redis: Redis, timing: Timing): () => boolean {
  let lostAt = Number.NEGATIVE_INFINITY;
  let lost = false;
  redis.on("close", () => {
    lost = true;
  });
  redis.on("ready", () => {
    if (lost) lostAt = performance.now();
    lost = false;
  });
  return () => lost || performance.now() - lostAt < timing.reconnectGraceMs;
}

async function work(state: WorkerState, job: Job<WakeUp>, token: string): Promise<void> {
  const { conversation } = job.data;
  for (let turns = 0; turns < turnsInARow; turns++) {
    if (state.stopping) await backToWait(job, token);
    const taken = await take(state, job, token, conversation);
    if (taken.kind === "empty" || taken.kind === "lost") return;
    if (taken.kind === "yield") {
      state.options.events.turnYielded({ conversation });
      return await later(job, token, state.options.timing.yieldMs);
    }
    if (taken.kind === "wait") return await later(job, token, taken.waitMs);
    // What came under the old id since goes along.
    if (taken.kind === "moved") return await state.options.store.move(conversation, taken.to);
    const end = await runLive(state, taken.turn);
    switch (end.kind) {
      case "fenced":
        state.options.events.turnFenced({ message: taken.turn.message.id, epoch: taken.turn.fence.epoch });
        return;
      case "later":
        return await later(job, token, end.waitMs);
      case "handedBack":
        return await backToWait(job, token);
      default:
        if (end.waiting === 0) return;
    }
  }
  await wakeUp(state.options.turns, conversation);
}

async function take(
  state: WorkerState,
  job: Job<WakeUp>,
  token: string,
  conversation: ConversationId,
): Promise<TakeResult> {
  const { redis, keys, store, contextTokens, lateAfterMs, events, timing } = state.options;
  try {
    return await takeTurn(redis, keys, {
      conversation,
      lockKey: `${keys.prefix}:${queues.turns}:${job.id}:lock`,
      lockToken: token,
      claim: `${state.id}:${++state.claims}`,
      worker: state.id,
      budgetTokens: contextTokens,
      inGrace: state.inGrace(),
      timing,
      lateAfterMs,
    });
  } catch (error) {
    if (!(error instanceof UnreadableTurn)) throw error;
    // Written by another version: whoever can read it will, nothing is failed.
    events.turnUnreadable({ conversation, cause: causeOf(error.cause) });
    if (error.fence) await store.release(error.fence, { finals: new Map(), unsettled: true });
    return await later(job, token, timing.brokenMs);
  }
}

async function runLive(state: WorkerState, turn: TakenTurn): Promise<TurnEnd> {
  try {
    return await state.live.run(turn, (signals) => state.options.run(turn, signals));
  } catch (error) {
    const { message, epoch } = turn.fence;
    state.options.events.turnFailed({ message, epoch, cause: causeOf(error) });
    throw error;
  }
}

async function later(job: Job, token: string, waitMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + Math.ceil(waitMs), token);
  throw new DelayedError();
}

async function backToWait(job: Job, token: string): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
