/** The queue of updates and long polling on it, with the offset, conflict and repeat rules of the real server. */

import { BotApiError } from "./bot-api-error.ts";

/** An update as it goes over the wire. */
export interface WireUpdate {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

/** The parameters of one `getUpdates`. */
export interface Poll {
  readonly offset: number;
  readonly limit: number;
  /** Seconds; the server caps it at 50. */
  readonly timeout: number;
  readonly allowedUpdates?: readonly string[] | undefined;
}

/** Kinds that come only when they are named in `allowed_updates` [platform-facts A10]. */
const unlistedKinds = new Set(["chat_member", "message_reaction", "message_reaction_count"]);

interface WaitingPoll {
  readonly limit: number;
  readonly answer: PromiseWithResolvers<readonly WireUpdate[]>;
  readonly deadline: NodeJS.Timeout;
}

/** Holds updates until they are confirmed by a higher offset. */
export class UpdateQueue {
  readonly #pending: WireUpdate[] = [];
  readonly #changed: () => void;
  #nextId: number;
  #waiting: WaitingPoll | undefined;
  #wakeUp: NodeJS.Timeout | undefined;
  /** The kinds that were asked for; none: the usual ones. */
  allowed: readonly string[] = [];
  #previous = { offset: Number.NaN, atMs: 0 };
  /** Set: polling is refused while a webhook is active. */
  webhookUrl = "";

  /** @param changed called when a poll starts or ends or the number of pending updates changes */
  constructor(firstId: number, changed: () => void) {
    this.#nextId = firstId;
    this.#changed = changed;
  }

  /** Not yet confirmed updates, oldest first. */
  get pending(): readonly WireUpdate[] {
    return this.#pending;
  }

  /** The id of the next update. */
  get nextId(): number {
    return this.#nextId;
  }

  /** True while a bot's poll waits for updates. */
  get polled(): boolean {
    return this.#waiting !== undefined;
  }

  /** Queues an update; `undefined` when `allowed_updates` leaves its kind out. */
  push(content: Readonly<Record<string, unknown>>): WireUpdate | undefined {
    const kind = Object.keys(content)[0] ?? "";
    const allowed = this.allowed.length === 0 ? !unlistedKinds.has(kind) : this.allowed.includes(kind);
    if (!allowed) return undefined;
    const update = { update_id: this.#nextId, ...content };
    this.#nextId += 1;
    this.#pending.push(update);
    // A millisecond gathers what arrives together [S:telegram-bot-api/Client.h LONG_POLL_WAIT_AFTER].
    if (this.#waiting !== undefined) this.#wakeUp ??= setTimeout(() => this.#answerWaiting(), 1);
    this.#changed();
    return update;
  }

  /** Takes over updates that an earlier simulator had not delivered. */
  restore(updates: readonly WireUpdate[]): void {
    this.#pending.push(...updates);
  }

  /**
   * One `getUpdates`.
   * @param gone aborts when the caller hangs up
   * @throws BotApiError 409 when a webhook is set, or when another poll takes this one's place
   */
  async poll(poll: Poll, gone: AbortSignal): Promise<readonly WireUpdate[]> {
    this.#refuseBesideWebhook();
    if (poll.allowedUpdates !== undefined) this.allowed = poll.allowedUpdates;
    const { limit, timeout } = this.#repeatRules(poll);
    this.#confirm(poll.offset);
    if (timeout === 0 || this.#pending.length > 0) return this.#pending.slice(0, limit);
    this.#endWaiting(conflict());
    const answer = Promise.withResolvers<readonly WireUpdate[]>();
    const deadline = setTimeout(() => this.#answerWaiting(), timeout * 1_000);
    const waiting = { limit, answer, deadline };
    this.#waiting = waiting;
    gone.addEventListener("abort", () => {
      if (this.#waiting === waiting) this.#endWaiting([]);
    });
    this.#changed();
    return await answer.promise;
  }

  /** A webhook is set: polls end with a conflict from now on. */
  setWebhook(url: string): void {
    this.webhookUrl = url;
    if (url !== "") this.#endWaiting(new BotApiError(409, "Conflict: terminated by setWebhook request"));
  }

  /** A webhook has delivered it. */
  remove(updateId: number): void {
    const index = this.#pending.findIndex(({ update_id }) => update_id === updateId);
    if (index < 0) return;
    this.#pending.splice(index, 1);
    this.#changed();
  }

  /** Forgets all that is pending. */
  drop(): void {
    this.#pending.length = 0;
    this.#changed();
  }

  /** Ends a waiting poll with nothing. */
  close(): void {
    this.#endWaiting([]);
  }

  #refuseBesideWebhook(): void {
    if (this.webhookUrl === "") return;
    throw new BotApiError(
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  }

  /**
   * Repeating an offset soon makes the server slow down [S:telegram-bot-api/Client.cpp process_get_updates_query].
   * A timeout in fractions of a second, which only tests with shrunk times use, is taken as it is.
   */
  #repeatRules(poll: Poll): { readonly limit: number; readonly timeout: number } {
    const nowMs = performance.now();
    const sinceMs = poll.offset === this.#previous.offset ? nowMs - this.#previous.atMs : Infinity;
    this.#previous = { offset: poll.offset, atMs: nowMs };
    const timeout = Math.min(Math.max(poll.timeout, 0), 50);
    const limit = Math.min(Math.max(poll.limit, 1), 100);
    const soon = sinceMs < 3_000 && Number.isInteger(timeout);
    return { limit: sinceMs < 500 ? 1 : limit, timeout: soon ? Math.max(timeout, 3) : timeout };
  }

  #confirm(offset: number): void {
    const before = this.#pending.length;
    if (offset < 0) this.#pending.splice(0, Math.max(0, before + offset));
    while (offset > 0 && (this.#pending[0]?.update_id ?? Infinity) < offset) this.#pending.shift();
    if (this.#pending.length !== before) this.#changed();
  }

  #answerWaiting(): void {
    this.#endWaiting(this.#pending.slice(0, this.#waiting?.limit ?? 0));
  }

  #endWaiting(end: readonly WireUpdate[] | BotApiError): void {
    clearTimeout(this.#wakeUp);
    this.#wakeUp = undefined;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.deadline);
    if (end instanceof BotApiError) waiting.answer.reject(end);
    else waiting.answer.resolve(end);
    this.#changed();
  }
}

function conflict(): BotApiError {
  return new BotApiError(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
  );
}
