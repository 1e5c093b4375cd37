/** How the simulated platforms find the gateways of a world, whichever way each delivers. */

import { setTimeout as sleep } from "node:timers/promises";
import type { SlackSimulator } from "../../simulator/slack/simulator.ts";
import type { TelegramSimulator } from "../../simulator/telegram/index.ts";
import { patienceMs } from "./person.ts";
import type { ServiceProcess } from "./processes.ts";
import { isReady } from "./routes.ts";

/** How each platform delivers. */
export interface DeliveryWays {
  /** Default long polling. */
  readonly telegramBy?: "polling" | "webhook";
  /** Default Socket Mode. */
  readonly slackBy?: "socket" | "http";
}

/** Makes a gateway one that Telegram delivers to; the simulator knows which ports the address means. */
export const byWebhook = {
  TELEGRAM_WEBHOOK_URL: "http://127.0.0.1:1/telegram",
  TELEGRAM_WEBHOOK_SECRET: "secret-of-the-tests-webhook",
};

/** The ways into one installation. */
export class WaysIn {
  readonly #telegram: TelegramSimulator;
  readonly #slack: SlackSimulator;
  readonly #ways: DeliveryWays;
  readonly #gateways: { readonly origin: string; readonly process: ServiceProcess | undefined }[] = [];

  constructor(
    platforms: { readonly telegram: TelegramSimulator; readonly slack: SlackSimulator },
    ways: DeliveryWays,
  ) {
    this.#telegram = platforms.telegram;
    this.#slack = platforms.slack;
    this.#ways = ways;
  }

  /**
   * A gateway listens: Telegram delivers to all that live, Slack to the newest, as if they stood behind one address.
   * @param process absent: it runs in this process
   */
  async leadTo(port: number, process?: ServiceProcess): Promise<void> {
    const origin = `http://127.0.0.1:${port}`;
    this.#gateways.push({ origin, process });
    const living = this.#gateways.filter((gateway) => gateway.process?.lives !== false);
    this.#telegram.webhook.reachesAt(
      new URL(byWebhook.TELEGRAM_WEBHOOK_URL).origin,
      living.map((gateway) => gateway.origin),
    );
    if (this.#ways.slackBy !== "http") return;
    const url = `${origin}/slack/events`;
    if (this.#slack.http.url === undefined) await this.#slack.http.verify(url);
    else this.#slack.http.moves(url);
  }

  /** Resolves when each of the platforms delivers to a running service. */
  async areOpen(platforms: readonly ("telegram" | "slack")[]): Promise<void> {
    await Promise.all([
      platforms.includes("telegram") ? this.#fromTelegram() : undefined,
      platforms.includes("slack") ? this.#fromSlack() : undefined,
    ]);
  }

  async #fromTelegram(): Promise<void> {
    const telegram = this.#telegram;
    const isHttp = this.#ways.telegramBy === "webhook";
    const isReachable = () => (isHttp ? telegram.webhook.info().url !== "" : telegram.polled);
    await telegram.until(isReachable, patienceMs);
    if (isHttp) await this.#newestIsReady();
  }

  async #fromSlack(): Promise<void> {
    const { socketMode, http } = this.#slack;
    const isHttp = this.#ways.slackBy === "http";
    const isReachable = () => (isHttp ? http.url !== undefined : socketMode.connections.length >= 2);
    await this.#slack.until(isReachable, patienceMs);
    if (isHttp) await this.#newestIsReady();
  }

  /** Being ready is asked for; nobody is told of it. */
  async #newestIsReady(): Promise<void> {
    const deadline = performance.now() + patienceMs;
    const { origin = "" } = this.#gateways.at(-1) ?? {};
    while (!(await isReady(origin))) {
      if (performance.now() > deadline) throw new Error(`Not ready within ${patienceMs} ms: ${origin}`);
      await sleep(15);
    }
  }
}
