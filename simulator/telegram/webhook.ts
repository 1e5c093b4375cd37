/**
 * Delivery by webhook with the real server's rules [S:telegram-bot-api/WebhookActor.cpp]: one update of a chat at a time,
 * chats side by side on up to `max_connections` connections, anything but a 2xx is tried again. Nothing ever leaves this
 * machine: an address that is not on loopback is reached where the simulator was told, or not at all.
 */

import { Agent, type IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { BotApiError, badRequest } from "./bot-api-error.ts";
import type { UpdateQueue, WireUpdate } from "./updates.ts";
import { type Answer, errorOf, post } from "./webhook-request.ts";

/** What `setWebhook` was told. */
const webhookSchema = z.looseObject({
  url: z.string().default(""),
  secret_token: z.string().default(""),
  max_connections: z.coerce.number().int().min(1).max(100).catch(40),
  allowed_updates: z.array(z.string()).optional(),
  drop_pending_updates: z.preprocess((value) => value === true || value === "true", z.boolean()),
});

/** One request of the simulator's to the bot's server. */
export interface RecordedDelivery {
  /** Counts from 1. */
  readonly n: number;
  readonly updateId: number;
  readonly chat: string;
  readonly url: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** Absent while open and when no answer came. */
  readonly status?: number;
  readonly answerHeaders?: IncomingHttpHeaders;
  /** What `getWebhookInfo` says of it; absent when it went well. */
  readonly error?: string;
}

/** What goes wrong with one delivery. */
export type DeliveryFault =
  /** The bot's server gets the update and answers; the answer is lost, and the update comes again. */
  | "answer-lost"
  /** The connection does not come about. */
  | "not-reached";

/** What a webhook delivers from, and how fast. */
export interface DeliveryParts {
  readonly updates: UpdateQueue;
  /** A second of the real server's, in ms: 1,000; tests shrink it. */
  readonly secondMs: number;
  /** How many deliveries are kept for whoever looks, the newest. */
  readonly keep: number;
  /** Called at every change. */
  readonly changed: () => void;
}

/** The longest wait between two tries of an update, in the server's seconds; the real one draws from 60 to 120. */
const mostRetryS = 60;

/** A server that does not answer for so long is hung up on, in the server's seconds. */
const answerS = 60;

interface Waiting {
  fails: number;
  delayS: number;
  /** On the monotonic clock. */
  readyAtMs: number;
}

type Webhook = z.output<typeof webhookSchema>;

/** The webhook of one bot. */
export class WebhookDelivery {
  readonly #parts: DeliveryParts;
  readonly #deliveries = new Map<number, RecordedDelivery>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #busyChats = new Set<string>();
  /** Idle connections go before a server hangs up on them. */
  readonly #agent = new Agent({ keepAlive: true, timeout: 1_000 });
  readonly #origins = new Map<string, readonly string[]>();
  readonly #faults: DeliveryFault[] = [];
  #webhook: Webhook = webhookSchema.parse({});
  #setAtMs = Number.NEGATIVE_INFINITY;
  #lastError: { readonly atMs: number; readonly text: string } | undefined;
  #turn = 0;
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Every delivery that is kept, oldest first, in its state now. */
  get deliveries(): readonly RecordedDelivery[] {
    return [...this.#deliveries.values()];
  }

  /** Where a public address ends: `https://bot.example` at these servers on loopback, in turns; a proxy takes TLS off. */
  reachesAt(origin: string, servers: readonly string[]): void {
    this.#origins.set(origin, servers);
    this.look();
  }

  /** The next deliveries go wrong in this way. */
  inject(fault: DeliveryFault, times = 1): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
  }

  /** `setWebhook` by a bot. @throws BotApiError */
  set(payload: Readonly<Record<string, unknown>>): void {
    const asked = webhookSchema.parse(payload);
    if (asked.url === "") {
      this.remove(asked.drop_pending_updates);
      return;
    }
    const nowMs = performance.now();
    if (nowMs - this.#setAtMs < this.#parts.secondMs) {
      const retry_after = this.#parts.secondMs / 1_000;
      throw new BotApiError(429, `Too Many Requests: retry after ${retry_after}`, { retry_after });
    }
    this.#setAtMs = nowMs;
    checkWebhook(asked);
    this.#begin(asked);
  }

  /** `deleteWebhook`. */
  remove(dropsPending: boolean): void {
    this.#begin({ ...webhookSchema.parse({}), drop_pending_updates: dropsPending });
  }

  /** Somebody else sets a webhook, past every rule. */
  setFromOutside(url: string): void {
    this.#begin(webhookSchema.parse({ url }));
  }

  /** `getWebhookInfo`. */
  info(): Readonly<Record<string, unknown>> {
    const { url, max_connections } = this.#webhook;
    const isSet = url !== "";
    return {
      url,
      has_custom_certificate: false,
      pending_update_count: this.#parts.updates.pending.length,
      last_error_date: this.#lastError && Math.floor(this.#lastError.atMs / 1_000),
      last_error_message: this.#lastError?.text,
      max_connections: isSet ? max_connections : undefined,
      ip_address: isSet ? "127.0.0.1" : undefined,
      allowed_updates: this.#parts.updates.allowed.length > 0 ? this.#parts.updates.allowed : undefined,
    };
  }

  /** Sends what may be sent now; called whenever something has arrived. */
  look(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#webhook.url === "" || this.#isClosed) return;
    const seen = new Set(this.#busyChats);
    let soonestMs = Infinity;
    for (const update of this.#parts.updates.pending) {
      const chat = queueOf(update);
      if (seen.has(chat)) continue;
      seen.add(chat);
      const waitMs = (this.#waiting.get(update.update_id)?.readyAtMs ?? 0) - performance.now();
      if (waitMs > 0) soonestMs = Math.min(soonestMs, waitMs);
      else if (this.#busyChats.size < this.#webhook.max_connections) this.#send(update, chat);
    }
    if (soonestMs < Infinity) this.#timer = setTimeout(() => this.look(), soonestMs);
  }

  /** Hangs up and delivers no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#agent.destroy();
  }

  #begin(webhook: Webhook): void {
    const { updates, changed } = this.#parts;
    if (webhook.drop_pending_updates) updates.drop();
    updates.setWebhook(webhook.url);
    if (webhook.allowed_updates !== undefined) updates.allowed = webhook.allowed_updates;
    if (webhook.url !== this.#webhook.url) this.#lastError = undefined;
    this.#webhook = webhook;
    this.#waiting.clear();
    changed();
    this.look();
  }

  #send(update: WireUpdate, chat: string): void {
    this.#busyChats.add(chat);
    this.#begun += 1;
    const n = this.#begun;
    const { url } = this.#webhook;
    this.#deliveries.set(n, { n, updateId: update.update_id, chat, url, startedAtMs: Date.now() });
    this.#deliveries.delete(n - this.#parts.keep);
    this.#parts.changed();
    this.#post(update)
      .then((answer) => {
        this.#busyChats.delete(chat);
        if (!this.#isClosed) this.#ended(update, n, answer);
      })
      // A defect of the simulator's: the test that waits for the delivery says so.
      .catch((error: unknown) => this.#record(n, { endedAtMs: Date.now(), error: String(error) }));
  }

  #ended(update: WireUpdate, n: number, answer: Answer): void {
    const error = errorOf(answer);
    const { status, headers } = answer;
    this.#record(n, {
      endedAtMs: Date.now(),
      ...(status === undefined ? {} : { status }),
      ...(headers === undefined ? {} : { answerHeaders: headers }),
      ...(error === undefined ? {} : { error }),
    });
    if (error === undefined) {
      this.#waiting.delete(update.update_id);
      this.#parts.updates.remove(update.update_id);
    } else this.#later(update, error, Number(headers?.["retry-after"] ?? 0));
    this.#parts.changed();
    this.look();
  }

  /** The first try again comes at once, later ones after twice the time; or when the bot's server asks for it. */
  #later(update: WireUpdate, error: string, retryAfterS: number): void {
    this.#lastError = { atMs: Date.now(), text: error };
    const before = this.#waiting.get(update.update_id) ?? { fails: 0, delayS: 1, readyAtMs: 0 };
    const doubles = retryAfterS === 0 && before.fails > 0;
    const delayS = doubles ? Math.min(before.delayS * 2, mostRetryS) : before.delayS;
    const waitS = doubles ? delayS : Math.min(retryAfterS, 3_600);
    const readyAtMs = performance.now() + waitS * this.#parts.secondMs;
    this.#waiting.set(update.update_id, { fails: before.fails + 1, delayS, readyAtMs });
  }

  #record(n: number, change: Partial<RecordedDelivery>): void {
    const line = this.#deliveries.get(n);
    if (line !== undefined) this.#deliveries.set(n, { ...line, ...change });
  }

  async #post(update: WireUpdate): Promise<Answer> {
    const fault = this.#faults.shift();
    const target = this.#target();
    if (fault === "not-reached" || target === undefined) return { failure: "Connection refused" };
    const { secret_token: secret } = this.#webhook;
    const headers = {
      "content-type": "application/json",
      ...(secret === "" ? {} : { "x-telegram-bot-api-secret-token": secret }),
    };
    const options = { agent: this.#agent, timeoutMs: answerS * this.#parts.secondMs, headers };
    const answer = await post(target, JSON.stringify(update), options);
    return fault === "answer-lost" ? { failure: "Connection closed" } : answer;
  }

  /** The server that is asked: with several behind one address, they take turns. */
  #target(): URL | undefined {
    const url = new URL(this.#webhook.url);
    const servers = this.#origins.get(url.origin);
    if (servers === undefined) return url.hostname === "127.0.0.1" ? url : undefined;
    this.#turn += 1;
    const server = servers[this.#turn % servers.length];
    return server === undefined ? undefined : new URL(`${url.pathname}${url.search}`, server);
  }
}

/** Refuses what the real server refuses. */
function checkWebhook({ url, secret_token: secret }: Webhook): void {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw badRequest("invalid webhook URL specified");
  if (secret.length > 256) throw badRequest("secret token is too long");
  if (!/^[\w-]*$/.test(secret)) throw badRequest("secret token contains unallowed characters");
  if (parsed.protocol === "http:") {
    // As a Bot API server of one's own does (`--local`), which is what tests run against.
    if (parsed.hostname === "127.0.0.1") return;
    throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  }
  if (["", "80", "88", "443", "8443"].includes(parsed.port)) return;
  throw badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
}

/** What must be delivered one after another: whatever concerns the same chat. */
function queueOf(update: WireUpdate): string {
  const parsed = aboutChat.safeParse(Object.values(update).find((value) => typeof value === "object"));
  const chat = parsed.data?.chat?.id ?? parsed.data?.message?.chat?.id ?? parsed.data?.from?.id;
  return String(chat ?? update.update_id);
}

const hasId = z.object({ id: z.number() });
const aboutChat = z.object({
  chat: hasId.optional(),
  message: z.object({ chat: hasId.optional() }).optional(),
  from: hasId.optional(),
});
