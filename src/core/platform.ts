/** The port through which core reaches a chat platform. A difference between platforms is data declared here. */

import type { IncomingHttpHeaders } from "node:http";
import type { PlaceRole } from "./access-check.ts";
import type { Button } from "./commands/button.ts";
import type { CommandAnswer } from "./commands/command-answer.ts";
import type { Address } from "./conversation.ts";
import type { IncomingCommand, IncomingFile, IncomingMessage } from "./message.ts";

/** The platform's id of one posted message. */
export type PageId = string;

/** One platform message's worth of a reply, rendered. Opaque to core but for these fields. */
export interface Page {
  /** Equal for two pages that would look the same: then no call is made. */
  readonly fingerprint: string;
  /** What a person reads, without formatting; sent instead when the platform refuses the formatted body. */
  readonly plain: string;
  /** The adapter's own rendering: JSON, so that a late repair can store it. */
  readonly body: unknown;
  /** More text may follow on this page: it is the last one of a preview. */
  readonly growing?: true;
  /** Stands under it, where it is posted or edited; not where its text could not be formatted. */
  readonly button?: Button;
}

/** Renders one growing reply. It keeps what it has frozen, so a call costs what the last page costs. */
export interface ReplyRenderer {
  /**
   * @param markdown the whole reply so far, as the model wrote it
   * @param state `preview`: unfinished markup is healed; `final`: taken as it stands
   * @returns at least one page unless nothing is visible; pages before the last are the same objects as before,
   *   as long as `markdown` only grew
   */
  render(markdown: string, state: "preview" | "final"): readonly Page[];
  /** The same page with a few words on a line in front; pages leave 64 UTF-16 units free for all such lines. */
  prefixed(page: Page, words: string): Page;
}

/**
 * What a call does; which budgets it takes from depends on it. `draft` shows text that is not posted; `open`, `grow` and
 * `close` are those of a stream; `background` reads what was said in a thread; `prompts` offers what could be asked.
 */
export type CallKind =
  | "post"
  | "edit"
  | "remove"
  | "status"
  | "draft"
  | "open"
  | "grow"
  | "close"
  | "background"
  | "prompts";

/** One of a platform's flood budgets, as a rate with a burst (GCRA). */
export interface FloodBudget {
  /** Names the budget across all processes: `telegram:42:chat:7`. */
  readonly key: string;
  /** One call per this many ms in the long run; 0 = no rate, only obeys refusals. */
  readonly intervalMs: number;
  /** How many calls may go at once after a quiet time. */
  readonly burst: number;
  /** How much of the burst previews and status leave for finals and posts; at least one call of it is always theirs. */
  readonly reserve: number;
}

/** A refusal by flood control. A platform does not say which limit was meant: its adapter knows what to suspect. */
export interface FloodRefusal {
  readonly retryAfterMs: number;
  /** What is closed for that time; undefined where the call takes from no budget. */
  readonly budget: RefusedBudget | undefined;
}

/** The narrowest budget that a refusal may mean. */
export interface RefusedBudget {
  readonly key: string;
  /** The wider budget that is meant when another one within it is refused shortly before or after. */
  readonly within?: string;
}

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

/**
 * How a call ended that shows growing text in a platform's own way. `unavailable`: that way is not offered, or is at its
 * end; nothing of the page is visible by this call. `cause`: a refusal that an operator wants to know of.
 */
export type LiveOutcome<T> =
  | CallOutcome<T>
  | { readonly kind: "unavailable"; readonly cause: Error | undefined };

/** How a text is shown while it grows. Whatever else fails, posts and edits are what remains. */
export type Live =
  /** It is posted, and the post is edited. */
  | { readonly kind: "edits" }
  /** It is shown without being posted; what is shown fades by itself or when something is posted. */
  | {
      readonly kind: "drafts";
      /** Shows `page` in the place of the turn's last draft. Repeating it is harmless. */
      show(target: ReplyTarget, page: Page, signal: AbortSignal): Promise<LiveOutcome<void>>;
    }
  /** It is posted, and what follows is appended by the process that posted it. */
  | {
      readonly kind: "streams";
      /** Posts a growing page. `unavailable`: nothing was posted. */
      open(
        target: ReplyTarget,
        page: Page,
        options: PostOptions,
        signal: AbortSignal,
      ): Promise<LiveOutcome<PageId>>;
      /**
       * Brings an open page to the state of `page`, and closes it when that grows no more. After `unavailable` it is
       * closed, and `edit` goes on. An append of unknown outcome is never made again.
       */
      grow(target: ReplyTarget, id: PageId, page: Page, signal: AbortSignal): Promise<LiveOutcome<void>>;
    };

/**
 * How a text is shown while it is written: posted and edited, in the platform's own way where it has one, or not before it
 * is whole.
 */
export type Streaming = "edit" | "native" | "off";

/** Where a reply goes. */
export interface ReplyTarget {
  readonly address: Address;
  readonly place: "private" | "group";
  /** The question's platform id, for a reply mark or a thread. */
  readonly question: string;
  /** What it is about in a few words, for platforms that list conversations by title. */
  readonly title?: string;
  /** The platform's id of who asked, where that is known. */
  readonly asker?: string;
  /** The thread of the question is gone: the reply stands by itself. */
  readonly detached?: true;
  /** Absent: as the adapter was configured. */
  readonly streaming?: Streaming;
}

