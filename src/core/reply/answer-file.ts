/** The file that holds a whole answer when its pages do not: posted once, or noted as one that cannot be brought there. */

import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { TakenTurn, TurnStore } from "../turn-store.ts";
import { fileIndex } from "./file-index.ts";
import { type PageCalls, refusal } from "./page-calls.ts";
import type { Shown } from "./shown.ts";

/** What the file of an answer needs. */
export interface AnswerFileOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
}

/** What stands in the journal instead of its id when the file could not be brought there. */
const refusedFile = "refused";

/** How often the file is sent when nobody knows whether it arrived. */
const mostFiles = 4;

/** The file of one answer. */
export class AnswerFile {
  readonly #options: AnswerFileOptions;
  readonly #calls: PageCalls;
  /** How often this run has sent it. */
  #attempts = 0;

  constructor(options: AnswerFileOptions, calls: PageCalls) {
    this.#options = options;
    this.#calls = calls;
  }

  /** True when an earlier run could not bring it there. */
  get refused(): boolean {
    return this.#options.turn.pages.get(fileIndex) === refusedFile;
  }

  /** Posts it, once. @returns `refused` when it could not be brought there */
  async attach(file: { readonly name: string; readonly text: string }): Promise<Shown> {
    const { platform, store, target, turn } = this.#options;
    if (turn.pages.has(fileIndex)) return { kind: "shown" };
    const permit = await this.#calls.permit("post", "post", {
      index: fileIndex,
      intentKnown: true,
      again: false,
    });
    if (permit.kind === "posted") return { kind: "shown" };
    if (permit.kind !== "granted") return refusal(permit);
    const outcome = await this.#calls.make("attach", (signal) => platform.attach(target, file, signal));
    if (outcome.kind === "limited" || outcome.kind === "elsewhere") return await this.#calls.notDone(outcome);
    // A file that is not there would make the sentence that names it a lie: sent again, but not without end.
    const mayArrive = outcome.kind === "unapplied" || outcome.kind === "unknown";
    const attempts = (turn.posts.get(fileIndex) ?? 0) + ++this.#attempts;
    if (mayArrive && attempts < mostFiles) return await this.#calls.notDone(outcome);
    await store.recordPage(turn.fence, fileIndex, outcome.kind === "done" ? "file" : refusedFile);
    return outcome.kind === "done" ? { kind: "shown" } : { kind: "refused", cause: outcome.cause };
  }
}
