/** The port through which core reads and writes on a chat platform. A difference between platforms is data declared here. */

import type { IncomingMessage } from "../message.ts";
import type { CallOutcome } from "./call-outcome.ts";
import type { CallKind, FloodBudget } from "./flood-budget.ts";
import type { Live } from "./live.ts";
import type { Page, PageId, ReplyRenderer } from "./page.ts";
import type { PostOptions, ReplyTarget, Streaming } from "./reply-target.ts";

/** A chat platform, outgoing side. No call is retried inside, none lasts above its time-out. */
export interface Platform {
  readonly name: string;
  readonly limits: PlatformLimits;
  /** Turns ids into names and markup into text. @throws ParleyError that says whether to try again */
  read(message: IncomingMessage, signal: AbortSignal): Promise<ReadMessage>;
  /**
   * What was said in the target's thread before its question: the first message and `newest` others, oldest first. In
   * few calls; where the platform gives less, what came. `closed`: it may not be read, and its cause says what is missing.
   */
  readBackground(
    target: ReplyTarget,
    newest: number,
    signal: AbortSignal,
  ): Promise<CallOutcome<readonly EarlierMessage[]>>;
  /**
   * @param place where the reply is read; absent: taken for a group, where a name may call its owner
   * @param streaming of the target that the pages are for
   */
  createRenderer(place?: ReplyTarget["place"], streaming?: Streaming): ReplyRenderer;
  post(
    target: ReplyTarget,
    page: Page,
    options: PostOptions,
    signal: AbortSignal,
  ): Promise<CallOutcome<PageId>>;
  edit(target: ReplyTarget, id: PageId, page: Page, signal: AbortSignal): Promise<CallOutcome<void>>;
  /** How a growing text is shown there. */
  live(target: ReplyTarget): Live;
  remove(target: ReplyTarget, id: PageId, signal: AbortSignal): Promise<CallOutcome<void>>;
  /** Takes the buttons away from under a page whose text is not known and stays as it is; repeating it is harmless. */
  removeButton(target: ReplyTarget, id: PageId, signal: AbortSignal): Promise<CallOutcome<void>>;
  /** Shows or ends the busy sign ("typing", "is thinking…"). */
  showBusy(target: ReplyTarget, busy: boolean, signal: AbortSignal): Promise<CallOutcome<void>>;
  /** The page posted with `token` at or after `sinceMs`, if the platform can be asked; `undefined` when there is none. */
  findPost(
    target: ReplyTarget,
    token: string,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<CallOutcome<PageId | undefined>>;
  /** Posts what does not fit into pages as a file. */
  attach(
    target: ReplyTarget,
    file: { readonly name: string; readonly text: string },
    signal: AbortSignal,
  ): Promise<CallOutcome<void>>;
}

/** Numbers and habits of a platform. */
export interface PlatformLimits {
  /** Least time between two previews of one page that are shown by such calls. */
  readonly previewIntervalMs: (target: ReplyTarget, call: CallKind) => number;
  /** How often a busy sign must be repeated to stay. 0: it stays by itself. */
  readonly busyIntervalMs: number;
  /** True where the sign carries a stop button and has to be ended by a call of its own when the answer is complete. */
  readonly busyUntilEnd: boolean;
  /** The flood budgets that one call takes from, all at once. */
  readonly budgets: (target: ReplyTarget, call: CallKind) => readonly FloodBudget[];
  /** True when `findPost` can tell whether a post arrived. */
  readonly canFindPosts: boolean;
  /** True when a thread may hold messages that the bot was never sent, and `readBackground` can tell them. */
  readonly hasBackground: boolean;
}

/** A message made readable, and what its author is to the place. */
export interface ReadMessage {
  readonly text: string;
  readonly authorName: string;
  /** `member`: belongs to the workspace or needs no distinction; `guest`: restricted; `stranger`: from another workspace. */
  readonly membership: "member" | "guest" | "stranger";
}

/** One message of a conversation that the bot was never sent. */
export interface EarlierMessage {
  /** The platform's order within the chat, as {@link IncomingMessage.order} has it. */
  readonly order: number;
  /** The conversation's first message. */
  readonly opening: boolean;
  /** Said by the bot itself. */
  readonly own: boolean;
  /** The display name of who wrote it; untrusted. */
  readonly speaker: string;
  /** Readable text, with the names of files; untrusted. */
  readonly text: string;
}
