/**
 * The port to admission: leave to call the chat API, inside its limits, fair between people, the same for all processes.
 * Kept in Redis by `src/queue`; the scheme and its reasons: docs/limits.md.
 */

import type { CallWatch, RateLimits } from "./chat-api.ts";
import type { ChatApiProblem } from "./errors.ts";
import type { Fence } from "./turn-store.ts";

/** Where a call stands, and whose it is. */
export interface CallPlace {
  /** Tells apart what has limits of its own: server, key, organisation and project. Opaque. */
  readonly endpoint: string;
  readonly model: string;
  /** The message's id is the call's; a run of a higher epoch goes on with what an earlier one has booked. */
  readonly fence: Fence;
}

/** One call that somebody wants to make. */
export interface CallOrder extends CallPlace {
  /** Whose share of the limits it takes. */
  readonly user: string;
  /** Estimated, in the model's tokens. */
  readonly promptTokens: number;
  /** The most that the answer may have, if that is sent along; else what this model's answers usually have is reserved. */
  readonly maxTokens: number | undefined;
  /** Nobody waits for it: it goes after everybody. */
  readonly background?: boolean;
  /** It would rather go elsewhere than wait: where its start is not soon, it takes no place in the line. */
  readonly soonOnly?: boolean;
}

/** What came of asking. */
export type Admitted =
  /** Its start is now. */
  | { readonly kind: "admitted"; readonly call: AdmittedCall }
  /** Not soon: it is `expectedMs`, as far as anybody knows. A later run, woken in time and at the latest after `waitMs`, asks again. */
  | {
      readonly kind: "later";
      readonly waitMs: number;
      readonly expectedMs: number;
      /** False: it asked for a start that is soon only, and is not expected again. */
      readonly isInLine: boolean;
    }
  /** It would be longer than anybody is kept waiting, and does not wait. */
  | { readonly kind: "never"; readonly expectedMs: number }
  /** The chat API has refused for good, or keeps failing, to this run or another, and is left alone. */
  | { readonly kind: "closed"; readonly problem: ChatApiProblem; readonly forMs: number }
  /** The prompt alone is above what a minute's limit allows. */
  | { readonly kind: "too-large" }
  /** The signal ended the wait; whatever was booked is left to the next run. */
  | { readonly kind: "ended" };

/**
 * A call that may begin. It is told once how the call ended: by `used`, `failed`, `refused`, `closed` or `broken`. None of them
 * throws or is worth waiting for: what gets lost is made up for by the limits' own refill.
 */
export interface AdmittedCall extends CallWatch {
  /**
   * The model has worked for it.
   * @param tokens prompt and answer together · @param outputTokens of a whole answer: others are reserved by it
   */
  used(tokens: number, outputTokens: number | undefined): void;
  /** It failed. @param wasCounted false: the server never got it */
  failed(wasCounted: boolean): void;
  /** A rate limit refused it: nobody calls for `afterMs`, and it waits on in its place. Resolves when everybody knows. */
  refused(afterMs: number | undefined, limits: RateLimits | undefined): Promise<void>;
  /** The server refuses for good: nobody calls for a while. Resolves when everybody knows. */
  closed(problem: ChatApiProblem): Promise<void>;
  /**
   * The server failed before the first token, and others can do its work: after some in a row it is left alone for a while.
   * Resolves when everybody knows. @param wasCounted false: the server never got it
   */
  broken(problem: ChatApiProblem, wasCounted: boolean): Promise<void>;
  /** True when a request of it could not be made again soon: ask for admission anew. */
  readonly isPutOff: boolean;
}

/** Who may call the chat API, and when. */
export interface Admission {
  /** Waits for what is soon. @param signal ends the wait @throws only when Redis is out of reach */
  admit(order: CallOrder, signal: AbortSignal): Promise<Admitted>;
  /** The call goes elsewhere, or is not made: a place in the line or a booked start that it may have is given up. Not worth waiting for. */
  withdraw(place: CallPlace): void;
}

/** The chat API refuses for good: a key, a quota, a model. */
export interface ClosedEndpoint {
  readonly endpoint: string;
  /** Its host, where it is one of several: others may answer meanwhile. */
  readonly host?: string;
  readonly model: string;
  readonly problem: ChatApiProblem;
}
