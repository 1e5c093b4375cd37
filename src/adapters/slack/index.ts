/** Slack: direct messages and channels over Socket Mode or HTTP, answers over the Web API. */

import type { Events } from "../../core/events.ts";
import type { Inbox } from "../../core/inbox.ts";
import type { CommandResponder, Intake, Platform } from "../../core/platform.ts";
import type { Timing } from "../../core/timing.ts";
import { createBackgroundReader } from "./background.ts";
import { createSlackClient } from "./client.ts";
import { createIntake } from "./intake.ts";
import type { SlackRates } from "./limits.ts";
import { createMessageReader, createNames } from "./names.ts";
import type { ReceiveSettings } from "./receive.ts";
import type { SlackDelivery } from "./receiver.ts";
import { createCommandResponder } from "./respond.ts";
import { createSlackPlatform } from "./send.ts";
import { createOnlyWorkspace } from "./workspaces.ts";

/** What the operator sets. */
export interface SlackOptions extends ReceiveSettings {
  /** `xoxb-…` */
  readonly botToken: string;
  readonly delivery: SlackDelivery;
  /** The Web API; ends in `/api/`. */
  readonly apiUrl: string;
  readonly rates: SlackRates;
  /** Socket Mode connections of one gateway. Default 2: one serves while Slack renews the other. */
  readonly sockets?: number;
  /** How long a connection's pings may stay unanswered. Default 5,000 ms. */
  readonly pongMs?: number;
}

/** Slack, both sides. Dispose of it to close its connections. */
export interface Slack extends AsyncDisposable {
  readonly platform: Platform;
  readonly intake: Intake;
  readonly responder: CommandResponder;
}

/** Makes Slack. Nothing is called before `intake.start()` or the platform's first call. */
export function createSlack(options: SlackOptions, inbox: Inbox, events: Events, timing: Timing): Slack {
  const { botToken, delivery, apiUrl, rates, dm, threads } = options;
  const { callMs, keepAliveMs } = timing;
  const client = createSlackClient({ botToken, apiUrl, callMs, keepAliveMs });
  const workspaces = createOnlyWorkspace(client);
  const intake = createIntake({
    client,
    delivery,
    workspaces,
    inbox,
    events,
    timing,
    settings: { dm, threads },
    sockets: options.sockets ?? 2,
    pongMs: options.pongMs ?? 5_000,
  });
  const names = createNames(workspaces);
  const reading = {
    read: createMessageReader(names),
    readBackground: createBackgroundReader(workspaces, names),
  };
  return {
    platform: createSlackPlatform(workspaces, reading, rates),
    intake,
    responder: createCommandResponder(workspaces),
    [Symbol.asyncDispose]: async () => {
      await intake.stop();
      await client[Symbol.asyncDispose]();
    },
  };
}
