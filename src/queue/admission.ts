/** Admission in Redis: core's port. One round trip for leave, one to settle; the scheme is in docs/limits.md. */

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type {
  Admission,
  Admitted,
  AdmittedCall,
  CallOrder,
  CallPlace,
  ClosedEndpoint,
} from "../core/admission.ts";
import type { RateLimits } from "../core/chat-api.ts";
import type { ChatApiProblem } from "../core/errors.ts";
import { causeOf, type Events } from "../core/events.ts";
import { WakeSignal } from "../core/wake-signal.ts";
import { Granting } from "./granting.ts";
import {
  type Looked,
  PoolScripts,
  type PoolScriptsOptions,
  type Refusal,
  type Settlement,
  toPool,
} from "./pool-scripts.ts";
import type { WakeUp } from "./wake-up.ts";

/** What admission needs. The connection is a patient one: see `connection.ts`. */
export interface AdmissionOptions extends PoolScriptsOptions {
  readonly turns: Queue<WakeUp>;
  readonly events: Events;
  /** Told in one process, once, when an endpoint refuses for good, until it has answered again. */
  readonly onClosed: (closed: ClosedEndpoint) => void;
}

/** What was told lately is told again after this long, in ms: limits change rarely, and what is left is a mere precaution. */
const tellEveryMs = 250;
/** A start is good for this long, in ms, as in book-call.lua; whoever is later books anew, at most so often. */
const tooLateMs = 500;
const mostMoves = 2;
/** A server without limits has nothing to tell; that it answers is told again after this long, in ms. */
const tellNothingEveryMs = 60_000;

/** Opens admission. Disposing it ends its timers and its subscription; whoever waits in it is to be given back before. */
export function openAdmission(options: AdmissionOptions): Admission & AsyncDisposable {
  return new RedisAdmission(options);
}

class RedisAdmission implements Admission, AsyncDisposable {
  readonly #options: AdmissionOptions;
  readonly #scripts: PoolScripts;
  readonly #granting: Granting;
  readonly #subscriber: Redis;
  /** Who waits in this process for a start that is booked, by pool. */
  readonly #sleepers = new Map<string, Set<WakeSignal>>();
  /** What this process has told last of each pool's limits. */
  readonly #told = new Map<string, { readonly atMs: number; readonly limits: string }>();
  #isOver = false;

  constructor(options: AdmissionOptions) {
    const { redis, keys, turns, timing } = options;
    this.#options = options;
    this.#scripts = new PoolScripts(options);
    const onFailed = (error: unknown) => this.#failed(error);
    this.#granting = new Granting({ scripts: this.#scripts, turns, timing, onFailed });
    // It only listens: silence says nothing, so no socket time-out.
    this.#subscriber = redis.duplicate({ socketTimeout: undefined });
    this.#subscriber.on("error", () => undefined);
    this.#subscriber.on("message", (_channel, pool) => this.#disturbed(pool));
    this.#subscriber.subscribe(keys.disturbances).catch(() => undefined);
  }

