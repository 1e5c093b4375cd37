/** What the model simulator has seen, and waits for it. */

import type { SimulatedRequest } from "./script.ts";

/** One chat request and what became of it. Times are `Date.now()`, so that processes can compare them. */
export interface RecordedRequest extends SimulatedRequest {
  readonly atMs: number;
  /** How many tokens of text (or refusal) were handed to the socket. */
  readonly sentTokens: number;
  /** The text sent so far. */
  readonly sentText: string;
  /** When the answer was over: whole, or broken as scripted. */
  readonly endedAtMs: number | undefined;
  /** When the client went away before that. */
  readonly abortedAtMs: number | undefined;
}

/** The simulator's own, writable side. */
export type Recording = { -readonly [Field in keyof RecordedRequest]: RecordedRequest[Field] };

/** Chooses among recorded requests. */
export type Chooses = (request: RecordedRequest) => boolean;

interface Waiter {
  readonly chooses: Chooses;
  readonly resolve: (request: RecordedRequest) => void;
}

/** The requests of one simulator, in order of arrival; only the last `keep` stay. */
export class Record {
  readonly requests: Recording[] = [];
  /** How many chat requests ever came, and how many answers were sent whole. */
  received = 0;
  answered = 0;
  /** Requests that a rate limit refused; they are not recorded otherwise. */
  refused = 0;
  private readonly keep: number;
  private readonly waiters = new Set<Waiter>();

  constructor(keep: number) {
    this.keep = keep;
  }

  add(request: Omit<SimulatedRequest, "number">): Recording {
    this.received += 1;
    const recording: Recording = {
      ...request,
      number: this.received,
      atMs: Date.now(),
      sentTokens: 0,
      sentText: "",
      endedAtMs: undefined,
      abortedAtMs: undefined,
    };
    this.requests.push(recording);
    if (this.requests.length > this.keep) this.requests.shift();
    this.changed(recording);
    return recording;
  }

  /** To be called after each change of a recording. Costs next to nothing while nobody waits. */
  changed(recording: Recording): void {
    for (const waiter of this.waiters) {
      if (!waiter.chooses(recording)) continue;
      this.waiters.delete(waiter);
      waiter.resolve(recording);
    }
  }

  /** The first request that `chooses` holds for, at once or when it comes to be. */
  until(chooses: Chooses): Promise<RecordedRequest> {
    const found = this.requests.find(chooses);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => this.waiters.add({ chooses, resolve }));
  }
}
