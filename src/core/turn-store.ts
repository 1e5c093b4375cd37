/** The port to what a turn remembers: its journal, its permits, the conversation's history. Kept in Redis by `src/queue`. */

import type { QuotedMessage } from "./background-text.ts";
import type { ChatFinish, ChatUsage } from "./chat-api.ts";
import type { Address, ConversationId, MessageId } from "./conversation.ts";
import type { IncomingMessage } from "./message.ts";
import type { FloodBudget, FloodRefusal } from "./platform/flood-budget.ts";
import type { PageId } from "./platform/page.ts";
import type { ReplyTarget } from "./platform/reply-target.ts";
import type { Quote } from "./quote.ts";
import type { SettingsLayer } from "./settings/effective.ts";
import type { Standing } from "./standing.ts";

/** What proves that a run is the newest of its turn: every write and every permit names it. */
export interface Fence {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly epoch: number;
}

/** How an answer ended, as its reply says it. `notice`: the bot's own words instead of the model's. */
export type AnswerEnd = ChatFinish | "notice";

/** The finished text of a turn, durable before its final edit. */
export interface Answer {
  /** Markdown without any mark. */
  readonly text: string;
  readonly end: AnswerEnd;
  readonly usage: ChatUsage | undefined;
  /** The question was too long for the model and was shown to it in part; the reply says so. */
  readonly questionCut: boolean;
  /** Parameters, by the API's own words, that the model has refused; the reply says so. */
  readonly leftOut: readonly string[];
  /**
   * So many visible pages stay as they are, and the text follows them: those of a dead run, of which is not known what they
   * say, or those of an answer that was to be given again, and to which there is nothing new.
   */
  readonly keepPages: number;
  /** What enters the history before `question`, oldest first: of late questions there may be several. */
  readonly earlier: readonly HistoryEntry[];
  /** What history keeps of the question: its readable text and speaker; absent when the turn leaves no history. */
  readonly question: HistoryEntry | undefined;
  /** Why the turn could not be answered, when it is to become a dead letter: ids and a cause, no texts. */
  readonly deadLetter: string | undefined;
}

/** One remembered message of a conversation. */
export interface HistoryEntry {
  readonly role: "user" | "assistant";
  readonly text: string;
  /** The display name of who wrote it, where names matter. */
  readonly speaker?: string;
  /** Tells the speaker apart in this conversation where names are not told to the model. */
  readonly person?: number;
  /** What it answers or quotes. */
  readonly quote?: Quote;
  /** Counted once, when it entered. */
  readonly tokens: number;
  readonly atMs: number;
  /** The question's order key: `/new` hides what stands before it. */
  readonly order: number;
}

/** What a run that gave its turn back knew of one page. */
export interface PageProgress {
  /** Of what is surely visible. */
  readonly fingerprint?: string;
  /** The platform refused its formatting. */
  readonly plain?: boolean;
  /** The platform did not take it as plain text either. */
  readonly refused?: boolean;
  /** It was surplus, and is removed. */
  readonly removed?: boolean;
}

/** A turn as one run has taken it: everything that earlier runs recorded. */
export interface TakenTurn {
  readonly fence: Fence;
  /** What was said, joined from its parts. */
  readonly message: IncomingMessage;
  /** What came while nobody was there and is asked about instead of answered, `message` first; empty for a usual turn. */
  readonly late: readonly IncomingMessage[];
  /** It was answered before, and is to be answered again on the same pages. */
  readonly again: boolean;
  /** What stands on those pages is the model's, not a sentence of the bot's own. */
  readonly wasAnswered: boolean;
  /** What is answered together, `message` first; empty where one message is. */
  readonly joined: readonly IncomingMessage[];
  /** Model calls begun and not cleanly released, this run's included. */
  readonly tries: number;
  /** True when an earlier run of this turn ended without releasing it: its calls may still be under way. */
  readonly takenOver: boolean;
  /** True when an earlier run released the turn with an edit that may still land late. */
  readonly unsettled: boolean;
  readonly answer: Answer | undefined;
  /** What was set for the conversation when the turn was taken for the first time, widest scope first. */
  readonly settings: readonly SettingsLayer[];
  /** What is stored about those who ask, by their ids: as it was when this run took the turn. */
  readonly standings: ReadonlyMap<string, Standing>;
  /** Pages known to be posted, by index. */
  readonly pages: ReadonlyMap<number, PageId>;
  /** Posts begun whose id nobody recorded, by index: when they were begun, in ms since 1970. */
  readonly intents: ReadonlyMap<number, number>;
  /** Posts begun and not surely undone, by index. */
  readonly posts: ReadonlyMap<number, number>;
  /** Pages marked as possibly a second copy. */
  readonly sentAgain: ReadonlySet<number>;
  /** What the last run knew of the pages, by index, if it gave the turn back. */
  readonly finals: ReadonlyMap<number, PageProgress>;
  /** Where the reply goes on, when the conversation's own place is gone. */
  readonly elsewhere: Address | undefined;
  /** Length of the visible text, in UTF-16 code units of Markdown. */
  readonly shownUtf16: number;
  /** Somebody asked to stop this turn; `overtaken`: its asker has said more, and the next turn is to see both. */
  readonly stopped: "asked" | "overtaken" | undefined;
  /** The newest of the conversation's history, newest first, as much as the token budget holds and a little more. */
  readonly history: readonly HistoryEntry[];
  /** Order key from which the context starts: `/new` hides what stands before it. */
  readonly historyStart: number;
  /** What was said in the thread before the bot was asked, oldest first; undefined while nobody has looked. */
  readonly background: readonly QuotedMessage[] | undefined;
}

