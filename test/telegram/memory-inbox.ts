/** The inbox port in memory, for tests of the receiving side: idempotent like the real one, and able to refuse. */

import { EventEmitter } from "node:events";
import { until } from "../../simulator/telegram/until.ts";
import type { MessageId } from "../../src/core/conversation.ts";
import type { Arrival, Customs, Inbox, Lease } from "../../src/core/inbox.ts";
import type { IncomingMessage } from "../../src/core/message.ts";

/** The key under which two deliveries are the same. */
function keyOf(arrival: Arrival): string {
  switch (arrival.kind) {
    case "message":
      return arrival.message.id;
    case "command":
      return arrival.command.id;
    case "edit":
      return `edit ${arrival.id} ${arrival.version}`;
    case "delete":
      return `delete ${arrival.id}`;
    case "stop":
      return `stop ${arrival.conversation}`;
    case "moved":
      return `moved ${arrival.from}`;
    case "opened":
      return `opened ${arrival.conversation}`;
    default:
      return arrival satisfies never;
  }
}

/** An inbox that several pollers may share. */
export class MemoryInbox implements Inbox {
  /** What was accepted, in order, each once. */
  readonly accepted: Arrival[] = [];
  /** Every batch that was handed in, refused ones too. */
  readonly batches: (readonly Arrival[])[] = [];
  /** Called before each write; throwing refuses it. */
  beforeWrite: () => void = () => undefined;
  readonly #keys = new Set<string>();
  readonly #leases = new Map<string, { readonly lost: AbortController; readonly free: Promise<void> }>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  async accept(arrivals: readonly Arrival[]): Promise<void> {
    this.batches.push(arrivals);
    try {
      this.beforeWrite();
      for (const arrival of arrivals) {
        const key = keyOf(arrival);
        if (this.#keys.has(key)) continue;
        this.#keys.add(key);
        this.accepted.push(arrival);
      }
    } finally {
      this.#changes.emit("change");
    }
  }

  /** What replies to messages are wanted for. */
  readonly prompts = new Map<MessageId, string>();

  async wanted(prompt: MessageId): Promise<string | undefined> {
    return this.prompts.get(prompt);
  }

  async customs(): Promise<Customs> {
    return { takesPart: false };
  }

  async lease(name: string, signal: AbortSignal): Promise<Lease> {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("The wait for the lease was ended")));
    });
    stopped.catch(() => undefined);
    for (;;) {
      const holder = this.#leases.get(name);
      if (holder === undefined) break;
      await Promise.race([holder.free, stopped]);
    }
    const lost = new AbortController();
    const free = Promise.withResolvers<void>();
    const release = () => {
      this.#leases.delete(name);
      free.resolve();
      this.#changes.emit("change");
    };
    this.#leases.set(name, { lost, free: free.promise });
    lost.signal.addEventListener("abort", release);
    this.#changes.emit("change");
    return {
      lost: lost.signal,
      async [Symbol.asyncDispose]() {
        if (!lost.signal.aborted) release();
      },
    };
  }

  /** The names of the leases that are held. */
  get leases(): readonly string[] {
    return [...this.#leases.keys()];
  }

  /** Takes a lease away from its holder, as an outage of Redis does. */
  loseLease(name: string): void {
    this.#leases.get(name)?.lost.abort();
  }

  /** The messages that were accepted. */
  get messages(): readonly IncomingMessage[] {
    return this.accepted.flatMap((arrival) => (arrival.kind === "message" ? [arrival.message] : []));
  }

  /** Their texts. */
  get texts(): readonly string[] {
    return this.messages.map(({ text }) => text);
  }

  /** Resolves as soon as `probe` is true; looks after every write. */
  async until(probe: () => boolean): Promise<void> {
    const subscribe = (listener: () => void) => {
      this.#changes.on("change", listener);
      return () => this.#changes.off("change", listener);
    };
    await until(probe, subscribe, 15_000, () => this.texts.slice(-20));
  }
}
