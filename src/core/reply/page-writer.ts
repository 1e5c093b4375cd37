/** Shows one page of a reply: posts it or edits what is there. Every page call of a turn goes through here, one at a time. */

import type { CallKind } from "../platform/flood-budget.ts";
import type { Page, PageId, ReplyRenderer } from "../platform/page.ts";
import type { PageProgress, PageRepair } from "../turn-store.ts";
import { AnswerFile } from "./answer-file.ts";
import { Drafts } from "./drafts.ts";
import { fileIndex } from "./file-index.ts";
import { PageCalls, type PageCallsOptions, refusal } from "./page-calls.ts";
import { PagePosts } from "./page-posts.ts";
import { PageRemovals } from "./page-removals.ts";
import { createPageState, dressed, type PageState, restorePages } from "./page-state.ts";
import { ReplyPlace } from "./reply-place.ts";
import type { Shown } from "./shown.ts";

/** What a page writer needs. */
export interface PageWriterOptions extends PageCallsOptions {
  readonly renderer: ReplyRenderer;
  /** The token of a page's post: opaque, the same in every run of the turn. */
  readonly postToken: (index: number) => string;
}

type Kind = "preview" | "final" | "status";

/** Writes the pages of one reply. Not safe for concurrent use: its callers take turns. */
export class PageWriter {
  readonly #options: PageWriterOptions;
  readonly #pages: PageState[];
  /** True when an edit's outcome is unknown, also one of an earlier run, so that it may still land late. */
  unsettled: boolean;
  readonly #calls: PageCalls;
  readonly #posts: PagePosts;
  readonly #removals: PageRemovals;
  readonly #drafts: Drafts;
  readonly #file: AnswerFile;
  readonly #place: ReplyPlace;
  /** This run has posted pages anew: the next that is gone was taken away from under it. */
  #isAnew = false;

  constructor(options: PageWriterOptions) {
    this.#options = options;
    this.#calls = new PageCalls(options);
    this.#posts = new PagePosts(options, this.#calls);
    this.#removals = new PageRemovals(options, this.#calls, this.#posts);
    this.#drafts = new Drafts(options, this.#calls);
    this.#file = new AnswerFile(options, this.#calls);
    this.unsettled = options.turn.takenOver || options.turn.unsettled;
    this.#pages = restorePages(options.turn, fileIndex);
    this.#place = new ReplyPlace(options, this.#calls, this.#pages);
  }

  /** Length of the text being shown, in UTF-16 units of Markdown; set by whoever renders. */
  get shownUtf16(): number {
    return this.#calls.shownUtf16;
  }

  set shownUtf16(length: number) {
    this.#calls.shownUtf16 = length;
  }

  /** How many pages were posted or begun, by this run or an earlier one. */
  get count(): number {
    return this.#pages.length;
  }

  /** True when `page` is what is visible at `index`. */
  shows(index: number, page: Page): boolean {
    const state = this.#pages[index];
    if (state?.id === undefined) return page.growing === true && this.#drafts.shows(page);
    // A stream has to be told that nothing follows.
    const isOpen = state.open && !page.growing;
    return !isOpen && state.fingerprint === this.#dressed(state, page).fingerprint;
  }

  /** By which call a preview of the page at `index` is shown. */
  callFor(index: number): CallKind {
    const state = this.#pages[index];
    if (state?.id !== undefined) return state.open ? "grow" : "edit";
    if (this.#drafts.offered) return "draft";
    const { platform, target } = this.#options;
    return platform.live(target).kind === "streams" ? "open" : "post";
  }

  /** Monotonic time of the last call for the page at `index`; infinitely long ago when there was none. */
  calledAt(index: number): number {
    return this.#pages[index]?.calledAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Ms until something that is shown has to be shown again; infinite when nothing fades. */
  get fadesInMs(): number {
    return this.#drafts.fadesInMs;
  }

  /** True when the platform takes the page at `index` in no form. */
  refused(index: number): boolean {
    return this.#pages[index]?.refused ?? false;
  }

  /** What a later run should know of the pages, by index. */
  progress(): ReadonlyMap<number, PageProgress> {
    return new Map(
      this.#pages.map(({ fingerprint, open, plain, refused, removed }, index) => [
        index,
        // A later run cannot tell that a stream is still open, and is to close it.
        { ...(fingerprint === undefined || open ? {} : { fingerprint }), plain, refused, removed },
      ]),
    );
  }

