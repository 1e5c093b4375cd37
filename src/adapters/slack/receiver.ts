/** How Slack reaches us: Bolt's receiver of our own, by socket or by HTTP. Both acknowledge only what is written. */

import type { Receiver } from "@slack/bolt";
import type { Events } from "../../core/events.ts";
import type { HttpRoute } from "../../core/platform/intake.ts";
import type { Timing } from "../../core/timing.ts";
import type { SlackClient } from "./client.ts";
import { createHttpReceiver } from "./http-receiver.ts";
import { createSocketReceiver } from "./socket-receiver.ts";
import type { Workspaces } from "./workspaces.ts";

/** Which of the two ways, and with which secret. */
export type SlackDelivery =
  /** `xapp-…` with `connections:write`. */
  | { readonly kind: "socket"; readonly appToken: string }
  /** The secret with which Slack signs what it sends to `/slack/events`. */
  | { readonly kind: "http"; readonly signingSecret: string };

/** What a receiver needs. */
export interface ReceiverParts {
  readonly workspaces: Workspaces;
  readonly client: SlackClient;
  readonly timing: Timing;
  readonly events: Events;
  /** How many connections one process holds. */
  readonly sockets: number;
  /** Pings without a pong for this long end a connection. */
  readonly pongMs: number;
}

/** A receiver that says what it serves and whether it hears. `stop` resolves when what was received is written or left to Slack. */
export interface SlackReceiver extends Receiver {
  readonly routes: readonly HttpRoute[];
  /** Undefined while Slack can reach us as far as we know; else a sentence for `/readyz`. */
  notReady(): string | undefined;
}

/** Makes the receiver of that way. */
export function createReceiver(delivery: SlackDelivery, parts: ReceiverParts): SlackReceiver {
  return delivery.kind === "socket"
    ? createSocketReceiver({ ...parts, appToken: delivery.appToken })
    : createHttpReceiver({ ...parts, signingSecret: delivery.signingSecret });
}
