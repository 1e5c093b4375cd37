/** Shows one page of a reply: permit, call, outcome. Every page call of a turn goes through here, one at a time. */

import { causeOf, type Events } from "../events.ts";
import type { CallOutcome, Page, PageId, Platform, ReplyRenderer, ReplyTarget } from "../platform.ts";
import type { Timing } from "../timing.ts";
import type { PageProgress, PageRepair, PermitRequest, TakenTurn, TurnStore } from "../turn-store.ts";
import { askFreshPermit, type UsablePermit } from "./fresh-permit.ts";
import { createPageState, dressed, type PageState, restorePages } from "./page-state.ts";
import type { Shown } from "./shown.ts";

/** What a page writer needs. */
export interface PageWriterOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly timing: Timing;
  readonly events: Events;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
  readonly renderer: ReplyRenderer;
  /** The token of a page's post: opaque, the same in every run of the turn. */
  readonly postToken: (index: number) => string;
}

type Kind = "preview" | "final";

/** Under which index the journal notes the file that holds what ten pages do not. */
const fileIndex = 1_000;

/** What stands in the journal instead of its id when the file could not be brought there. */
const refusedFile = "refused";

/** How often the file is sent when nobody knows whether it arrived. */
const mostFiles = 4;

/** Writes the pages of one reply. Not safe for concurrent use: its callers take turns. */
export class PageWriter {
  readonly #options: PageWriterOptions;
  readonly #pages: PageState[];
  /** True when an edit's outcome is unknown, also one of an earlier run, so that it may still land late. */
  unsettled: boolean;
  /** How often this run has sent the file. */
  #fileAttempts = 0;
  /** Calls that failed in passing since the last that did not. */
  #failures = 0;
  /** Length of the text being shown, in UTF-16 units of Markdown; set by whoever renders. */
  shownUtf16: number;

  constructor(options: PageWriterOptions) {
    this.#options = options;
    this.shownUtf16 = options.turn.shownUtf16;
    this.unsettled = options.turn.takenOver || options.turn.unsettled;
    this.#pages = restorePages(options.turn, fileIndex);
  }

  /** How many pages were posted or begun, by this run or an earlier one. */
  get count(): number {
    return this.#pages.length;
  }

  /** True when `page` is what is visible at `index`. */
  shows(index: number, page: Page): boolean {
    const state = this.#pages[index];
    return state?.id !== undefined && state.fingerprint === this.#dressed(state, page).fingerprint;
  }

  /** True when the page at `index` has been posted. */
  posted(index: number): boolean {
    return this.#pages[index]?.id !== undefined;
  }

  /** Monotonic time of the last call for the page at `index`; 0 when there was none. */
  calledAt(index: number): number {
    return this.#pages[index]?.calledAt ?? 0;
  }

  /** True when the platform takes the page at `index` in no form. */
  refused(index: number): boolean {
    return this.#pages[index]?.refused ?? false;
  }

