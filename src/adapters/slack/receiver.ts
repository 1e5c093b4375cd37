/** Bolt's receiver of our own: acknowledges an envelope after its arrivals are written, and only then. */

import type { App, Receiver } from "@slack/bolt";
import { causeOf, type Events } from "../../core/events.ts";
import { platformName } from "./address.ts";
import { type Envelope, keepSocket, type Socket, type SocketOptions } from "./socket.ts";

/** What the receiver needs. */
export interface ReceiverOptions extends Omit<SocketOptions, "number" | "onEnvelope"> {
  /** How many connections this process holds. */
  readonly sockets: number;
}

/** A receiver whose connections can be asked after. */
export interface SlackReceiver extends Receiver {
  /** The numbers of connections that are not up. */
  readonly missing: () => readonly number[];
}

/** Makes the receiver. `stop` resolves when what was received is written or left to Slack. */
export function createReceiver(options: ReceiverOptions): SlackReceiver {
  const inFlight = new Set<Promise<void>>();
  let app: App | undefined;
  let sockets: readonly Socket[] = [];
  let isStopping = false;

  const onEnvelope = (envelope: Envelope) => {
    // Neither taken in nor acknowledged: Slack gives it to another connection.
    if (isStopping || app === undefined) return;
    const work = process(app, envelope, options.events).finally(() => inFlight.delete(work));
    inFlight.add(work);
  };
  return {
    init: (owner) => {
      app = owner;
    },
    start: async () => {
      const numbers = Array.from({ length: options.sockets }, (_, index) => index + 1);
      sockets = numbers.map((number) => keepSocket({ ...options, number, onEnvelope }));
    },
    stop: async () => {
      isStopping = true;
      await Promise.all(inFlight);
      await Promise.all(sockets.map((socket) => socket.stop()));
    },
    missing: () => sockets.flatMap((socket, index) => (socket.connected ? [] : [index + 1])),
  };
}

/** Bolt acknowledges events before its listeners run; here that only notes the answer. */
async function process(app: App, envelope: Envelope, events: Events): Promise<void> {
  let answer: unknown;
  try {
    await app.processEvent({
      body: envelope.body,
      ...(envelope.retryNum === undefined ? {} : { retryNum: envelope.retryNum }),
      ...(envelope.retryReason === undefined ? {} : { retryReason: envelope.retryReason }),
      ack: async (response: unknown) => {
        answer = response;
      },
    });
  } catch (error) {
    events.arrivalsRefused({ platform: platformName, cause: causeOf(error) });
    return;
  }
  // The connection may have gone meanwhile: delivered again, and then known already.
  await envelope.ack(answer).catch(() => undefined);
}