  /** The visible pages, for a repair. */
  repairs(): PageRepair[] {
    return this.#pages.flatMap(({ id, page }) =>
      id === undefined || page === undefined ? [] : [{ id, ...page }],
    );
  }

  /** Makes `page` visible at `index`: posts it or changes what is there; while it grows, a draft may do. */
  async show(index: number, page: Page, kind: Kind): Promise<Shown> {
    return await this.#place.keep(() => this.#show(index, page, kind));
  }

  async #show(index: number, page: Page, kind: Kind): Promise<Shown> {
    const state = this.#state(index);
    if (this.shows(index, page)) {
      // An earlier run may have shown it: a repair needs the page itself.
      state.page ??= this.#dressed(state, page);
      return { kind: "shown" };
    }
    if (state.id !== undefined) {
      if (state.open) return await this.#grow(state, state.id, page, kind);
      return await this.#edit(state, state.id, page, kind);
    }
    if (kind === "preview" && page.growing) {
      const drafted = await this.#drafts.show(page);
      if (drafted.kind === "shown") state.calledAt = performance.now();
      if (drafted.kind !== "unavailable") return drafted;
    }
    const posted = await this.#posts.post(index, state, page);
    this.#drafts.gone();
    return posted.kind === "known" ? await this.#show(index, page, kind) : posted;
  }

  /** Removes the page at `index`, which the final reply does not need; also one whose post was lost, if it can be found. */
  async remove(index: number): Promise<Shown> {
    return await this.#removals.remove(index, this.#state(index));
  }

  /** Takes the stop button away from under the first `count` pages, whose text stays. */
  async removeButton(count: number): Promise<Shown> {
    return await this.#removals.removeButton(this.#pages.slice(0, count));
  }

  /** True when an earlier run could not bring the file there. */
  get fileRefused(): boolean {
    return this.#file.refused;
  }

  /** Posts the whole answer as a file, once. @returns `refused` when it could not be brought there */
  async attach(file: { readonly name: string; readonly text: string }): Promise<Shown> {
    return await this.#place.keep(() => this.#file.attach(file));
  }

  #state(index: number): PageState {
    while (this.#pages.length <= index) {
      this.#pages.push(createPageState(this.#options.turn, this.#pages.length));
    }
    return this.#pages[index] as PageState;
  }

  #dressed(state: PageState, page: Page): Page {
    return dressed(state, page, this.#options);
  }

  /** Appends what is new on a page that this run has opened; where that is not possible any more, edits it. */
  async #grow(state: PageState, id: PageId, page: Page, kind: Kind): Promise<Shown> {
    const { platform, target } = this.#options;
    const live = platform.live(target);
    if (live.kind !== "streams") return await this.#edit(state, id, page, kind);
    const shown = this.#dressed(state, page);
    const permit = await this.#calls.permit(kind, page.growing ? "grow" : "close");
    if (permit.kind !== "granted") return refusal(permit);
    state.calledAt = performance.now();
    const outcome = await this.#calls.make("grow", (signal) => live.grow(target, id, shown, signal));
    switch (outcome.kind) {
      case "done":
        state.open = page.growing === true;
        this.#shownNow(state, shown);
        return { kind: "shown" };
      case "unavailable":
        state.open = false;
        state.fingerprint = undefined;
        return await this.#edit(state, id, page, kind);
      case "unknown":
        return this.#unsettle(state);
      default:
        return await this.#calls.notDone(outcome);
    }
  }

  #shownNow(state: PageState, shown: Page): void {
    state.fingerprint = shown.fingerprint;
    state.page = shown;
    this.#calls.succeeded();
  }

  /** Repeating an edit is harmless; that the first one lands late is what the repair is for. */
  #unsettle(state: PageState): Shown {
    this.unsettled = true;
    state.fingerprint = undefined;
    return { kind: "wait", waitMs: this.#calls.backoffMs() };
  }

  async #edit(state: PageState, id: PageId, page: Page, kind: Kind): Promise<Shown> {
    const { platform, target } = this.#options;
    const shown = this.#dressed(state, page);
    const permit = await this.#calls.permit(kind, "edit");
    if (permit.kind !== "granted") return refusal(permit);
    state.calledAt = performance.now();
    const outcome = await this.#calls.make("edit", (signal) => platform.edit(target, id, shown, signal));
    switch (outcome.kind) {
      case "done":
        this.#shownNow(state, shown);
        return { kind: "shown" };
      case "unknown":
        return this.#unsettle(state);
      case "unformattable":
        if (state.plain) {
          state.refused = true;
          return { kind: "refused", cause: outcome.cause };
        }
        state.plain = true;
        return await this.#edit(state, id, page, kind);
      case "gone":
        if (this.#options.turn.again && !this.#isAnew) return await this.#postAnew(state, page, kind);
        return await this.#calls.notDone(outcome);
      default:
        return await this.#calls.notDone(outcome);
    }
  }

  /** A page of the earlier answer is gone: what stands behind it goes as well, so that the pages keep their order. */
  async #postAnew(state: PageState, page: Page, kind: Kind): Promise<Shown> {
    const { store, turn } = this.#options;
    const index = this.#pages.indexOf(state);
    for (let later = this.count - 1; later > index; later -= 1) {
      const removed = await this.remove(later);
      if (removed.kind !== "shown") return removed;
    }
    if (!(await store.forgetPages(turn.fence, index))) return { kind: "fenced" };
    this.#isAnew = true;
    this.#pages.splice(index);
    return await this.#show(index, page, kind);
  }
}
