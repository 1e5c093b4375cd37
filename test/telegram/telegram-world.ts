/** A simulator with people in it, pollers against it, and the lines that they log. */

import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { pino } from "pino";
import {
  startTelegramSimulator,
  type TelegramSimulator,
  type TelegramSimulatorOptions,
} from "../../simulator/telegram/index.ts";
import type { SimChat, SimUser } from "../../simulator/telegram/state.ts";
import { until } from "../../simulator/telegram/until.ts";
import { toBotId } from "../../src/adapters/telegram/address.ts";
import { createConnection } from "../../src/adapters/telegram/connection.ts";
import { identify } from "../../src/adapters/telegram/identity.ts";
import { Poller } from "../../src/adapters/telegram/poll.ts";
import { Webhook } from "../../src/adapters/telegram/webhook.ts";
import type { WebhookAddress } from "../../src/adapters/telegram/webhook-setup.ts";
import { createEvents } from "../../src/core/events.ts";
import { type Timing, timing } from "../../src/core/timing.ts";
import { serveRoutes } from "../world/routes.ts";
import { MemoryInbox } from "./memory-inbox.ts";

/** The true times, with short waits between tries. */
export const quick: Timing = {
  ...timing,
  backoffMs: 2,
  backoffMaxMs: 20,
  brokenMs: 20,
  callMs: 2_000,
};

/** What stands in a token and must never be seen elsewhere. */
export const tokenSecret = "AAF-canary_canary_canary_canary_0123";

/** Where the gateways of a world are known to Telegram. */
export const webhookAddress: WebhookAddress = {
  url: "https://parley.example/telegram",
  secret: "canary_canary_canary_canary_0123",
};

/** A gateway by webhook, on a port of its own. */
export interface Gateway {
  readonly webhook: Webhook;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** Resolves when it is ready. Being ready is asked for, as `/readyz` does; nobody is told of it. */
  isReady(): Promise<void>;
  /** As a process ends: its server first. */
  stop(): Promise<void>;
}

/** A world for one test. */
export interface TelegramWorld extends AsyncDisposable {
  readonly telegram: TelegramSimulator;
  readonly ada: SimUser;
  readonly chat: SimChat;
  readonly inbox: MemoryInbox;
  /** Every line logged, as it would be printed. */
  readonly log: string[];
  /** Resolves when so many lines that hold `text` are logged. */
  logged(text: string, times?: number): Promise<void>;
  /** Makes and starts a poller; the world stops it. */
  poller(
    changes?: Partial<Timing>,
    token?: string,
    admins?: () => Promise<readonly string[]>,
  ): Promise<Poller>;
  /** Makes and starts a gateway that Telegram delivers to; the world stops it. */
  gateway(changes?: Partial<Timing>, address?: Partial<WebhookAddress>): Promise<Gateway>;
  /** Everything logged and everything in `more`, inspected to the depth. */
  everythingShown(...more: readonly unknown[]): string;
}

/** Starts a world; disposing it stops its pollers and its simulator. */
export async function startTelegramWorld(options: TelegramSimulatorOptions = {}): Promise<TelegramWorld> {
  const token = `8000000001:${tokenSecret}`;
  const telegram = await startTelegramSimulator({ flood: "off", token, secondMs: 20, ...options });
  const ada = telegram.createUser({ firstName: "Ada", lastName: "Lovelace", username: "ada" });
  const inbox = new MemoryInbox();
  const log: string[] = [];
  const lines = new EventEmitter().setMaxListeners(0);
  const write = (line: string) => {
    log.push(line);
    lines.emit("line");
  };
  const events = createEvents(pino({ level: "trace" }, { write }));
  const pollers: Poller[] = [];
  const gateways: Gateway[] = [];
  const connectionTo = (botToken: string, { keepAliveMs }: Timing, longestCallMs: number) =>
    createConnection({
      token: botToken,
      apiRoot: telegram.url,
      longestCallMs,
      keepAliveMs,
      connectMs: 1_000,
    });
  return {
    telegram,
    ada,
    chat: telegram.createPrivateChat(ada),
    inbox,
    log,
    async logged(text, times = 1) {
      const subscribe = (listener: () => void) => {
        lines.on("line", listener);
        return () => lines.off("line", listener);
      };
      const enough = () => log.filter((line) => line.includes(text)).length >= times;
      await until(enough, subscribe, 15_000, () => log.slice(-10));
    },
    async poller(changes = {}, botToken = token, admins = undefined) {
      const times = { ...quick, ...changes };
      const connection = connectionTo(botToken, times, times.pollDeafMs * 2);
      const botId = toBotId(botToken);
      const poller = new Poller({
        botId,
        connection,
        inbox,
        events,
        timing: times,
        admins,
        identify: (signal) => identify(connection, signal),
      });
      pollers.push(poller);
      await poller.start();
      return poller;
    },
    async gateway(changes = {}, address = {}) {
      const times = { ...quick, ...changes };
      const connection = connectionTo(token, times, times.callMs);
      const webhook = new Webhook({
        botId: toBotId(token),
        address: { ...webhookAddress, ...address },
        connection,
        inbox,
        events,
        timing: times,
        identify: (signal) => identify(connection, signal),
      });
      const server = await serveRoutes(webhook.routes, events, times);
      const { origin } = server;
      const stop = async () => {
        await server[Symbol.asyncDispose]();
        await webhook.stop();
      };
      const isReady = async () => {
        while (webhook.notReady() !== undefined) await sleep(5);
      };
      const gateway = { webhook, origin, isReady, stop };
      gateways.push(gateway);
      const url = address.url ?? webhookAddress.url;
      if (url.startsWith("https:")) {
        telegram.webhook.reachesAt(
          new URL(url).origin,
          gateways.map((each) => each.origin),
        );
      }
      await webhook.start();
      return gateway;
    },
    everythingShown: (...more) =>
      [...log, ...more.map((value) => inspect(value, { depth: 20, showHidden: true }))].join("\n"),
    async [Symbol.asyncDispose]() {
      await Promise.all([...pollers, ...gateways].map((intake) => intake.stop()));
      await telegram[Symbol.asyncDispose]();
    },
  };
}
