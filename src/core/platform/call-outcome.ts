/** How one call to a platform ended, in the words that core decides by. */

import type { Address } from "../conversation.ts";
import type { FloodRefusal } from "./flood-budget.ts";

/** How a call ended. Adapters classify in one table (`errors.ts`) and never throw for what a platform answers. */
export type CallOutcome<T> =
  /** Done; "not modified" counts as done. */
  | { readonly kind: "done"; readonly value: T }
  /** Refused by flood control: nothing of its budget before the time is over. */
  | (FloodRefusal & { readonly kind: "limited"; readonly cause: Error })
  /** Surely not applied, and may succeed later. */
  | { readonly kind: "unapplied"; readonly cause: Error }
  /** It may or may not have been applied: time-out, reset, a server error after the request was read. */
  | { readonly kind: "unknown"; readonly cause: Error }
  /** The platform does not take this formatting or length; send the page as plain text. */
  | { readonly kind: "unformattable"; readonly cause: Error }
  /** The message to edit is no longer there. */
  | { readonly kind: "gone"; readonly cause: Error }
  /** Blocked, kicked, archived, chat deleted: the bot cannot write here. */
  | { readonly kind: "closed"; readonly cause: Error }
  /** Our own mistake or credentials: only an operator can mend it. */
  | { readonly kind: "broken"; readonly cause: Error }
  | Elsewhere;

/** Surely not applied: the place is no more, and the platform says where to go on. */
export interface Elsewhere {
  readonly kind: "elsewhere";
  /**
   * `vanished`: the thread alone is gone, or cannot be reached any more; its chat takes what was meant for it.
   * `moved`: the chat has another id, and all its conversations go on under that.
   */
  readonly why: "vanished" | "moved";
  readonly address: Address;
  readonly cause: Error;
}
