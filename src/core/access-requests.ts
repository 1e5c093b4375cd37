/** What whoever was turned away asks for without knowing it: to be let in. The port to who waits; kept by `src/queue`. */

import type { MessageId } from "./conversation.ts";
import type { IncomingMessage } from "./message.ts";
import type { Refusal } from "./refusal.ts";

/** Somebody, or a place in which somebody wrote, to be let in or not. */
export interface AccessRequest {
  readonly platform: string;
  /** Where it was asked. */
  readonly scope: string;
  /** What would let them in, as the command `allow` takes it. */
  readonly entry: string;
  readonly subject: "person" | "place";
  /** The display name of who asked; untrusted. */
  readonly name: string;
}

/** A request about which nobody has decided. */
export interface WaitingRequest extends Pick<AccessRequest, "platform" | "scope" | "entry" | "name"> {
  readonly atMs: number;
}

/** Who was turned away. */
export interface RequestStore {
  /**
   * Turns somebody away. Their request is kept for a week and told to the admins: once, until something is decided about
   * the entry; of more than a few in an hour the admins learn only how many there are.
   * @param counted the message as it counted towards what may be said there in a minute: others have that back
   * @returns true for the one message a day that shows the refusal; the same message may ask again
   */
  turnAway(refusal: Refusal, message: MessageId, counted?: IncomingMessage): Promise<boolean>;
  /** Newest first. */
  waiting(): Promise<readonly WaitingRequest[]>;
}
