/** The turns that run in this process: what others are told of them, and how they are reached. */

import type { Redis } from "ioredis";
import { z } from "zod";
import type { ConversationId, MessageId } from "../core/conversation.ts";
import { QuestionDeleted, QuestionOvertaken } from "../core/errors.ts";
import type { Timing } from "../core/timing.ts";
import type { TurnSignals } from "../core/turn.ts";
import type { TakenTurn } from "../core/turn-store.ts";
import { parseStopRequest } from "./journal-fields.ts";
import type { ShardKeys } from "./keys.ts";

const reasons = {
  asked: undefined,
  deleted: () => new QuestionDeleted(),
  overtaken: () => new QuestionOvertaken(),
} as const;

const values = z.array(z.string().nullable());

interface LiveTurn {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly stop: AbortController;
  readonly handBack: AbortController;
}

/** Says every second which epochs run here, and carries stop requests and hand-backs to them. */
export class LiveTurns implements AsyncDisposable {
  readonly #turns = new Map<number, LiveTurn>();
  /** Set when every turn is to give itself back. */
  #isLeaving = false;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #keys: ShardKeys;
  readonly #key: string;
  readonly #timing: Timing;
  readonly #timer: NodeJS.Timeout;

  /** @param redis a patient connection; a second one is opened from it to listen for stop requests */
  constructor(redis: Redis, keys: ShardKeys, worker: string, timing: Timing) {
    this.#redis = redis;
    this.#keys = keys;
    this.#key = keys.alive(worker);
    this.#timing = timing;
    // It only listens: silence says nothing, so no socket time-out.
    this.#subscriber = redis.duplicate({ socketTimeout: undefined });
    this.#subscriber.on("error", () => undefined);
    this.#subscriber.on("message", (_channel, request) => this.#stop(request));
    this.#subscriber.subscribe(keys.stops).catch(() => undefined);
    this.#timer = setInterval(() => this.#tell(), timing.aliveEveryMs);
  }

  /** Runs `work` as a live turn. */
  async run<T>(turn: TakenTurn, work: (signals: TurnSignals) => Promise<T>): Promise<T> {
    const [stop, handBack] = [new AbortController(), new AbortController()];
    if (this.#isLeaving) handBack.abort();
    const { conversation, message, epoch } = turn.fence;
    this.#turns.set(epoch, { conversation, message, stop, handBack });
    try {
      return await work({ stop: stop.signal, handBack: handBack.signal });
    } catch (error) {
      // It will be run again at once: nobody is to wait for this epoch.
      this.#redis.srem(this.#key, epoch).catch(() => undefined);
      throw error;
    } finally {
      this.#turns.delete(epoch);
    }
  }

  /** Asks every live turn, and every later one, to give itself back. */
  handBackAll(): void {
    this.#isLeaving = true;
    for (const { handBack } of this.#turns.values()) handBack.abort();
  }

  #stop(request: string): void {
    const { message, why } = parseStopRequest(request);
    for (const turn of this.#turns.values()) {
      if (turn.message === message) turn.stop.abort(reasons[why]?.());
    }
  }

  /**
   * Also looks for stop requests, for one that was published while our subscription was broken reached nobody; and for
   * conversations that go on under another id: their turns are another run's now.
   */
  #tell(): void {
    if (this.#turns.size === 0) return;
    const turns = [...this.#turns.values()];
    this.#redis
      .multi()
      .del(this.#key)
      .sadd(this.#key, ...this.#turns.keys())
      .pexpire(this.#key, this.#timing.aliveForMs)
      .mget(turns.map(({ conversation }) => this.#keys.stop(conversation)))
      .mget(turns.map(({ conversation }) => this.#keys.moved(conversation)))
      .exec()
      .then((replies) => {
        for (const request of values.parse(replies?.at(-2)?.[1])) if (request !== null) this.#stop(request);
        for (const [index, moved] of values.parse(replies?.at(-1)?.[1]).entries())
          if (moved !== null) turns[index]?.handBack.abort();
      })
      .catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscriber.disconnect();
    await Promise.resolve();
  }
}
