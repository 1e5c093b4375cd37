/**
 * Updates that Telegram delivers by itself: each is answered 200 only after it is written. Every gateway takes them;
 * whoever holds the lease sees to it that the webhook is set.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { causeOf } from "../../core/events.ts";
import type { HttpReply, HttpRequest, HttpRoute, Intake } from "../../core/platform/intake.ts";
import { type Acceptance, type AnyUpdate, createAcceptance } from "./acceptance.ts";
import { intakeLease, platformName } from "./address.ts";
import { Backoff, restFor } from "./backoff.ts";
import { TelegramError } from "./errors.ts";
import type { BotIdentity } from "./identity.ts";
import type { IntakeParts } from "./intake-parts.ts";
import { ensureMenus } from "./menu.ts";
import { createPressAnswers, type PressAnswers } from "./press-answers.ts";
import { keepWebhook, type WebhookAddress } from "./webhook-setup.ts";

/** What receiving by webhook needs. */
export interface WebhookOptions extends IntakeParts {
  readonly address: WebhookAddress;
}

/**
 * After how many seconds a delivery is to be tried again that could not be written. Unasked, Telegram doubles the time
 * up to two minutes; people would wait on long after Redis is back [WebhookActor.cpp on_update_error].
 */
const retryAfterS = 2;

const anyUpdate = z.looseObject({ update_id: z.number().int() });

/** Telegram's incoming side, by webhook. */
export class Webhook implements Intake {
  readonly routes: readonly HttpRoute[];
  readonly #options: WebhookOptions;
  readonly #acceptance: Acceptance;
  readonly #presses: PressAnswers;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  readonly #isSecret: (given: unknown) => boolean;
  readonly #handling = new Set<Promise<HttpReply>>();
  #running: Promise<unknown> = Promise.resolve();
  #self: BotIdentity | undefined;
  #trouble: string | undefined = "Telegram has not answered yet.";

  constructor(options: WebhookOptions) {
    const { address, inbox, events, timing } = options;
    this.#options = options;
    this.#presses = createPressAnswers(options.connection, timing);
    this.#acceptance = createAcceptance(inbox, events, this.#presses);
    this.#backoff = new Backoff(timing);
    this.#isSecret = comparison(address.secret);
    const path = new URL(address.url).pathname;
    this.routes = [{ method: "POST", path, handle: (request) => this.#take(request) }];
  }

  /** Begins to see to the webhook and returns; whatever fails is tried again until {@link stop}. */
  async start(): Promise<void> {
    this.#running = this.#run();
  }

  /** Gives the lease back and leaves the webhook set: Telegram keeps what nobody answers 200. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([this.#running, ...this.#handling]);
    await this.#presses.stop();
    this.#options.connection[Symbol.dispose]();
  }

  /** A process that stands by for the lease is ready: what is delivered to it is taken, and another one sees to the rest. */
  notReady(): string | undefined {
    return this.#trouble;
  }

  async #take(request: HttpRequest): Promise<HttpReply> {
    const given = request.headers["x-telegram-bot-api-secret-token"];
    if (!this.#isSecret(given)) return this.#refuse(401, given === undefined ? "no secret" : "wrong secret");
    const update = parseBody(request.body);
    if (update === undefined) return this.#refuse(400, "not an update");
    const self = this.#self;
    if (self === undefined || this.#stopping.signal.aborted) return later();
    const taking = this.#write(update, self);
    this.#handling.add(taking);
    return await taking.finally(() => this.#handling.delete(taking));
  }

  #refuse(status: number, reason: string): HttpReply {
    this.#options.events.requestRefused({ platform: platformName, reason });
    return { status };
  }

  async #write(update: AnyUpdate, self: BotIdentity): Promise<HttpReply> {
    const written = await this.#acceptance.take([update], self);
    return written ? { status: 200 } : later();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#self = await this.#options.identify(signal);
        this.#trouble = undefined;
        await using lease = await this.#options.inbox.lease(intakeLease(this.#options.botId), signal);
        await this.#see(AbortSignal.any([signal, lease.lost]));
      } catch (error) {
        await this.#rest(error, signal);
      }
    }
  }

  /** Sees to the webhook and the menu while the lease is `held`. */
  async #see(held: AbortSignal): Promise<void> {
    const { address, timing } = this.#options;
    const menu = ensureMenus(this.#options, held);
    const keeper = keepWebhook(this.#options, address);
    this.#trouble = "Telegram has not been told the webhook's address yet.";
    while (!held.aborted) {
      try {
        this.#trouble = await keeper.look(held);
        this.#backoff.reset();
        await restFor(timing.webhookLookMs, held);
      } catch (error) {
        await this.#rest(error, held);
      }
    }
    await menu;
    this.#trouble = undefined;
  }

  async #rest(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const cause = causeOf(error);
    const retryInMs = this.#backoff.msAfter(error);
    this.#trouble = troubleOf(error, cause);
    this.#options.events.webhookFailed({ platform: platformName, retryInMs, cause });
    await restFor(retryInMs, signal);
  }
}

function later(): HttpReply {
  return { status: 503, headers: { "retry-after": String(retryAfterS) } };
}

function parseBody(body: Buffer): AnyUpdate | undefined {
  try {
    return anyUpdate.parse(JSON.parse(body.toString()));
  } catch {
    // Nothing that Telegram sends; its words may be anybody's.
    return undefined;
  }
}

/** Takes the same time whatever is given. */
function comparison(secret: string): (given: unknown) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(secret);
  return (given) => typeof given === "string" && timingSafeEqual(digest(given), expected);
}

/** What `/readyz` says. */
function troubleOf(error: unknown, cause: string): string {
  const code = error instanceof TelegramError ? error.code : undefined;
  if (code === 401 || code === 404) return "Telegram does not know TELEGRAM_BOT_TOKEN.";
  if (code === 400) return `Telegram refuses TELEGRAM_WEBHOOK_URL: ${cause}`;
  return `Telegram cannot be told the webhook's address: ${cause}`;
}
