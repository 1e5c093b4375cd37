/**
 * The service within the playground. To talk with the platforms in another way it is started anew, as an operator would
 * with other settings; what is being answered meanwhile goes on in the same message.
 */

import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../src/config.ts";
import { causeOf } from "../src/core/events.ts";
import type { Timing } from "../src/core/timing.ts";
import { type Service, startService } from "../src/service.ts";
import { slackPath, usualWays, type Ways, webhookOrigin } from "./ways.ts";
import type { World } from "./world.ts";

/** How long a start waits until the service is connected; then it counts as started all the same. */
const readyMs = 5_000;

/** What the page shows of the service, and switches. */
export interface Switchboard {
  /** Those that are wished for; they hold as soon as {@link isSwitching} is false. */
  readonly ways: Ways;
  readonly isSwitching: boolean;
  /** Starts the service anew where `ways` are others. */
  switchTo(ways: Ways): void;
  /** @returns what ends it */
  onChange(listener: () => void): () => void;
}

/** What the service is started from. */
export interface InnerServiceOptions {
  readonly world: World;
  readonly configFor: (ways: Ways) => Config;
  readonly redisUrl: string;
  readonly log: Logger;
  readonly onGone: () => void;
  readonly timing: Timing;
}

/** A service that can be started anew. */
export class InnerService implements Switchboard, AsyncDisposable {
  readonly #options: InnerServiceOptions;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #service: Service | undefined;
  #runs: Ways | undefined;
  #wanted = usualWays;
  #switching: Promise<void> | undefined;
  #isEnding = false;

  constructor(options: InnerServiceOptions) {
    this.#options = options;
  }

  get ways(): Ways {
    return this.#wanted;
  }

  get isSwitching(): boolean {
    return this.#switching !== undefined;
  }

  /** Starts it in the usual ways; resolves when it is connected. */
  async start(): Promise<void> {
    await this.#restart(this.#wanted);
  }

  switchTo(ways: Ways): void {
    this.#wanted = ways;
    this.#switching ??= this.#switch()
      .catch((error: unknown) => {
        this.#options.log.error({ cause: causeOf(error) }, "the service could not be started in another way");
      })
      .finally(() => {
        this.#switching = undefined;
        this.#tell();
      });
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#changes.on("change", listener);
    return () => this.#changes.off("change", listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#switching;
    await this.#service?.[Symbol.asyncDispose]();
  }

  /** Whoever switches again meanwhile is obeyed next. */
  async #switch(): Promise<void> {
    while (!this.#isEnding && JSON.stringify(this.#runs) !== JSON.stringify(this.#wanted)) {
      await this.#restart(this.#wanted);
    }
  }

  async #restart(ways: Ways): Promise<void> {
    const { world, configFor, redisUrl, log, onGone, timing } = this.#options;
    const before = this.#service;
    this.#service = undefined;
    this.#runs = undefined;
    await before?.[Symbol.asyncDispose]();
    const service = await startService({
      config: configFor(ways),
      redisUrl,
      // Its own names in Redis: what real people wrote there is not the simulators' to answer.
      namespace: "parley-playground",
      log,
      onGone,
      timing,
    });
    this.#service = service;
    this.#runs = ways;
    await tellPlatforms(world, ways, `http://127.0.0.1:${service.port}`);
    await untilReady(service);
  }

  #tell(): void {
    this.#changes.emit("change");
  }
}

/** What stands in the app's settings at Slack, and in the name service for Telegram. */
async function tellPlatforms({ telegram, slack }: World, ways: Ways, origin: string): Promise<void> {
  telegram.webhook.reachesAt(webhookOrigin, [origin]);
  if (ways.slackDelivery === "http") await slack.http.verify(`${origin}${slackPath}`);
  else slack.http.moves(undefined);
}

/** Who types before both platforms are connected would be told by Slack that the app does not answer. */
async function untilReady(service: Service): Promise<void> {
  const deadline = AbortSignal.timeout(readyMs);
  while (!deadline.aborted && (await service.notReady()).length > 0) await delay(20);
}
