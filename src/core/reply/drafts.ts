/** Text that is shown while it grows without being posted. It fades by itself, so it is shown again in time. */

import type { Page } from "../platform/page.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import { type PageCalls, refusal } from "./page-calls.ts";
import type { Shown } from "./shown.ts";

/** What drafts need. */
export interface DraftsOptions {
  readonly platform: Platform;
  readonly target: ReplyTarget;
  readonly timing: Timing;
}

/** What came of showing a draft. `unavailable`: this run shows no drafts any more; nothing is visible by it. */
export type Drafted = Shown | { readonly kind: "unavailable" };

/** The draft of one reply: its last page, while nothing of it is posted. */
export class Drafts {
  readonly #options: DraftsOptions;
  readonly #calls: PageCalls;
  #refused = false;
  /** What is shown, and from when on (on the monotonic clock) it is to be shown again. */
  #shown: { readonly fingerprint: string; readonly againAt: number } | undefined;

  constructor(options: DraftsOptions, calls: PageCalls) {
    this.#options = options;
    this.#calls = calls;
  }

  /** True as long as the platform takes drafts there. */
  get offered(): boolean {
    const { platform, target } = this.#options;
    return !this.#refused && platform.live(target).kind === "drafts";
  }

  /** Ms until what is shown has to be shown again; infinite when nothing is. */
  get fadesInMs(): number {
    return (this.#shown?.againAt ?? Number.POSITIVE_INFINITY) - performance.now();
  }

  /** True when `page` is what is visible, for a while yet. */
  shows(page: Page): boolean {
    return this.#shown?.fingerprint === page.fingerprint && this.fadesInMs > 0;
  }

  /** Something was posted, which takes the draft away. */
  gone(): void {
    this.#shown = undefined;
  }

  /** Shows `page` in the place of the last draft. */
  async show(page: Page): Promise<Drafted> {
    const { platform, target, timing } = this.#options;
    const live = platform.live(target);
    if (this.#refused || live.kind !== "drafts") return { kind: "unavailable" };
    const permit = await this.#calls.permit("preview", "draft");
    if (permit.kind !== "granted") return refusal(permit);
    const outcome = await this.#calls.make("draft", (signal) => live.show(target, page, signal));
    if (outcome.kind === "unavailable") {
      this.#refused = true;
      this.#shown = undefined;
      return { kind: "unavailable" };
    }
    if (outcome.kind !== "done") return await this.#calls.notDone(outcome);
    this.#calls.succeeded();
    const againAt = performance.now() + timing.draftRefreshMs;
    this.#shown = { fingerprint: page.fingerprint, againAt };
    return { kind: "shown" };
  }
}
