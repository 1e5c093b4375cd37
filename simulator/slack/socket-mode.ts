/** Socket Mode: connections, envelopes, acknowledgements in time, and delivery again without them. */

import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";

/** What an envelope carries. */
export type EnvelopeType = "events_api" | "slash_commands" | "interactive";

/** One attempt to deliver one payload. */
export interface Delivery {
  readonly type: EnvelopeType;
  readonly payload: Readonly<Record<string, unknown>>;
  /** 0 for the first attempt. */
  readonly attempt: number;
  readonly atMs: number;
  /** The connection's number, undefined when there was none. */
  readonly connection: number | undefined;
  /** When the acknowledgement came. */
  readonly ackedAtMs: number | undefined;
  /** What the acknowledgement carried. */
  readonly answer: unknown;
}

/** The deadlines of Socket Mode, in ms. */
export interface SocketModeTiming {
  /** An envelope must be acknowledged within this; Slack: 3,000. */
  readonly ackMs: number;
  /** Waits before the attempts after the first; Slack: at once, 1 min, 5 min. Then the event is lost. */
  readonly retryDelaysMs: readonly number[];
  /** How often the server pings. */
  readonly pingMs: number;
}

/** Slack's own values. */
export const slackSocketTiming: SocketModeTiming = {
  ackMs: 3_000,
  retryDelaysMs: [0, 60_000, 300_000],
  pingMs: 5_000,
};

const connectionsMax = 10;

interface Connection {
  readonly number: number;
  readonly socket: WebSocket;
  frozen: boolean;
  leaving: boolean;
}

interface Sending {
  readonly type: EnvelopeType;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly retries: boolean;
  readonly done: (delivery: Delivery | undefined) => void;
}

type MutableDelivery = { -readonly [Field in keyof Delivery]: Delivery[Field] };

/** The server's side of all Socket Mode connections of the app. */
export class SocketMode {
  /** Every attempt so far. */
  readonly deliveries: Delivery[] = [];
  readonly #keepDeliveries: number;
  /** Payloads that used up their attempts: the app never got them. */
  readonly lost: Delivery["payload"][] = [];
  readonly #timing: SocketModeTiming;
  readonly #changed: () => void;
  readonly #tickets = new Set<string>();
  readonly #connections = new Set<Connection>();
  readonly #pending = new Map<
    string,
    { settle: (answer: unknown, acked: boolean) => void; on: Connection }
  >();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pinger: NodeJS.Timeout;
  #opened = 0;
  #next = 0;

