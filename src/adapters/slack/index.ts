/** Slack: direct messages and channels over Socket Mode or HTTP, answers over the Web API. */

import type { Events } from "../../core/events.ts";
import type { Inbox } from "../../core/inbox.ts";
import type { InstallationStore } from "../../core/installations.ts";
import type { CommandResponder } from "../../core/platform/command-responder.ts";
import type { HttpRoute, Intake } from "../../core/platform/intake.ts";
import type { PlatformPeople } from "../../core/platform/people.ts";
import type { Platform } from "../../core/platform/platform.ts";
import type { Timing } from "../../core/timing.ts";
import { createBackgroundReader } from "./background.ts";
import { createSlackClient, type SlackClient } from "./client.ts";
import { createInstalledWorkspaces } from "./installed-workspaces.ts";
import { createInstallRoutes, type InstallOptions } from "./installer.ts";
import { createIntake } from "./intake.ts";
import type { SlackRates } from "./limits.ts";
import { createMessageReader, createNames } from "./names.ts";
import { createPeople } from "./people.ts";
import type { ReceiveSettings } from "./receive.ts";
import type { SlackDelivery } from "./receiver.ts";
import { Refusals } from "./refusals.ts";
import { createCommandResponder } from "./respond.ts";
import { createSlackPlatform } from "./send.ts";
import { createStreams } from "./streams.ts";
import { createOnlyWorkspace, type Workspaces } from "./workspaces.ts";

/** In which workspaces the app works, and with whose tokens. */
export type SlackAccess =
  /** `xoxb-…`: in one. */
  | { readonly kind: "token"; readonly botToken: string }
  /** In those whose people install it, with the token that Slack gives us then. */
  | ({ readonly kind: "installs"; readonly installations: InstallationStore } & InstallOptions);

/** What the operator sets. */
export interface SlackOptions extends ReceiveSettings {
  readonly access: SlackAccess;
  readonly delivery: SlackDelivery;
  /** The Web API; ends in `/api/`. */
  readonly apiUrl: string;
  /** `http://` or `https://`, credentials included: every connection goes through this proxy. */
  readonly proxyUrl?: string | undefined;
  readonly rates: SlackRates;
  /** How an answer is shown in threads while it is written; default `edit`. */
  readonly streaming?: "edit" | "native";
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
  readonly people: PlatformPeople;
}

/** Makes Slack. Nothing is called before `intake.start()` or the platform's first call. */
export function createSlack(options: SlackOptions, inbox: Inbox, events: Events, timing: Timing): Slack {
  const { access, delivery, apiUrl, proxyUrl, rates, dm, threads } = options;
  const { callMs, keepAliveMs } = timing;
  const botToken = access.kind === "token" ? access.botToken : undefined;
  const client = createSlackClient({ botToken, apiUrl, proxyUrl, callMs, keepAliveMs });
  const { workspaces, routes } = openAccess(access, { client, apiUrl, inbox, events, timing });
  const intake = createIntake({
    client,
    delivery,
    workspaces,
    routes,
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
    platform: createSlackPlatform(
      workspaces,
      reading,
      rates,
      createStreams({ workspaces, timing }),
      options.streaming ?? "edit",
      new Refusals(timing),
    ),
    intake,
    responder: createCommandResponder(workspaces, new Refusals(timing)),
    people: createPeople(workspaces),
    [Symbol.asyncDispose]: async () => {
      await intake.stop();
      await client[Symbol.asyncDispose]();
    },
  };
}

interface AccessParts {
  readonly client: SlackClient;
  readonly apiUrl: string;
  readonly inbox: Inbox;
  readonly events: Events;
  readonly timing: Timing;
}

function openAccess(
  access: SlackAccess,
  parts: AccessParts,
): { readonly workspaces: Workspaces; readonly routes: readonly HttpRoute[] } {
  if (access.kind === "token") return { workspaces: createOnlyWorkspace(parts.client), routes: [] };
  const all = { ...parts, ...access };
  return { workspaces: createInstalledWorkspaces(all), routes: createInstallRoutes(all) };
}
