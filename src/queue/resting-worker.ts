/** BullMQ's worker, which rests after Redis has refused to give it a job. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Job, type Processor, Worker, type WorkerOptions } from "bullmq";

/** What it needs beside BullMQ's options. */
export interface RestingWorkerOptions extends WorkerOptions {
  /** How long it rests, in ms. */
  readonly restMs: number;
}

/**
 * BullMQ asks again at once after any answer that is an error (bullmq 6.7): a Redis that is full, has become a replica
 * or lacks a right was asked a thousand times a second by each worker that met it in the midst of its jobs.
 */
export class RestingWorker<Data> extends Worker<Data> {
  readonly #restMs: number;

  constructor(queue: string, process: Processor<Data>, { restMs, ...options }: RestingWorkerOptions) {
    // BullMQ would begin to fetch before this constructor is over.
    super(queue, process, { ...options, autorun: false });
    this.#restMs = restMs;
    this.run().catch((error: unknown) => this.emit("error", error as Error));
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data>> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (!this.closing) await sleep(this.#restMs, undefined, { ref: false });
      throw error;
    }
  }
}
