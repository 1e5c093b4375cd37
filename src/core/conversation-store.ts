/** The port to what commands change in a conversation. Kept in Redis by `src/queue`. */

import type { ConversationId, MessageId } from "./conversation.ts";
import { outcomes } from "./turn-store.ts";

/** Who asks to stop, and how far that reaches. */
export interface StopRequest {
  readonly conversation: ConversationId;
  /** `chat`: whatever runs in the chat's threads as well. */
  readonly reach: "conversation" | "chat";
  readonly author: string;
  /** True for those who may stop other people's answers. */
  readonly everybodys: boolean;
  /** What was written after this order key stays. */
  readonly order: number;
  /** Only this question's answer is meant, and nothing that waits. */
  readonly only?: MessageId;
  /** The command that asks for it: carried out again it comes to what it came to. Absent: nobody is answered. */
  readonly command?: MessageId;
}

/** What stopping came to. */
export interface Stopped {
  /** An answer was running and ends now. */
  readonly running: boolean;
  /** Somebody else's answer runs on. */
  readonly foreign: boolean;
  /** Waiting messages that were dropped. */
  readonly dropped: number;
}

/** Who wants the last answer given again. */
export interface RetryRequest {
  /** The command that asks for it: carried out once, however often it is delivered. */
  readonly id: MessageId;
  readonly conversation: ConversationId;
  readonly author: string;
  /** True for those who may do so with other people's answers. */
  readonly everybodys: boolean;
}

/** `running`: an answer runs or a message waits; `foreign`: it answers somebody else; `nothing`: there is none. */
export type Retried = "started" | "running" | "foreign" | "nothing";

/** A look at a conversation. */
export interface LookRequest {
  readonly conversation: ConversationId;
  /** What became of this message is asked as well. */
  readonly about: MessageId | undefined;
  /** Of the history that is told to the model, in tokens. */
  readonly budgetTokens: number;
}

/** What became of a message whose turn is over: what the turn came to, or dropped by who asked. */
export const fates = [...outcomes, "dropped"] as const;

/** Where a message stands. `taken`: it was accepted, and no more is known; `unknown`: not taken in, or too long ago. */
export type Fate =
  | { readonly kind: "running" | "taken" | "tooMuch" | "unknown" }
  /** The `place`-th of those that wait. */
  | { readonly kind: "waiting"; readonly place: number }
  | { readonly kind: "ended"; readonly fate: (typeof fates)[number] };

/** What goes on in a conversation. */
export interface Look {
  /** Whose question is being answered, by the platform's id. */
  readonly runningFor: string | undefined;
  /** Without what is being answered. */
  readonly waiting: number;
  /** How much of the history is told with the next question. */
  readonly historyTokens: number;
  readonly about: Fate | undefined;
}

/** What commands do to conversations. Idempotent, one round trip or two each. */
export interface ConversationStore {
  /** Ends the running answer and drops what the same person has waiting. */
  stop(request: StopRequest): Promise<Stopped>;
  /** Gives the last answer again, on its own pages. */
  retry(request: RetryRequest): Promise<Retried>;
  /** Changes nothing. */
  look(request: LookRequest): Promise<Look>;
  /** Hides everything before `order` from the model; it stays stored. */
  startAfresh(conversation: ConversationId, order: number): Promise<void>;
  /**
   * Makes `person` an owner if `code` is the one-time code.
   * @param person as an entry of `ADMINS` names them
   * @param command the one that says the code: carried out again it comes to the same
   */
  claimOwnership(code: string, person: string, command: MessageId): Promise<boolean>;
}