  async admit(order: CallOrder, signal: AbortSignal): Promise<Admitted> {
    let moved = 0;
    for (;;) {
      const booked = await this.#scripts.book(order);
      this.#granting.follow(booked, order);
      const { booking } = booked;
      if (booking.kind === "later") {
        const { expectedMs, isInLine } = booking;
        // Should nobody be left who wakes it.
        const waitMs = expectedMs * 1.25 + this.#options.timing.bookAheadMs;
        return { kind: "later", waitMs, expectedMs, isInLine };
      }
      if (booking.kind !== "booked") return booking;
      const startsAt = performance.now() + booking.waitMs;
      const isDue = await this.#sleep(toPool(order), booking.waitMs, signal);
      if (signal.aborted) {
        this.#settle(order, "kept");
        return { kind: "ended" };
      }
      if (!isDue) continue;
      const lateMs = Math.round(performance.now() - startsAt);
      // This process stood still, and everything that waited in it would go out at once.
      if (lateMs > tooLateMs && moved++ < mostMoves) continue;
      this.#options.events.callAdmitted({ message: order.fence.message, lateMs });
      return { kind: "admitted", call: this.#toCall(order, signal, booking.isDoubted) };
    }
  }

  withdraw(order: CallPlace): void {
    this.#settle(order, "left");
  }

  #toCall(order: CallOrder, signal: AbortSignal, isDoubted: boolean): AdmittedCall {
    let isPutOff = false;
    return {
      get isPutOff() {
        return isPutOff;
      },
      accepted: (limits) => this.#accepted(order, limits),
      begun: () => {
        if (isDoubted) this.#settle(order, "begun");
      },
      again: async () => {
        isPutOff = !(await this.#bookAgain(order, signal));
        return !isPutOff;
      },
      used: (tokens, outputTokens) => this.#settle(order, "used", tokens, outputTokens),
      failed: (wasCounted) => this.#settle(order, wasCounted ? "counted" : "uncounted"),
      refused: async (afterMs, limits) => {
        await this.#quietly(async () => {
          if (limits) this.#granting.follow(await this.#scripts.learn(order, false, limits), order);
          await this.#refuse(order, "limited", afterMs);
        });
      },
      broken: async (problem, wasCounted) => {
        const how = wasCounted ? "broken" : "unsent";
        await this.#quietly(() => this.#refuse(order, how, undefined, problem));
      },
      closed: async (problem) => {
        await this.#quietly(() => this.#refuse(order, "closed", undefined, problem));
      },
    };
  }

  /** @returns false when the next request may not be made soon; it keeps its place in the line */
  async #bookAgain(order: CallOrder, signal: AbortSignal): Promise<boolean> {
    await this.#refuse(order, "again", undefined);
    const booked = await this.#scripts.book(order);
    this.#granting.follow(booked, order);
    if (booked.booking.kind !== "booked") return false;
    return await this.#sleep(toPool(order), booked.booking.waitMs, signal);
  }

  #accepted(order: CallOrder, limits: RateLimits | undefined): void {
    const pool = toPool(order);
    const told = this.#told.get(pool);
    const now = performance.now();
    const kind = `${limits?.requests?.limit} ${limits?.tokens?.limit}`;
    const everyMs = limits === undefined ? tellNothingEveryMs : tellEveryMs;
    if (told?.limits === kind && now - told.atMs < everyMs) return;
    this.#told.set(pool, { atMs: now, limits: kind });
    this.#aside(async () => {
      // Not told, or half of it: the next answer tells it.
      const learnt = await this.#scripts.learn(order, true, limits).catch((error: unknown) => {
        this.#told.delete(pool);
        throw error;
      });
      this.#followed(learnt, order);
    });
  }

  #settle(order: CallPlace, how: Settlement, tokens = 0, outputTokens?: number): void {
    this.#aside(async () => {
      this.#followed(await this.#scripts.settle(order, how, tokens, outputTokens), order);
    });
  }

  #followed(looked: Looked, order: CallPlace): void {
    this.#granting.follow(looked, order);
    const { endpoint, model } = order;
    if (looked.isOpened) this.#options.events.endpointOpen({ endpoint, model });
  }

  async #refuse(
    order: CallOrder,
    how: Refusal,
    afterMs: number | undefined,
    problem?: ChatApiProblem,
  ): Promise<void> {
    const { onClosed, events } = this.#options;
    const { endpoint, model } = order;
    const refused = await this.#scripts.refuse(order, how, afterMs, problem);
    this.#granting.follow(refused, order);
    const { waitMs, isNews } = refused;
    if (how === "limited") events.callsLimited({ endpoint, model, waitMs });
    if (problem === undefined || waitMs === 0) return;
    if (!isNews) {
      events.endpointStillClosed({ endpoint, model, problem, forMs: waitMs });
      return;
    }
    if (how !== "closed") {
      events.endpointBroken({ endpoint, model, problem, forMs: waitMs });
      return;
    }
    events.endpointClosed({ endpoint, model, problem, forMs: waitMs });
    onClosed({ endpoint, model, problem });
  }

  /** @returns false when the start does not hold any more, or the signal came */
  async #sleep(pool: string, waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (waitMs <= 0 || signal.aborted) return !signal.aborted;
    const alarm = new WakeSignal();
    const ring = () => alarm.ring();
    const startsAt = performance.now() + waitMs;
    const sleepers = this.#sleepers.get(pool) ?? new Set();
    this.#sleepers.set(pool, sleepers.add(alarm));
    signal.addEventListener("abort", ring, { once: true });
    await alarm.sleep(waitMs);
    signal.removeEventListener("abort", ring);
    sleepers.delete(alarm);
    if (sleepers.size === 0) this.#sleepers.delete(pool);
    // A timer may ring a little early by this clock.
    return !signal.aborted && performance.now() >= startsAt - 2;
  }

  /** What was booked in this pool does not hold any more, nor what was told of it: everybody asks again. */
  #disturbed(pool: string): void {
    this.#told.delete(pool);
    for (const alarm of this.#sleepers.get(pool) ?? []) alarm.ring();
  }

  #aside(work: () => Promise<void>): void {
    this.#quietly(work).catch(() => undefined);
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => this.#failed(error));
  }

  /** What gets lost is made up for by the limits' own refill. */
  #failed(error: unknown): void {
    if (!this.#isOver) this.#options.events.admissionFailed({ cause: causeOf(error) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#granting[Symbol.dispose]();
    this.#subscriber.disconnect();
    await Promise.resolve();
  }
}