/** What a post carries besides its page. */
export interface PostOptions {
  /** 0 for the reply's first page. */
  readonly index: number;
  /** Opaque and unguessable, the same whenever this page is posted again; where the platform can, it is found by it. */
  readonly token: string;
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

/** What a platform itself says of people, outside of turns. */
export interface PlatformPeople {
  /**
   * How far somebody's own role on the platform reaches from a chat, as it is now; undefined: they have none.
   * @throws ParleyError when the platform does not say
   */
  roleOf(address: Address, person: string, signal: AbortSignal): Promise<PlaceRole | undefined>;
  /** The scope of people whose entries name none; undefined where every entry names one. */
  readonly scope: string | undefined;
  /**
   * Offers somebody the commands that they may give, where the platform has a menu of their own for that. Repeating it is
   * harmless. @throws ParleyError when the platform does not take it
   */
  offerCommands(person: string, isAdmin: boolean, signal: AbortSignal): Promise<void>;
  /** Where somebody reads what they alone are told, without having asked. It may be `closed`. */
  directChat(scope: string, person: string): ReplyTarget;
}

/** One part of what an app's home says to a person. */
export interface HomeSection {
  readonly title?: string;
  readonly markdown: string;
  readonly buttons: readonly (readonly Button[])[];
}

/** Something that a person could ask. */
export interface Prompt {
  /** What is shown, in a few words. */
  readonly title: string;
  /** What is said to the bot when it is chosen. */
  readonly message: string;
}

/** A command's answer as an adapter shows it. */
export interface Saying extends Pick<CommandAnswer, "audience" | "wants" | "refused"> {
  readonly markdown: string;
  readonly buttons: readonly (readonly Button[])[];
}

/** Whom an answer is for, and by which of the platform's ways it reaches them. */
export type AnswerTo = Pick<IncomingCommand, "author" | "respondTo" | "button">;

/** What the bot says outside of turns: answers to commands, offers of what could be asked. */
export interface CommandResponder {
  /** What stands before a command's name when it is typed: `/`, `/parley `. */
  readonly commandPrefix: string;
  /** So many bytes of UTF-8 a button carries. */
  readonly buttonBytes: number;
  /**
   * The chat in which `author` alone reads what is for them; undefined where the platform shows it to them in any place.
   * It may be `closed`.
   */
  privateChat(target: ReplyTarget, author: AnswerTo["author"]): ReplyTarget | undefined;
  /** A refusal goes to its person's private chat if it is longer, in UTF-16 code units. */
  readonly asideUtf16: number;
  /**
   * Shows an answer: in the place of the message whose button was pressed, or beside it where it is refused; else to the
   * audience.
   * @returns the outcome of the one call made, with the page's id where it can be replied to; `gone`: the press or its
   *   message can no longer be answered, and nothing was shown
   */
  respond(
    target: ReplyTarget,
    to: AnswerTo,
    saying: Saying,
    signal: AbortSignal,
  ): Promise<CallOutcome<PageId | undefined>>;
  /** How a longer text comes to a command: as a reply to its answer, or by a form that a button under it opens. */
  readonly asksBy: "reply" | "form";
  /** Fetches a file that came with a command, no more of it than `maxBytes`. `gone`, `closed`: it cannot be had. */
  fetchFile(
    target: ReplyTarget,
    file: IncomingFile,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<CallOutcome<Uint8Array>>;
  /** Shows a person the app's home, which is about the target's private chat; nothing where there is none. */
  showHome(
    target: ReplyTarget,
    person: string,
    sections: readonly HomeSection[],
    signal: AbortSignal,
  ): Promise<CallOutcome<void>>;
  /** Offers `prompts` in a private chat; nothing where the platform has no such thing. */
  offerPrompts(
    target: ReplyTarget,
    prompts: readonly Prompt[],
    signal: AbortSignal,
  ): Promise<CallOutcome<void>>;
}

/** A request that a platform makes of us. Whether it is really the platform's is for the adapter to find out. */
export interface HttpRequest {
  /** Lower-case names; a header that came twice is joined by commas. */
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** As it came over the wire: never unpacked, at most 1 MB; empty when there was none. */
  readonly body: Buffer;
}

/** What a request is answered. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A path of the one HTTP server on `PORT` that an adapter wants for itself. */
export interface HttpRoute {
  readonly method: "GET" | "POST";
  /** Begins with a slash; compared as it is written, without parameters or decoding. */
  readonly path: string;
  /**
   * Answers within the time that the platform allows. Meant to judge by itself: a rejection is answered 500 and logged
   * as our own defect, by its name only. Called from before `start` until after `stop`.
   */
  handle(request: HttpRequest): Promise<HttpReply>;
}

/** A chat platform, incoming side: long polling, a socket, or requests that the platform makes. */
export interface Intake {
  /** The paths to be served for it, in every process that takes in; empty where it connects outward. */
  readonly routes: readonly HttpRoute[];
  /** Connects and delivers into the inbox until stopped. Never rejects for a passing fault: it tries again and logs. */
  start(): Promise<void>;
  /** Ends intake; resolves when nothing received is left unwritten. */
  stop(): Promise<void>;
  /** Undefined when connected; else a sentence for `/readyz`. */
  notReady(): string | undefined;
}
