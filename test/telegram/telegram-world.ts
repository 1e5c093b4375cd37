/** A simulator with people in it, pollers against it, and the lines that they log. */

import { EventEmitter } from "node:events";
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
import { createEvents } from "../../src/core/events.ts";
import { type Timing, timing } from "../../src/core/timing.ts";
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
  poller(changes?: Partial<Timing>, token?: string): Promise<Poller>;
  /** Everything logged and everything in `more`, inspected to the depth. */
  everythingShown(...more: readonly unknown[]): string;
}

/** Starts a world; disposing it stops its pollers and its simulator. */
export async function startTelegramWorld(options: TelegramSimulatorOptions = {}): Promise<TelegramWorld> {
  const token = `8000000001:${tokenSecret}`;
  const telegram = await startTelegramSimulator({ flood: "off", token, ...options });
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
    async poller(changes = {}, botToken = token) {
      const times = { ...quick, ...changes };
      const { keepAliveMs } = times;
      const longestCallMs = times.pollDeafMs * 2;
      const connection = createConnection({
        token: botToken,
        apiRoot: telegram.url,
        longestCallMs,
        keepAliveMs,
        connectMs: 1_000,
      });
      const botId = toBotId(botToken);
      const poller = new Poller({
        botId,
        connection,
        inbox,
        events,
        timing: times,
        identify: (signal) => identify(connection, signal),
      });
      pollers.push(poller);
      await poller.start();
      return poller;
    },
    everythingShown: (...more) =>
      [...log, ...more.map((value) => inspect(value, { depth: 20, showHidden: true }))].join("\n"),
    async [Symbol.asyncDispose]() {
      await Promise.all(pollers.map((poller) => poller.stop()));
      await telegram[Symbol.asyncDispose]();
    },
  };
}
