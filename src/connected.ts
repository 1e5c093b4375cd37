/** Part of the composition: the adapters of the platforms that the configuration connects. */

import { createHmac } from "node:crypto";
import { createSlack, type SlackOptions } from "./adapters/slack/index.ts";
import { createTelegram } from "./adapters/telegram/index.ts";
import type { SlackConfig } from "./config/slack.ts";
import { tokenKeyBytes } from "./config/slack-access.ts";
import type { Config } from "./config.ts";
import type { Events } from "./core/events.ts";
import type { CommandResponder } from "./core/platform/command-responder.ts";
import type { Intake } from "./core/platform/intake.ts";
import type { PlatformPeople } from "./core/platform/people.ts";
import type { Platform } from "./core/platform/platform.ts";
import type { Timing } from "./core/timing.ts";
import type { OpenQueue } from "./queue/queue.ts";
import { adminsOn } from "./rights.ts";

/** One adapter, as every `createX` of `src/adapters` returns it. */
export interface Adapter {
  readonly platform: Platform;
  readonly intake: Intake;
  readonly responder: CommandResponder;
  readonly people: PlatformPeople;
}

/** What is open when that is made which uses it. */
export interface Parts {
  readonly queue: OpenQueue;
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly events: Events;
  readonly timing: Timing;
}

/**
 * Makes the adapters, by the names of their platforms. Their own sockets are closed by `stack`: after the workers and
 * intakes that use them.
 */
export function createAdapters(
  stack: AsyncDisposableStack,
  config: Config,
  queue: OpenQueue,
  events: Events,
  timing: Timing,
): ReadonlyMap<string, Adapter> {
  const adapters: Adapter[] = [];
  const { inbox } = queue;
  if (config.telegram) {
    const { botToken, proxyUrl, webhook, ...rest } = config.telegram;
    const secrets = {
      botToken: botToken.reveal(),
      proxyUrl: proxyUrl?.reveal(),
      webhook: webhook && { url: webhook.url, secret: webhook.secret.reveal() },
      admins: () => adminsOn("telegram", config, queue),
    };
    adapters.push(stack.use(createTelegram({ ...secrets, ...rest }, inbox, events, timing)));
  }
  if (config.slack) {
    const { access, delivery, proxyUrl, ...rest } = config.slack;
    const secrets = {
      access: openSlackAccess(stack, access, queue),
      delivery: revealDelivery(delivery),
      proxyUrl: proxyUrl?.reveal(),
    };
    adapters.push(stack.use(createSlack({ ...secrets, ...rest }, inbox, events, timing)));
  }
  return new Map(adapters.map((adapter) => [adapter.platform.name, adapter]));
}

/** Opens the store of installations where there is one; its keys never leave this process. */
function openSlackAccess(
  stack: AsyncDisposableStack,
  access: SlackConfig["access"],
  queue: OpenQueue,
): SlackOptions["access"] {
  if (access.kind === "token") return { kind: "token", botToken: access.botToken.reveal() };
  const { kind, clientId, clientSecret, publicUrl, teams } = access;
  const tokenKeys = tokenKeyBytes(access.tokenKeys);
  const installations = stack.use(queue.openInstallations(tokenKeys));
  const stateSecret = createHmac("sha256", tokenKeys[0] ?? "")
    .update("parley install state")
    .digest("hex");
  const app = { clientId, clientSecret: clientSecret.reveal(), publicUrl, teams };
  return { kind, ...app, stateSecret, installations };
}

function revealDelivery(delivery: SlackConfig["delivery"]): SlackOptions["delivery"] {
  return delivery.kind === "socket"
    ? { kind: "socket", appToken: delivery.appToken.reveal() }
    : { kind: "http", signingSecret: delivery.signingSecret.reveal() };
}
