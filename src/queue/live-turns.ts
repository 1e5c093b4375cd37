/** The turns that run in this process: what others are told of them, and how they are reached. */

import type { Redis } from "ioredis";
import type { MessageId } from "../core/conversation.ts";
import type { Timing } from "../core/timing.ts";
import type { TurnSignals } from "../core/turn.ts";
import type { TakenTurn } from "../core/turn-store.ts";
import type { ShardKeys } from "./keys.ts";

interface LiveTurn {
  readonly message: MessageId;
  readonly stop: AbortController;
}

/** Says every second which epochs run here, and carries stop requests and hand-backs to them. */
export class LiveTurns implements AsyncDisposable {
  readonly #turns = new Map<number, LiveTurn>();
  readonly #handBack = new AbortController();
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #key: string;
  readonly #timing: Timing;
  readonly #timer: NodeJS.Timeout;

  /** @param redis a patient connection; a second one is opened from it to listen for stop requests */
  constructor(redis: Redis, keys: ShardKeys, worker: string, timing: Timing) {
    this.#redis = redis;
    this.#key = keys.alive(worker);
    this.#timing = timing;
    // It only listens: silence says nothing, so no socket time-out.
    this.#subscriber = redis.duplicate({ socketTimeout: undefined });
    this.#subscriber.on("error", () => undefined);
    this.#subscriber.on("message", (_channel, message) => this.#stop(message));
    this.#subscriber.subscribe(keys.stops).catch(() => undefined);
    this.#timer = setInterval(() => this.#tell(), timing.aliveEveryMs);
  }

  /** Runs `work` as a live turn. */
  async run<T>(turn: TakenTurn, work: (signals: TurnSignals) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    this.#turns.set(turn.fence.epoch, { message: turn.message.id, stop });
    try {
      return await work({ stop: stop.signal, handBack: this.#handBack.signal });
    } finally {
      this.#turns.delete(turn.fence.epoch);
    }
  }

  /** True once every turn is to be given back. */
  get handingBack(): boolean {
    return this.#handBack.signal.aborted;
  }

  /** Asks every live turn, and every later one, to give itself back. */
  handBackAll(): void {
    this.#handBack.abort();
  }

  #stop(message: string): void {
    for (const turn of this.#turns.values()) if (turn.message === message) turn.stop.abort();
  }

  #tell(): void {
    if (this.#turns.size === 0) return;
    this.#redis
      .multi()
      .del(this.#key)
      .sadd(this.#key, ...this.#turns.keys())
      .pexpire(this.#key, this.#timing.aliveForMs)
      .exec()
      .catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscriber.disconnect();
    await Promise.resolve();
  }
}