  constructor(timing: SocketModeTiming, changed: () => void, keepDeliveries: number) {
    this.#keepDeliveries = keepDeliveries;
    this.#timing = timing;
    this.#changed = changed;
    this.#pinger = setInterval(() => {
      for (const { socket, frozen } of this.#connections) if (!frozen) socket.ping("from server");
    }, timing.pingMs);
    this.#pinger.unref();
  }

  /** Connections that said hello and are not leaving. */
  get connections(): readonly number[] {
    return [...this.#connections].filter((one) => !one.leaving).map((one) => one.number);
  }

  /** A new single-use ticket for a connection URL. */
  openTicket(): string {
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return ticket;
  }

  /** True once for every ticket. */
  takeTicket(ticket: string): boolean {
    return this.#tickets.delete(ticket);
  }

  /** Serves a new connection. */
  attach(socket: WebSocket): void {
    this.#opened += 1;
    const connection = { number: this.#opened, socket, frozen: false, leaving: false };
    if (this.#connections.size >= connectionsMax) {
      this.#say(connection, "too_many_websockets");
      socket.close();
      return;
    }
    this.#connections.add(connection);
    socket.on("message", (data) => this.#receive(connection, String(data)));
    socket.on("close", () => this.#lost(connection));
    socket.on("error", () => this.#lost(connection));
    const debug = { host: "simulator", build_number: 1, approximate_connection_time: 18_060 };
    const connected = this.#connections.size;
    socket.send(JSON.stringify({ type: "hello", num_connections: connected, debug_info: debug }));
    this.#changed();
  }

  /** Delivers an event until it is acknowledged or the attempts are used up. */
  sendEvent(payload: Readonly<Record<string, unknown>>, attempt = 0): void {
    this.#attempt({ type: "events_api", payload, retries: true, done: () => {} }, attempt);
  }

  /** Delivers a slash command or interaction once. @returns undefined when it was not acknowledged */
  sendOnce(
    type: Exclude<EnvelopeType, "events_api">,
    payload: Sending["payload"],
  ): Promise<Delivery | undefined> {
    return new Promise((done) => this.#attempt({ type, payload, retries: false, done }, 0));
  }

  /** Tells a connection to leave, as Slack does every few hours, and closes it `afterMs` later. */
  refresh(number: number, reason = "refresh_requested", afterMs = 100): void {
    const connection = this.#find(number);
    connection.leaving = true;
    this.#say(connection, reason);
    this.#later(afterMs, () => connection.socket.close());
  }

  /** Cuts a connection without a word. */
  kill(number: number): void {
    this.#find(number).socket.terminate();
  }

  /** Makes a connection half-open: it stays up, nothing goes either way. */
  freeze(number: number): void {
    const connection = this.#find(number);
    connection.frozen = true;
    connection.socket.pause();
  }

  /** Ends all connections and timers. */
  close(): void {
    clearInterval(this.#pinger);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const { socket } of this.#connections) {
      socket.removeAllListeners();
      socket.terminate();
    }
    this.#connections.clear();
  }

  #find(number: number): Connection {
    const found = [...this.#connections].find((one) => one.number === number);
    if (!found)
      throw new Error(`No connection ${number}; there are ${this.connections.join(", ") || "none"}`);
    return found;
  }

  #say(connection: Connection, reason: string): void {
    const message = { type: "disconnect", reason, debug_info: { host: "simulator" } };
    connection.socket.send(JSON.stringify(message));
  }

  #attempt(sending: Sending, attempt: number): void {
    const connection = this.#choose();
    const delivery: MutableDelivery = {
      type: sending.type,
      payload: sending.payload,
      attempt,
      atMs: Date.now(),
      connection: connection?.number,
      ackedAtMs: undefined,
      answer: undefined,
    };
    this.deliveries.push(delivery);
    if (this.deliveries.length > this.#keepDeliveries) this.deliveries.shift();
    if (!connection) {
      this.#failed(sending, attempt);
      return;
    }
    const envelopeId = randomUUID();
    const timer = this.#later(this.#timing.ackMs, () => settle(undefined, false));
    const settle = (answer: unknown, acked: boolean) => {
      if (!this.#pending.delete(envelopeId)) return;
      this.#cancel(timer);
      if (!acked) {
        this.#failed(sending, attempt);
        return;
      }
      delivery.ackedAtMs = Date.now();
      delivery.answer = answer;
      this.#changed();
      sending.done(delivery);
    };
    this.#pending.set(envelopeId, { settle, on: connection });
    if (!connection.frozen) connection.socket.send(envelope(envelopeId, delivery));
    this.#changed();
  }

  #failed(sending: Sending, attempt: number): void {
    const delayMs = sending.retries ? this.#timing.retryDelaysMs[attempt] : undefined;
    if (delayMs === undefined) {
      this.lost.push(sending.payload);
      sending.done(undefined);
    } else this.#later(delayMs, () => this.#attempt(sending, attempt + 1));
    this.#changed();
  }

  /** Each payload goes to one connection; they take turns. */
  #choose(): Connection | undefined {
    const open = [...this.#connections].filter((one) => !one.leaving && one.socket.readyState === 1);
    this.#next += 1;
    return open[this.#next % Math.max(1, open.length)];
  }

  #receive(connection: Connection, data: string): void {
    if (connection.frozen) return;
    const { envelope_id: id, payload } = JSON.parse(data);
    this.#pending.get(String(id))?.settle(payload, true);
  }

  #lost(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    for (const { settle, on } of [...this.#pending.values()]) if (on === connection) settle(undefined, false);
    this.#changed();
  }

  #later(ms: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

function envelope(id: string, { type, payload, attempt }: Delivery): string {
  const retry = attempt > 0 ? { retry_attempt: attempt, retry_reason: "timeout" } : {};
  const extra = type === "events_api" ? { retry_attempt: 0, retry_reason: "", ...retry } : {};
  const accepts = type !== "events_api";
  return JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: accepts, ...extra });
}