  /** What a later run should know of the pages, by index. */
  progress(): ReadonlyMap<number, PageProgress> {
    return new Map(
      this.#pages.map(({ fingerprint, plain, refused, removed }, index) => [
        index,
        { ...(fingerprint === undefined ? {} : { fingerprint }), plain, refused, removed },
      ]),
    );
  }

  /** The visible pages, for a repair. */
  repairs(): PageRepair[] {
    return this.#pages.flatMap(({ id, page }) =>
      id === undefined || page === undefined ? [] : [{ id, ...page }],
    );
  }

  /** Makes `page` visible at `index`: posts it or edits what is there. */
  async show(index: number, page: Page, kind: Kind): Promise<Shown> {
    const state = this.#state(index);
    if (this.shows(index, page)) {
      // An earlier run may have shown it: a repair needs the page itself.
      state.page ??= this.#dressed(state, page);
      return { kind: "shown" };
    }
    if (state.id === undefined) return await this.#post(index, state, page, kind);
    return await this.#edit(state, state.id, page, kind);
  }

  /** Removes the page at `index`, which the final reply does not need; also one whose post was lost, if it can be found. */
  async remove(index: number): Promise<Shown> {
    const { platform, target } = this.#options;
    const state = this.#state(index);
    if (state.id === undefined && state.intendedAt !== undefined && platform.limits.canFindPosts) {
      const found = await this.#find(index, state.intendedAt);
      if (found.kind !== "done") return found;
      state.id = found.value;
    }
    const { id } = state;
    if (id === undefined) return { kind: "shown" };
    const permit = await this.#permit("final", "remove");
    if (permit.kind !== "granted") return await this.#refusal(permit);
    const outcome = await this.#call("remove", (signal) => platform.remove(target, id, signal));
    const again = outcome.kind === "limited" || outcome.kind === "unapplied" || outcome.kind === "unknown";
    if (again) return await this.#notDone(outcome);
    // Refused for good: there is nothing better to do with a page that nobody needs.
    Object.assign(state, { id: undefined, page: undefined, removed: true });
    return { kind: "shown" };
  }

  /** True when an earlier run could not bring the file there. */
  get fileRefused(): boolean {
    return this.#options.turn.pages.get(fileIndex) === refusedFile;
  }

  /** Posts the whole answer as a file, once. @returns `refused` when it could not be brought there */
  async attach(file: { readonly name: string; readonly text: string }): Promise<Shown> {
    const { platform, store, target, turn } = this.#options;
    if (turn.pages.has(fileIndex)) return { kind: "shown" };
    const permit = await this.#permit("post", "post", { index: fileIndex, intentKnown: true, again: false });
    if (permit.kind === "posted") return { kind: "shown" };
    if (permit.kind !== "granted") return await this.#refusal(permit);
    const outcome = await this.#call("attach", (signal) => platform.attach(target, file, signal));
    if (outcome.kind === "limited") return await this.#limited(outcome);
    // A file that is not there would make the sentence that names it a lie: sent again, but not without end.
    const mayArrive = outcome.kind === "unapplied" || outcome.kind === "unknown";
    const attempts = (turn.posts.get(fileIndex) ?? 0) + ++this.#fileAttempts;
    if (mayArrive && attempts < mostFiles) return await this.#notDone(outcome);
    await store.recordPage(turn.fence, fileIndex, outcome.kind === "done" ? "file" : refusedFile);
    return outcome.kind === "done" ? { kind: "shown" } : { kind: "refused", cause: outcome.cause };
  }

  #state(index: number): PageState {
    while (this.#pages.length <= index) {
      this.#pages.push(createPageState());
    }
    return this.#pages[index] as PageState;
  }

  #dressed(state: PageState, page: Page): Page {
    return dressed(state, page, this.#options.renderer);
  }

  async #permit(
    kind: PermitRequest["kind"],
    call: "post" | "edit" | "remove",
    page?: PermitRequest["page"],
  ): Promise<UsablePermit> {
    const { platform, store, target, turn, timing } = this.#options;
    const budgets = platform.limits.budgets(target, call);
    const request = { kind, budgets, shownUtf16: this.shownUtf16, ...(page ? { page } : {}) };
    return await askFreshPermit(store, turn.fence, request, timing.permitMs);
  }

  async #refusal(permit: Exclude<UsablePermit, { kind: "granted" }>): Promise<Shown> {
    return permit.kind === "wait" ? permit : { kind: "fenced" };
  }

  async #call<T>(
    method: string,
    call: (signal: AbortSignal) => Promise<CallOutcome<T>>,
  ): Promise<CallOutcome<T>> {
    const { platform, timing, events } = this.#options;
    const outcome = await call(AbortSignal.timeout(timing.callMs));
    if (outcome.kind !== "done") {
      events.callFailed({
        platform: platform.name,
        method,
        outcome: outcome.kind,
        cause: causeOf(outcome.cause),
      });
    }
    return outcome;
  }

  async #limited(outcome: {
    readonly retryAfterMs: number;
    readonly budgets: readonly string[];
  }): Promise<Shown> {
    await this.#options.store.block(outcome.budgets, outcome.retryAfterMs);
    return { kind: "wait", waitMs: outcome.retryAfterMs };
  }

  async #edit(state: PageState, id: PageId, page: Page, kind: Kind): Promise<Shown> {
    const { platform, target } = this.#options;
    const dressed = this.#dressed(state, page);
    const permit = await this.#permit(kind, "edit");
    if (permit.kind !== "granted") return await this.#refusal(permit);
    state.calledAt = performance.now();
    const outcome = await this.#call("edit", (signal) => platform.edit(target, id, dressed, signal));
    switch (outcome.kind) {
      case "done":
        state.fingerprint = dressed.fingerprint;
        state.page = dressed;
        this.#failures = 0;
        return { kind: "shown" };
      case "unknown":
        // Repeating an edit is harmless; that the first one lands late is what the repair is for.
        this.unsettled = true;
        state.fingerprint = undefined;
        return { kind: "wait", waitMs: this.#backoffMs() };
      case "unformattable":
        if (state.plain) return this.#refused(state, outcome.cause);
        state.plain = true;
        return await this.#edit(state, id, page, kind);
      default:
        return await this.#notDone(outcome);
    }
  }

  async #post(index: number, state: PageState, page: Page, kind: Kind): Promise<Shown> {
    if (state.intendedAt !== undefined)
      return await this.#recover(index, state, page, kind, state.intendedAt);
    return await this.#postAnew(index, state, page, kind, false);
  }

  async #postAnew(
    index: number,
    state: PageState,
    page: Page,
    kind: Kind,
    intentKnown: boolean,
  ): Promise<Shown> {
    const { platform, target, store, turn, postToken } = this.#options;
    const dressed = this.#dressed(state, page);
    const permit = await this.#permit("post", "post", { index, intentKnown, again: state.again });
    if (permit.kind === "posted") {
      state.id = permit.id;
      return await this.show(index, page, kind);
    }
    if (permit.kind !== "granted") return await this.#refusal(permit);

    // Noted before the call: also when the store fails before its end is recorded, the next try knows of it.
    state.intendedAt = Date.now();
    state.posts++;
    state.calledAt = performance.now();
    const outcome = await this.#call("post", (signal) =>
      platform.post(target, dressed, { index, token: postToken(index) }, signal),
    );
    if (outcome.kind === "done")
      return await this.#recorded(index, state, outcome.value, dressed, page, kind);
    if (outcome.kind === "unknown") return { kind: "wait", waitMs: this.#doubtMs(state) };
    await store.withdrawIntent(turn.fence, index);
    // An earlier post of unknown end stays to be dealt with.
    if (--state.posts <= 0) state.intendedAt = undefined;
    if (outcome.kind === "unformattable" && !state.plain) {
      state.plain = true;
      return await this.#postAnew(index, state, page, kind, true);
    }
    if (outcome.kind === "unformattable") return this.#refused(state, outcome.cause);
    return await this.#notDone(outcome);
  }

  #refused(state: PageState, cause: Error): Shown {
    state.refused = true;
    return { kind: "refused", cause };
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

  #backoffMs(): number {
    const { backoffMs, backoffMaxMs } = this.#options.timing;
    return Math.min(backoffMs * 2 ** this.#failures++, backoffMaxMs);
  }

  /** A post was begun and its end is unknown: ask the platform where it can tell, else post again and say so. */
  async #recover(index: number, state: PageState, page: Page, kind: Kind, sinceMs: number): Promise<Shown> {
    const found = await this.#find(index, sinceMs);
    if (found.kind !== "done") return found;
    state.intendedAt = undefined;
    if (found.value !== undefined)
      return await this.#recorded(index, state, found.value, undefined, page, kind);
    state.again ||= !this.#options.platform.limits.canFindPosts;
    return await this.#postAnew(index, state, page, kind, true);
  }

  /** Looks for a post that was begun at `sinceMs`; finds none where the platform cannot be asked. */
  async #find(
    index: number,
    sinceMs: number,
  ): Promise<{ readonly kind: "done"; readonly value: PageId | undefined } | Shown> {
    const { platform, target, postToken } = this.#options;
    const doubtMs = this.#doubtMs(this.#state(index));
    // Two machines' clocks meet here: a post that seems to lie in the future was made long enough ago.
    const agoMs = Date.now() - sinceMs;
    const tooEarlyMs = agoMs < 0 ? 0 : doubtMs - agoMs;
    if (tooEarlyMs > 0) return { kind: "wait", waitMs: tooEarlyMs };
    if (!platform.limits.canFindPosts) return { kind: "done", value: undefined };
    const found = await this.#call("findPost", (signal) =>
      platform.findPost(target, postToken(index), sinceMs, signal),
    );
    return found.kind === "done" ? found : await this.#notDone(found);
  }

  /** A page has an id now; another copy that was recorded before it counts instead. */
  async #recorded(
    index: number,
    state: PageState,
    id: PageId,
    visible: Page | undefined,
    page: Page,
    kind: Kind,
  ): Promise<Shown> {
    const { platform, store, target, turn } = this.#options;
    const counts = await store.recordPage(turn.fence, index, id);
    if (counts === id) {
      state.id = id;
      state.intendedAt = undefined;
      state.fingerprint = visible?.fingerprint;
      state.page = visible;
      return visible ? { kind: "shown" } : await this.show(index, page, kind);
    }
    await this.#call("remove", (signal) => platform.remove(target, id, signal));
    if (counts === undefined) return { kind: "fenced" };
    state.id = counts;
    return await this.show(index, page, kind);
  }

  async #notDone(outcome: Exclude<CallOutcome<unknown>, { kind: "done" }>): Promise<Shown> {
    const { timing } = this.#options;
    switch (outcome.kind) {
      case "limited":
        return await this.#limited(outcome);
      case "gone":
      case "closed":
      case "unformattable":
        return { kind: "closed", cause: outcome.cause };
      case "broken":
        return { kind: "wait", waitMs: timing.brokenMs };
      case "unapplied":
      case "unknown":
        return { kind: "wait", waitMs: this.#backoffMs() };
      default:
        return outcome satisfies never;
    }
  }
}
