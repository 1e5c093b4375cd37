/** Brings a page into the chat once: its intent is noted before the call, its id after it, and a lost answer is cleared up. */

import type { LiveOutcome } from "../platform/live.ts";
import type { Page, PageId, ReplyRenderer } from "../platform/page.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import type { TakenTurn, TurnStore } from "../turn-store.ts";
import { type PageCalls, refusal } from "./page-calls.ts";
import { dressed, type PageState } from "./page-state.ts";
import type { Shown } from "./shown.ts";

/** What posting needs. */
export interface PagePostsOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly timing: Timing;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
  readonly renderer: ReplyRenderer;
  /** The token of a page's post: opaque, the same in every run of the turn. */
  readonly postToken: (index: number) => string;
}

/** How posting ended. `known`: the page is there, but what it shows is not known: it has to be edited. */
export type Posted = Shown | { readonly kind: "known" };

/** Posts the pages of one reply. */
export class PagePosts {
  readonly #options: PagePostsOptions;
  readonly #calls: PageCalls;

  constructor(options: PagePostsOptions, calls: PageCalls) {
    this.#options = options;
    this.#calls = calls;
  }

  /** Posts `page`, which has no id yet; after a post of unknown end only when that is cleared up. */
  async post(index: number, state: PageState, page: Page): Promise<Posted> {
    if (state.intendedAt === undefined) return await this.#postAnew(index, state, page, false);
    const found = await this.find(index, state, state.intendedAt);
    if (found.kind !== "done") return found;
    state.intendedAt = undefined;
    if (found.value !== undefined) return await this.#recorded(index, state, found.value, undefined);
    state.again ||= !this.#options.platform.limits.canFindPosts;
    return await this.#postAnew(index, state, page, true);
  }

  /** Looks for a post that was begun at `sinceMs`; finds none where the platform cannot be asked. */
  async find(
    index: number,
    state: PageState,
    sinceMs: number,
  ): Promise<{ readonly kind: "done"; readonly value: PageId | undefined } | Shown> {
    const { platform, target, postToken } = this.#options;
    const doubtMs = this.#doubtMs(state);
    // Two machines' clocks meet here: a post that seems to lie in the future was made long enough ago.
    const agoMs = Date.now() - sinceMs;
    const tooEarlyMs = agoMs < 0 ? 0 : doubtMs - agoMs;
    if (tooEarlyMs > 0) return { kind: "wait", waitMs: tooEarlyMs };
    if (!platform.limits.canFindPosts) return { kind: "done", value: undefined };
    const found = await this.#calls.make("findPost", (signal) =>
      platform.findPost(target, postToken(index), sinceMs, signal),
    );
    return found.kind === "done" ? found : await this.#calls.notDone(found);
  }

  /** A page that will grow is opened as a stream, unless `ordinary`: where there are streams, and one more is allowed now. */
  async #postAnew(
    index: number,
    state: PageState,
    page: Page,
    intentKnown: boolean,
    ordinary = false,
  ): Promise<Posted> {
    const { platform, target, postToken } = this.#options;
    const live = platform.live(target);
    const stream = live.kind === "streams" && page.growing && !ordinary && !state.plain ? live : undefined;
    const call = stream ? "open" : "post";
    const permit = await this.#calls.permit("post", call, { index, intentKnown, again: state.again });
    if (permit.kind === "posted") {
      state.id = permit.id;
      return { kind: "known" };
    }
    if (permit.kind === "wait" && stream) return await this.#postAnew(index, state, page, intentKnown, true);
    if (permit.kind !== "granted") return refusal(permit);

    // Noted before the call: also when the store fails before its end is recorded, the next try knows of it.
    state.intendedAt = Date.now();
    state.posts++;
    state.calledAt = performance.now();
    const shown = dressed(state, page, this.#options, stream !== undefined);
    const options = { index, token: postToken(index) };
    const outcome = await this.#calls.make<LiveOutcome<PageId>>(call, (signal) =>
      stream ? stream.open(target, shown, options, signal) : platform.post(target, shown, options, signal),
    );
    if (outcome.kind === "done") {
      state.open = stream !== undefined;
      return await this.#recorded(index, state, outcome.value, shown);
    }
    if (outcome.kind === "unknown") return { kind: "wait", waitMs: this.#doubtMs(state) };
    return await this.#notPosted(index, state, page, outcome, stream !== undefined);
  }

  /** The call surely posted nothing. */
  async #notPosted(
    index: number,
    state: PageState,
    page: Page,
    outcome: Exclude<LiveOutcome<PageId>, { readonly kind: "done" | "unknown" }>,
    wasStream: boolean,
  ): Promise<Posted> {
    const { store, turn } = this.#options;
    await store.withdrawIntent(turn.fence, index);
    // An earlier post of unknown end stays to be dealt with.
    if (--state.posts <= 0) state.intendedAt = undefined;
    // What speaks against a stream need not speak against a post; where it does, the post will say so.
    if (wasStream || outcome.kind === "unavailable") {
      if (outcome.kind === "limited") await store.block(outcome);
      return await this.#postAnew(index, state, page, true, true);
    }
    if (outcome.kind !== "unformattable") return await this.#calls.notDone(outcome);
    if (!state.plain) {
      state.plain = true;
      return await this.#postAnew(index, state, page, true);
    }
    state.refused = true;
    return { kind: "refused", cause: outcome.cause };
  }

  /**
   * How long a post of unknown end is left alone: until the platform can tell; where it cannot, the page is posted once
   * more at once, and after that ever more rarely, for each may be one more copy.
   */
  #doubtMs({ posts }: PageState): number {
    const { platform, timing } = this.#options;
    if (platform.limits.canFindPosts) return timing.findPostMs;
    return posts < 2 ? 0 : Math.min(timing.repostMs * 2 ** (posts - 2), timing.repostMaxMs);
  }

  /** A page has an id now; another copy that was recorded before it counts instead. */
  async #recorded(index: number, state: PageState, id: PageId, visible: Page | undefined): Promise<Posted> {
    const { platform, store, target, turn } = this.#options;
    const counts = await store.recordPage(turn.fence, index, id);
    if (counts === id) {
      state.id = id;
      state.intendedAt = undefined;
      state.fingerprint = visible?.fingerprint;
      state.page = visible;
      return { kind: visible ? "shown" : "known" };
    }
    state.open = false;
    await this.#calls.make("remove", (signal) => platform.remove(target, id, signal));
    if (counts === undefined) return { kind: "fenced" };
    state.id = counts;
    return { kind: "known" };
  }
}