/** What a permit is asked for. */
export interface PermitRequest {
  /** `final` and `post` go first and may use the whole burst; `preview` leaves a reserve, `status` goes last. */
  readonly kind: "final" | "post" | "preview" | "status";
  readonly budgets: readonly FloodBudget[];
  /** For a post: which page, and whether an earlier intent for it is known and dealt with. */
  readonly page?: { readonly index: number; readonly intentKnown: boolean; readonly again: boolean };
  /** Length of the text that will be visible, in UTF-16 code units of Markdown. */
  readonly shownUtf16: number;
}

/** The answer to a request for a permit. */
export type Permit =
  | { readonly kind: "granted" }
  /** No room yet; nothing was taken, but a turn's next moment is kept for it: ask again then, in whatever run. */
  | { readonly kind: "wait"; readonly waitMs: number }
  /** A newer run has the turn, or it is over: make no call at all. */
  | { readonly kind: "fenced" }
  /** The page was posted already, by an earlier run. */
  | { readonly kind: "posted"; readonly id: PageId }
  /** An earlier run began this post and nobody knows how it ended. */
  | { readonly kind: "intended"; readonly sinceMs: number };

/** Journal, permits and history of turns. Every method is one round trip; each throws only when the store is out of reach. */
export interface TurnStore {
  /** Leave for one platform call now. @param fence undefined for a call outside any turn: only its budgets are asked */
  permit(fence: Fence | undefined, request: PermitRequest): Promise<Permit>;
  /** Closes a budget for everybody after a refusal by flood control, for exactly its time; it goes slower for a while. */
  block(refusal: FloodRefusal): Promise<void>;
  /**
   * Notes the id of a posted page, whatever the epoch.
   * @returns the id that counts for the page: another one when the page was posted twice; undefined when the turn is over
   */
  recordPage(fence: Fence, index: number, id: PageId): Promise<PageId | undefined>;
  /** Withdraws the intent of a post that surely did not happen. */
  withdrawIntent(fence: Fence, index: number): Promise<void>;
  /** Makes durable what was said in the thread before, so that nobody reads it again. @returns false when fenced */
  keepBackground(fence: Fence, messages: readonly QuotedMessage[]): Promise<boolean>;
  /**
   * A chat got another id: what is remembered, waits and runs under `from` goes on as `to`. Repeatable.
   * @param epoch of the run that asks, when it ends with that: the next run need not wait for it
   */
  move(from: ConversationId, to: ConversationId, epoch?: number): Promise<void>;
  /**
   * The reply's place is gone: what was posted there is forgotten, and the next run begins at `address`.
   * @returns false when fenced
   */
  redirect(fence: Fence, address: Address): Promise<boolean>;
  /** Pages that a reply had are gone: from this one on they are posted anew. @returns false when fenced */
  forgetPages(fence: Fence, from: number): Promise<boolean>;
  /** Makes the final text durable. @returns false when fenced */
  generated(fence: Fence, answer: Answer): Promise<boolean>;
  /** Gives the turn back for a later run: this run's try does not count. */
  release(fence: Fence, left: Left): Promise<void>;
  /**
   * Ends the turn: history gets question and answer, the journal is cleared.
   * @returns how many messages wait in the conversation; undefined when fenced
   */
  finish(fence: Fence, ending: TurnEnding): Promise<number | undefined>;
  /**
   * True for one message per key and day: it shows the notice. The same message may ask again: a run that dies before
   * its notice is durable takes it from nobody.
   */
  claimNotice(key: string, message: MessageId): Promise<boolean>;
}

/** What a run leaves to the next one. */
export interface Left {
  /** What is known of the pages, by index: a fingerprint of what is surely visible. */
  readonly finals: ReadonlyMap<number, PageProgress>;
  /** An edit's outcome is unknown, so that it may still land late. */
  readonly unsettled: boolean;
}

/**
 * What a turn came to, for whoever asks later. `context`: it was not to be answered; `silent`: there was nothing to say, or
 * nowhere; `overtaken`: its asker said more before a word was visible; `kept`: nothing new came of it when it was to be
 * said anew, and the history gets back what it held of the answer that stands.
 */
export const outcomes = [
  "answered",
  "stopped",
  "notice",
  "failed",
  "refused",
  "context",
  "silent",
  "overtaken",
  "kept",
] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** What *finish* writes. */
export interface TurnEnding {
  readonly outcome: Outcome;
  readonly entries: readonly HistoryEntry[];
  /** The turn began its thread: there is no background to read. */
  readonly opensThread: boolean;
  /** Set when the turn could not be answered: goes to the dead letters. */
  readonly deadLetter: string | undefined;
  /** What to put back once more after `settleMs`, because a late edit may have the last word. */
  readonly repair: Repair | undefined;
}

/** The final state of a reply, to be put back by a `settle` job. */
export interface Repair {
  readonly target: ReplyTarget;
  readonly pages: readonly PageRepair[];
}

/** One page's final state. */
export interface PageRepair {
  readonly id: PageId;
  readonly fingerprint: string;
  readonly plain: string;
  readonly body: unknown;
}
