/** Socket Mode: acknowledges an envelope after its arrivals are written, and only then. */

import type { App } from "@slack/bolt";
import { causeOf } from "../../core/events.ts";
import { platformName } from "./address.ts";
import { deliver } from "./deliver.ts";
import type { ReceiverParts, SlackReceiver } from "./receiver.ts";
import { type Envelope, keepSocket, type Socket } from "./socket.ts";

/** Makes the receiver. It has no routes: it connects outward. */
export function createSocketReceiver(options: ReceiverParts & { readonly appToken: string }): SlackReceiver {
  const inFlight = new Set<Promise<void>>();
  let app: App | undefined;
  let sockets: readonly Socket[] = [];
  let isStopping = false;

  const onEnvelope = (envelope: Envelope) => {
    // Neither taken in nor acknowledged: Slack gives it to another connection.
    if (isStopping || app === undefined) return;
    const work = process(app, envelope, options).finally(() => inFlight.delete(work));
    inFlight.add(work);
  };
  return {
    routes: [],
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
    notReady: () => {
      const missing = sockets.flatMap((socket, index) => (socket.connected ? [] : [index + 1]));
      if (missing.length === 0) return undefined;
      return `Slack: socket ${missing.join(" and ")} of ${options.sockets} is not connected.`;
    },
  };
}

async function process(app: App, envelope: Envelope, { workspaces, events }: ReceiverParts): Promise<void> {
  let answer: unknown;
  try {
    // The socket was opened with the app's own token: nothing on it is another app's.
    const delivered = await deliver(app, envelope, { workspaces, events, appId: undefined });
    // Acknowledged all the same: delivered again it would be as foreign.
    if (delivered.kind === "foreign") events.requestRefused({ platform: platformName, reason: "foreign" });
    else answer = delivered.answer;
  } catch (error) {
    events.arrivalsRefused({ platform: platformName, cause: causeOf(error) });
    return;
  }
  // The connection may have gone meanwhile: delivered again, and then known already.
  await envelope.ack(answer).catch(() => undefined);
}
