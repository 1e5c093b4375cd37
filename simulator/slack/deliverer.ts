/** Delivers what happens to the app, again and again while it is not acknowledged; by which way, its heirs know. */

/** What a delivery carries. */
export type DeliveryType = "events_api" | "slash_commands" | "interactive";

/** A delivery's body. */
export type Payload = Readonly<Record<string, unknown>>;

/** One attempt to deliver one payload. */
export interface Delivery {
  readonly type: DeliveryType;
  readonly payload: Payload;
  /** 0 for the first attempt. */
  readonly attempt: number;
  readonly atMs: number;
  /** The socket's number; undefined when there was none. */
  readonly connection: number | undefined;
  /** When the acknowledgement came. */
  readonly ackedAtMs: number | undefined;
  /** What the acknowledgement carried. */
  readonly answer: unknown;
  /** Why the attempt before it was not acknowledged: `timeout`, `http_error`, … */
  readonly retryReason: string | undefined;
  /** The HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
}

/** An attempt that is under way. */
export type OpenDelivery = { -readonly [Field in keyof Delivery]: Delivery[Field] };

/** How an attempt ended. */
export type Outcome =
  | { readonly acked: true; readonly answer: unknown }
  /** `again` false: the app asked for no further attempt. */
  | { readonly acked: false; readonly reason: string; readonly again: boolean };

/** The deadlines of deliveries, in ms. */
export interface DeliveryTiming {
  /** A delivery must be acknowledged within this; Slack: 3,000. */
  readonly ackMs: number;
  /** Waits before the attempts after the first; Slack: at once, 1 min, 5 min. Then the event is lost. */
  readonly retryDelaysMs: readonly number[];
}

interface Sending {
  readonly type: DeliveryType;
  readonly payload: Payload;
  readonly retries: boolean;
  readonly done: (delivery: Delivery) => void;
}

/** Keeps the record of deliveries and repeats those that fail. */
export abstract class Deliverer {
  /** Every attempt so far. */
  readonly deliveries: Delivery[] = [];
  /** Payloads that used up their attempts: the app never got them. */
  readonly lost: Payload[] = [];
  protected readonly changed: () => void;
  readonly #retryDelaysMs: readonly number[];
  readonly #keep: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** @param keep how many attempts the record keeps, the newest */
  constructor(timing: DeliveryTiming, changed: () => void, keep: number) {
    this.changed = changed;
    this.#retryDelaysMs = timing.retryDelaysMs;
    this.#keep = keep;
  }

  /** Makes one attempt. Never rejects. */
  protected abstract carry(delivery: OpenDelivery): Promise<Outcome>;

  /** Delivers an event until it is acknowledged or the attempts are used up. */
  sendEvent(payload: Payload, attempt = 0): void {
    const reason = attempt > 0 ? "timeout" : undefined;
    void this.#attempt({ type: "events_api", payload, retries: true, done: () => {} }, attempt, reason);
  }

  /** Delivers a slash command or interaction once. @returns without `ackedAtMs` when it was not acknowledged */
  sendOnce(type: Exclude<DeliveryType, "events_api">, payload: Payload): Promise<Delivery> {
    return new Promise((done) => {
      void this.#attempt({ type, payload, retries: false, done }, 0, undefined);
    });
  }

  /** Ends all waits; nothing is delivered any more. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Runs something later, unless it is cancelled or all is closed. */
  protected later(ms: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  protected cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  async #attempt(sending: Sending, attempt: number, retryReason: string | undefined): Promise<void> {
    const { type, payload } = sending;
    const open = { connection: undefined, ackedAtMs: undefined, answer: undefined, status: undefined };
    const delivery: OpenDelivery = { type, payload, attempt, atMs: Date.now(), retryReason, ...open };
    this.deliveries.push(delivery);
    if (this.deliveries.length > this.#keep) this.deliveries.shift();
    const carried = this.carry(delivery);
    this.changed();
    const outcome = await carried;
    if (this.#closed) return;
    if (outcome.acked) {
      delivery.ackedAtMs = Date.now();
      delivery.answer = outcome.answer;
      sending.done(delivery);
    } else this.#failed(sending, delivery, outcome);
    this.changed();
  }

  #failed(sending: Sending, delivery: Delivery, { reason, again }: Outcome & { acked: false }): void {
    const delayMs = sending.retries && again ? this.#retryDelaysMs[delivery.attempt] : undefined;
    if (delayMs === undefined) {
      this.lost.push(sending.payload);
      sending.done(delivery);
    } else this.later(delayMs, () => void this.#attempt(sending, delivery.attempt + 1, reason));
  }
}
