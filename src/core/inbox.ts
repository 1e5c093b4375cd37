/** Where adapters put what arrives. */

import type { ConversationId, MessageId } from "./conversation.ts";
import type { EditedContent, IncomingCommand, IncomingMessage } from "./message.ts";
import type { Behaviour } from "./settings/declarations.ts";

/** One thing that a platform delivered and that Parley acts on. */
export type Arrival =
  | { readonly kind: "message"; readonly message: IncomingMessage }
  | { readonly kind: "command"; readonly command: IncomingCommand }
  /** A person changed a message: it replaces the one that still waits, and does nothing once the answer has begun. */
  | {
      readonly kind: "edit";
      readonly id: MessageId;
      readonly conversation: ConversationId;
      readonly content: EditedContent;
      /** A safe integer that grows with every edit of the message. */
      readonly version: number;
      /** True: the message is for the bot. If it is not here yet, its delivery was overtaken, and the edit waits for it. */
      readonly expected: boolean;
    }
  /** A person took a message back: it is gone if it still waits; an answer that runs is stopped. */
  | {
      readonly kind: "delete";
      readonly id: MessageId;
      readonly conversation: ConversationId;
      /** As for an edit: the message that is not here yet will be ignored. */
      readonly expected: boolean;
    }
  /** The platform's own stop button was pressed in a conversation. */
  | {
      readonly kind: "stop";
      /** The event's own id or time: the same whenever it is delivered again. */
      readonly id: string;
      readonly conversation: ConversationId;
      readonly author: string;
      /** When it was pressed, in ms since 1970: what was asked later runs on. */
      readonly atMs: number;
      /** The only question whose answer is meant, where the button says which; its thread need not be known then. */
      readonly only?: MessageId;
    }
  /** A chat got another id: its conversation goes on under that one, with all that waits and is remembered. */
  | { readonly kind: "moved"; readonly from: ConversationId; readonly to: ConversationId }
  /** Somebody opened the bot's private chat, and has perhaps nothing to ask yet. */
  | {
      readonly kind: "opened";
      readonly conversation: ConversationId;
      readonly author: string;
      /** It is the app's home that they see. */
      readonly isHome?: true;
    };

/** How the bot behaves towards what is not said to it, in one conversation. What nobody has set is absent. */
export interface Customs extends Partial<Pick<Behaviour, "groups" | "threads">> {
  /** It was asked there, not too long ago. */
  readonly takesPart: boolean;
}

/** The durable inbox, as an adapter's receiving side sees it. */
export interface Inbox {
  /**
   * Writes what arrived. Resolved means: on disk, and its turn will reach an end; only then may the platform be told
   * "received". Idempotent: what is already there (or was, within 25 h) changes nothing.
   * @throws when the write is not known to have happened; the platform must then deliver again. Rejects within 1.5 s.
   */
  accept(arrivals: readonly Arrival[]): Promise<void>;

  /**
   * The command's line that wants the text of whatever is replied to `prompt`; undefined when that is no prompt, or an old
   * one. Answered from Redis in one round trip.
   */
  wanted(prompt: MessageId): Promise<string | undefined>;

  /** What decides whether something is answered that does not call the bot; answered from Redis in one round trip. */
  customs(conversation: ConversationId): Promise<Customs>;

  /**
   * Holds a lease that at most one process has at a time (who polls). Resolves when it is held.
   * It is renewed until it is disposed of; when it is lost, `lost` aborts. @param signal ends the wait for it
   */
  lease(name: string, signal: AbortSignal): Promise<Lease>;
}

/** A held lease. */
export interface Lease extends AsyncDisposable {
  /** Aborts when the lease is no longer ours. */
  readonly lost: AbortSignal;
}
