/** The port through which core says what is no turn: answers to commands, the app's home, offers of what could be asked. */

import type { Button } from "../commands/button.ts";
import type { CommandAnswer } from "../commands/command-answer.ts";
import type { IncomingCommand, IncomingFile } from "../message.ts";
import type { CallOutcome } from "./call-outcome.ts";
import type { PageId } from "./page.ts";
import type { ReplyTarget } from "./reply-target.ts";

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

/** Whom an answer is for, and by which of the platform's ways it reaches them. */
export type AnswerTo = Pick<IncomingCommand, "author" | "respondTo" | "button">;

/** A command's answer as an adapter shows it. */
export interface Saying extends Pick<CommandAnswer, "audience" | "wants" | "refused"> {
  readonly markdown: string;
  readonly buttons: readonly (readonly Button[])[];
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
