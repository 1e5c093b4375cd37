/**
 * Long polling that loses nothing: a batch is written into the inbox before the offset moves past it, since Telegram
 * forgets what lies below the offset. At most one process polls, by a lease; the others stand by.
 */

import { causeOf } from "../../core/events.ts";
import type { Intake } from "../../core/platform/intake.ts";
import { type Acceptance, createAcceptance } from "./acceptance.ts";
import { intakeLease, platformName } from "./address.ts";
import { Backoff, createDeadline, restFor } from "./backoff.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { TelegramError, toTelegramError } from "./errors.ts";
import type { BotIdentity } from "./identity.ts";
import type { IntakeParts } from "./intake-parts.ts";
import { updatesPerPoll } from "./limits.ts";
import { ensureMenus } from "./menu.ts";
import { createPressAnswers, type PressAnswers } from "./press-answers.ts";
import { allowedUpdates } from "./update.ts";

type Update = Awaited<ReturnType<Connection["api"]["getUpdates"]>>[number];

/** Telegram's incoming side. */
export class Poller implements Intake {
  readonly routes = [];
  readonly #parts: IntakeParts;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  readonly #acceptance: Acceptance;
  readonly #presses: PressAnswers;
  #running: Promise<unknown> = Promise.resolve();
  /** Updates below it are written; what Telegram was last told, it may lag behind. */
  #offset = 0;
  #toldOffset = 0;
  #trouble: string | undefined = "Telegram has not answered yet.";

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.timing);
    this.#presses = createPressAnswers(parts.connection, parts.timing);
    this.#acceptance = createAcceptance(parts.inbox, parts.events, this.#presses);
  }

  /** Begins to poll and returns; whatever fails is tried again until {@link stop}. */
  async start(): Promise<void> {
    this.#running = this.#run();
  }

  /** Aborts the waiting poll, writes what was received, confirms it to Telegram and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#presses.stop();
    this.#parts.connection[Symbol.dispose]();
  }

  /** A process that stands by for the lease is ready: it has reached Telegram, and another one polls. */
  notReady(): string | undefined {
    return this.#trouble;
  }

  get #stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  async #run(): Promise<void> {
    const { inbox, botId } = this.#parts;
    while (!this.#stopped.aborted) {
      try {
        const self = await this.#parts.identify(this.#stopped);
        this.#works();
        await using lease = await inbox.lease(intakeLease(botId), this.#stopped);
        await this.#pollWhileHeld(self, AbortSignal.any([this.#stopped, lease.lost]), lease.lost);
      } catch (error) {
        await this.#rest(error, this.#stopped);
      }
    }
  }

  /** @param held aborts when polling has to end · @param lost aborts when another process may poll */
  async #pollWhileHeld(self: BotIdentity, held: AbortSignal, lost: AbortSignal): Promise<void> {
    const menu = ensureMenus(this.#parts, held);
    while (!held.aborted) {
      try {
        const updates = await this.#poll(held);
        this.#works();
        await this.#write(updates, self, held);
      } catch (error) {
        if (!held.aborted) await this.#recover(error, held);
      }
    }
    await menu;
    if (!lost.aborted) await this.#confirm();
  }

  /** One `getUpdates`. A poll that Telegram does not end in time is deaf: it is given up with its connection. */
  async #poll(held: AbortSignal): Promise<readonly Update[]> {
    const { connection, timing, events } = this.#parts;
    using deadline = createDeadline(timing.pollDeafMs, held);
    const parameters = {
      offset: this.#offset,
      limit: updatesPerPoll,
      timeout: timing.pollMs / 1_000,
      allowed_updates: allowedUpdates,
    };
    this.#toldOffset = this.#offset;
    try {
      return await connection.api.getUpdates(parameters, forGrammy(deadline.signal));
    } catch (error) {
      if (deadline.passed) {
        connection.renew();
        events.pollDeaf({ platform: platformName, silentMs: timing.pollDeafMs });
      }
      throw toTelegramError(error, "getUpdates");
    }
  }

  /** Writes a batch, as often as it takes, and moves the offset then. A stop or a lost lease leaves it to Telegram. */
  async #write(updates: readonly Update[], self: BotIdentity, held: AbortSignal): Promise<void> {
    const last = updates.at(-1);
    if (last === undefined) return;
    do {
      if (await this.#acceptance.take(updates, self)) {
        this.#offset = last.update_id + 1;
        this.#backoff.reset();
        return;
      }
      await restFor(this.#backoff.nextMs(), held);
    } while (!held.aborted);
  }

  async #recover(error: unknown, held: AbortSignal): Promise<void> {
    const webhook = error instanceof TelegramError && error.code === 409 && /webhook/i.test(error.message);
    if (!webhook) return await this.#rest(error, held);
    this.#parts.events.webhookRemoved({ platform: platformName });
    try {
      await this.#parts.connection.api.deleteWebhook({}, forGrammy(held));
    } catch (refusal) {
      await this.#rest(toTelegramError(refusal, "deleteWebhook"), held);
    }
  }

  /** Says what failed and waits. */
  async #rest(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const cause = causeOf(error);
    const retryInMs = this.#backoff.msAfter(error);
    this.#trouble = troubleOf(error, cause);
    this.#parts.events.pollFailed({ platform: platformName, retryInMs, cause });
    await restFor(retryInMs, signal);
  }

  #works(): void {
    this.#trouble = undefined;
    this.#backoff.reset();
  }

  /** Tells Telegram what is written, so that the next process is not given it again. */
  async #confirm(): Promise<void> {
    if (this.#offset === this.#toldOffset) return;
    const { connection, timing } = this.#parts;
    const parameters = { offset: this.#offset, limit: 1, timeout: 0 };
    // Best effort: what is delivered again is recognised by the inbox.
    await connection.api
      .getUpdates(parameters, forGrammy(AbortSignal.timeout(timing.callMs)))
      .catch(() => undefined);
  }
}

/** What `/readyz` says. */
function troubleOf(error: unknown, cause: string): string {
  const code = error instanceof TelegramError ? error.code : undefined;
  if (code === 401 || code === 404) return "Telegram does not know TELEGRAM_BOT_TOKEN.";
  if (code === 409) return "Another program polls Telegram with this bot's token.";
  return `Telegram cannot be polled: ${cause}`;
}
