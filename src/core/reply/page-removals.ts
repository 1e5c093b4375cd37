/** Takes away what a reply shows too much of: a surplus page, the stop button of a page that stays. */

import type { CallOutcome } from "../platform/call-outcome.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import { type PageCalls, refusal } from "./page-calls.ts";
import type { PagePosts } from "./page-posts.ts";
import type { PageState } from "./page-state.ts";
import type { Shown } from "./shown.ts";

/** What removing needs. */
export interface PageRemovalsOptions {
  readonly platform: Platform;
  readonly target: ReplyTarget;
}

/** Removes from the pages of one reply. */
export class PageRemovals {
  readonly #options: PageRemovalsOptions;
  readonly #calls: PageCalls;
  readonly #posts: PagePosts;

  constructor(options: PageRemovalsOptions, calls: PageCalls, posts: PagePosts) {
    this.#options = options;
    this.#calls = calls;
    this.#posts = posts;
  }

  /** Removes a page; also one whose post was lost, if it can be found. */
  async remove(index: number, state: PageState): Promise<Shown> {
    const { platform, target } = this.#options;
    const missed = await this.#locate(index, state);
    if (missed !== undefined) return missed;
    const { id } = state;
    if (id === undefined) return { kind: "shown" };
    const permit = await this.#calls.permit("final", "remove");
    if (permit.kind !== "granted") return refusal(permit);
    const outcome = await this.#calls.make("remove", (signal) => platform.remove(target, id, signal));
    if (mayStillSucceed(outcome)) return await this.#calls.notDone(outcome);
    // Refused for good: there is nothing better to do with a page that nobody needs.
    Object.assign(state, { id: undefined, page: undefined, removed: true });
    return { kind: "shown" };
  }

  /** Only the last page that was posted can have a button: the page before it is full when a page is begun. */
  async removeButton(pages: readonly PageState[]): Promise<Shown> {
    const { platform, target } = this.#options;
    for (const [index, state] of [...pages.entries()].toReversed()) {
      const missed = await this.#locate(index, state);
      if (missed !== undefined) return missed;
      const { id } = state;
      if (id === undefined) continue;
      const permit = await this.#calls.permit("final", "edit");
      if (permit.kind !== "granted") return refusal(permit);
      const outcome = await this.#calls.make("removeButton", (signal) =>
        platform.removeButton(target, id, signal),
      );
      return mayStillSucceed(outcome) ? await this.#calls.notDone(outcome) : { kind: "shown" };
    }
    return { kind: "shown" };
  }

  /** Looks for a page whose post was lost, where that can be found. @returns why it is not known yet */
  async #locate(index: number, state: PageState): Promise<Shown | undefined> {
    const { intendedAt } = state;
    const isLost = state.id === undefined && intendedAt !== undefined;
    if (!isLost || !this.#options.platform.limits.canFindPosts) return undefined;
    const found = await this.#posts.find(index, state, intendedAt);
    if (found.kind !== "done") return found;
    state.id = found.value;
    return undefined;
  }
}

type Passing = Extract<CallOutcome<void>, { kind: "limited" | "unapplied" | "unknown" }>;

function mayStillSucceed(outcome: CallOutcome<void>): outcome is Passing {
  return outcome.kind === "limited" || outcome.kind === "unapplied" || outcome.kind === "unknown";
}
