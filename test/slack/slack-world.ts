/** Slack's adapter against the simulator, with an inbox that a test can read and refuse. */

import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import {
  type SlackSimulator,
  type SlackSimulatorOptions,
  startSlackSimulator,
} from "../../simulator/slack/simulator.ts";
import { createSlack, type Slack, type SlackOptions } from "../../src/adapters/slack/index.ts";
import { type ConversationId, parseConversationId } from "../../src/core/conversation.ts";
import { createEvents } from "../../src/core/events.ts";
import type { Arrival, Customs, Inbox } from "../../src/core/inbox.ts";
import { type Timing, timing } from "../../src/core/timing.ts";
import { serveRoutes } from "../world/routes.ts";

/** The inbox's promises in memory: idempotent by id, and refusing when told. */
export class MemoryInbox implements Inbox {
  readonly arrivals: Arrival[] = [];
  /** How often `accept` was called. */
  asked = 0;
  /** This many calls of `accept` are refused. */
  refusals = 0;
  readonly #seen = new Set<string>();
  readonly #parts = new Set<ConversationId>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  async accept(arrivals: readonly Arrival[]): Promise<void> {
    this.asked += 1;
    if (this.refusals > 0) {
      this.refusals -= 1;
      this.#changed();
      throw new Error("Redis did not confirm the write");
    }
    for (const arrival of arrivals) this.#add(arrival);
    this.#changed();
  }

  async wanted(): Promise<undefined> {
    return undefined;
  }

  async customs(conversation: ConversationId): Promise<Customs> {
    return { takesPart: this.#parts.has(conversation) };
  }

  lease(): Promise<never> {
    return Promise.reject(new Error("Slack needs no lease"));
  }

  /** What people said, as it was accepted. */
  get messages() {
    return this.arrivals.flatMap((arrival) => (arrival.kind === "message" ? [arrival.message] : []));
  }

  get commands() {
    return this.arrivals.flatMap((arrival) => (arrival.kind === "command" ? [arrival.command] : []));
  }

  #add(arrival: Arrival): void {
    const id = arrival.kind === "message" ? arrival.message.id : undefined;
    if (id !== undefined && this.#seen.has(id)) return;
    if (id !== undefined) this.#seen.add(id);
    this.arrivals.push(arrival);
    if (arrival.kind !== "message" || !arrival.message.answer) return;
    const { conversation } = arrival.message;
    if (parseConversationId(conversation).thread !== undefined) this.#parts.add(conversation);
  }
}

/** What differs from the usual world. */
export interface SlackWorldOptions {
  readonly simulator?: SlackSimulatorOptions;
  readonly options?: Partial<SlackOptions>;
  readonly timing?: Partial<Timing>;
  /** Slack delivers by HTTP, to a server with the adapter's routes. Default false: Socket Mode. */
  readonly http?: boolean;
}

/** The usual waits of these tests. */
const shrunkTiming: Timing = {
  ...timing,
  callMs: 2_000,
  backoffMs: 5,
  backoffMaxMs: 40,
  brokenMs: 40,
};
const off = { intervalMs: 0, burst: 1, reserve: 0 };

/** One adapter and its Slack. */
export interface SlackWorld extends AsyncDisposable {
  readonly slack: SlackSimulator;
  readonly inbox: MemoryInbox;
  readonly parts: Slack;
  /** Every line logged, at every level. */
  readonly log: readonly string[];
  /** The server with the adapter's routes: `http://127.0.0.1:port`. */
  readonly origin: string;
  /** Starts intake and waits until Slack can deliver. */
  connect(): Promise<void>;
}

/** Starts a simulator and an adapter that is not connected yet. */
export async function startSlackWorld(world: SlackWorldOptions = {}): Promise<SlackWorld> {
  const slack = await startSlackSimulator({
    rates: "off",
    ...world.simulator,
    socketTiming: { retryDelaysMs: Array(200).fill(20), ...world.simulator?.socketTiming },
  });
  const inbox = new MemoryInbox(() => slack.workspace.changed());
  const log: string[] = [];
  const events = createEvents(pino({ level: "trace" }, { write: (line: string) => void log.push(line) }));
  const { botToken, url: apiUrl } = slack;
  const options: SlackOptions = {
    access: { kind: "token", botToken },
    apiUrl,
    delivery: {
      kind: world.http ? "http" : "socket",
      appToken: slack.appToken,
      signingSecret: slack.signingSecret,
    },
    dm: "threads",
    threads: "threads",
    rates: { update: off, post: off },
    ...world.options,
  };
  const allTiming = { ...shrunkTiming, ...world.timing };
  const parts = createSlack(options, inbox, events, allTiming);
  const server = await serveRoutes(parts.intake.routes, events, allTiming);
  const sockets = world.http ? 0 : (options.sockets ?? 2);
  return {
    slack,
    inbox,
    parts,
    log,
    origin: server.origin,
    connect: async () => {
      if (world.http) await slack.http.verify(`${server.origin}/slack/events`);
      await parts.intake.start();
      await slack.until(() => slack.socketMode.connections.length === sockets);
      while (parts.intake.notReady() !== undefined) await sleep(2);
    },
    [Symbol.asyncDispose]: async () => {
      await parts[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await slack[Symbol.asyncDispose]();
    },
  };
}
