/** Socket Mode: connections, envelopes, acknowledgements in time, and delivery again without them. */

import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import {
  Deliverer,
  type Delivery,
  type DeliveryTiming,
  type OpenDelivery,
  type Outcome,
} from "./deliverer.ts";

/** The deadlines of Socket Mode, in ms. */
export interface SocketModeTiming extends DeliveryTiming {
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

/** The server's side of all Socket Mode connections of the app. */
export class SocketMode extends Deliverer {
  readonly #timing: SocketModeTiming;
  readonly #tickets = new Set<string>();
  readonly #connections = new Set<Connection>();
  readonly #pending = new Map<
    string,
    { settle: (answer: unknown, acked: boolean) => void; on: Connection }
  >();
  readonly #pinger: NodeJS.Timeout;
  #opened = 0;
  #next = 0;

  constructor(timing: SocketModeTiming, changed: () => void, keepDeliveries: number) {
    super(timing, changed, keepDeliveries);
    this.#timing = timing;
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
    this.changed();
  }

  /** Tells a connection to leave, as Slack does every few hours, and closes it `afterMs` later. */
  refresh(number: number, reason = "refresh_requested", afterMs = 100): void {
    const connection = this.#find(number);
    connection.leaving = true;
    this.#say(connection, reason);
    this.later(afterMs, () => connection.socket.close());
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
  override close(): void {
    super.close();
    clearInterval(this.#pinger);
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

  protected async carry(delivery: OpenDelivery): Promise<Outcome> {
    const connection = this.#choose();
    const failed = { acked: false, reason: "timeout", again: true } as const;
    if (!connection) return failed;
    delivery.connection = connection.number;
    const envelopeId = randomUUID();
    const ended = Promise.withResolvers<Outcome>();
    const settle = (answer: unknown, acked: boolean) => {
      if (!this.#pending.delete(envelopeId)) return;
      this.cancel(timer);
      ended.resolve(acked ? { acked, answer } : failed);
    };
    const timer = this.later(this.#timing.ackMs, () => settle(undefined, false));
    this.#pending.set(envelopeId, { settle, on: connection });
    if (!connection.frozen) connection.socket.send(envelope(envelopeId, delivery));
    return await ended.promise;
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
    this.changed();
  }
}

function envelope(id: string, { type, payload, attempt, retryReason }: Delivery): string {
  const retry = attempt > 0 ? { retry_attempt: attempt, retry_reason: retryReason } : {};
  const extra = type === "events_api" ? { retry_attempt: 0, retry_reason: "", ...retry } : {};
  const accepts = type !== "events_api";
  return JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: accepts, ...extra });
}
