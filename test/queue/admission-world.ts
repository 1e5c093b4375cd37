/** Admission on a real Redis, seen from two processes, and people who ask for it. */

import type {
  Admission,
  Admitted,
  AdmittedCall,
  CallOrder,
  ClosedEndpoint,
} from "../../src/core/admission.ts";
import type { RateLimits } from "../../src/core/chat-api.ts";
import type { Timing } from "../../src/core/timing.ts";
import { type CallCaps, toPool } from "../../src/queue/pool-scripts.ts";
import { conversation, message } from "./open-test-queue.ts";
import type { TestQueues } from "./test-queues.ts";

/** No caps of ours. */
export const uncapped: CallCaps = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  requestsPerDay: undefined,
  tokensPerDay: undefined,
};

export interface AdmissionWorld extends AsyncDisposable {
  /** Two processes. */
  readonly admissions: readonly [Admission, Admission];
  /** What operators were told, by either. */
  readonly closed: ClosedEndpoint[];
  /** Somebody asks for leave; every question of theirs is another message. */
  asks(user: string, options?: Asking): Promise<Admitted>;
  /** Leave that is there at once. */
  calls(user: string, options?: Asking): Promise<AdmittedCall>;
  /** Somebody's question goes elsewhere. */
  withdraws(user: string, message: number): void;
  /** The first call, answered with these headers. @param isCounted it takes its part of the limits */
  learns(limits: RateLimits | undefined, isCounted?: boolean): Promise<void>;
  /** Whether a message's start was undone because nobody took it up. */
  hasLostStart(message: number): Promise<boolean>;
  /** Resolves when everything asked and said so far is in Redis. */
  isTold(): Promise<void>;
}

export interface Asking {
  /** Which process is asked; the first. */
  readonly by?: 0 | 1;
  /** Which message it is for; another one each time. */
  readonly message?: number;
  readonly epoch?: number;
  readonly promptTokens?: number;
  readonly maxTokens?: number;
  readonly signal?: AbortSignal;
  readonly background?: boolean;
  readonly soonOnly?: boolean;
}

/** Everybody's limits, as a server tells them. */
export function perMinute(requests?: number, tokens?: number): RateLimits {
  const limit = (count: number) => ({ limit: count, remaining: count, per: "minute" as const });
  return {
    ...(requests === undefined ? {} : { requests: limit(requests) }),
    ...(tokens === undefined ? {} : { tokens: limit(tokens) }),
  };
}

/** How long somebody who is not admitted is expected to wait, in ms. */
export function expected(admitted: Admitted): number {
  if (admitted.kind !== "later") throw new Error(`Not later: ${admitted.kind}`);
  return admitted.expectedMs;
}

/** Takes all that may go at once, so that whoever comes has to wait. */
export async function isBusy(world: AdmissionWorld): Promise<void> {
  while ((await world.asks("busy")).kind === "admitted");
}

/** Opens admission in two processes. */
export function openAdmissions(
  queues: TestQueues,
  caps: Partial<CallCaps> = {},
  given: Partial<Timing> = {},
): AdmissionWorld {
  const stack = new AsyncDisposableStack();
  const waits = { ...closing, ...given };
  const opened = [stack.use(queues.open(waits)), stack.use(queues.openAgain(waits))] as const;
  const closed: ClosedEndpoint[] = [];
  const own = {
    caps: new Map([["here", { ...uncapped, ...caps }]]),
    onClosed: (news: ClosedEndpoint) => closed.push(news),
  };
  const admissions = [
    stack.use(opened[0].openAdmission(own)),
    stack.use(opened[1].openAdmission(own)),
  ] as const;
  let messages = 0;
  const toOrder = (user: string, asking: Asking): CallOrder => {
    const { epoch = 1, promptTokens = 10, maxTokens = 10, background = false, soonOnly = false } = asking;
    const { id } = message(asking.message ?? ++messages);
    const fence = { conversation: conversation(user), message: id, epoch };
    const cost = { promptTokens, maxTokens };
    return { endpoint: "here", model: "model", fence, user, ...cost, background, soonOnly };
  };
  const asks = (user: string, asking: Asking = {}) =>
    admissions[asking.by ?? 0].admit(toOrder(user, asking), asking.signal ?? new AbortController().signal);
  const calls = async (user: string, asking: Asking = {}) => {
    const admitted = await asks(user, asking);
    if (admitted.kind !== "admitted") throw new Error(`${user} is not admitted: ${admitted.kind}`);
    return admitted.call;
  };
  const learns = async (limits: RateLimits | undefined, isCounted = false) => {
    const call = await calls("first");
    call.accepted(limits);
    call.failed(isCounted);
    await isTold();
  };
  // What was sent before on the same connection has been done.
  const isTold = async () => {
    await Promise.all(opened.map(({ redis }) => redis.ping()));
  };
  return {
    admissions,
    closed,
    asks,
    calls,
    withdraws: (user, number) => admissions[0].withdraw(toOrder(user, { message: number })),
    learns,
    hasLostStart: async (number) => {
      const calls = opened[0].keys.poolCalls(toPool({ endpoint: "here", model: "model" }));
      const { id } = message(number);
      const [waiting, lost] = await opened[0].redis.hmget(calls, id, `undone ${id}`);
      // By its id an older version finds who waits or has a start.
      return lost !== null && waiting === null;
    },
    isTold,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A refusal for good is over soon enough for a test. */
const closing = { closedMs: 100, closedMaxMs: 200 };
