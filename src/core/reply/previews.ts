/** Shows a growing text: the newest state wins, one call at a time, as often as pacing and permits allow. */

import { marked } from "../markdown/mark.ts";
import type { ReplyRenderer } from "../platform/page.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import { WakeSignal } from "../wake-signal.ts";
import { words } from "../words.ts";
import { maxPages } from "./max-pages.ts";
import type { PageWriter } from "./page-writer.ts";
import type { Lost, Shown } from "./shown.ts";

/** About this many visible characters are worth a first post before `firstWordsMs` is over. */
const firstWordsUtf16 = 30;

/** What previews need. */
export interface PreviewsOptions {
  readonly platform: Platform;
  readonly target: ReplyTarget;
  readonly timing: Timing;
  readonly renderer: ReplyRenderer;
  readonly writer: PageWriter;
  /** Called once when showing more is pointless: fenced or closed. */
  readonly onLost: (lost: Lost) => void;
  /** Called when the store failed in a preview. */
  readonly onFailed: (error: unknown) => void;
  /** Called when text of this reply is visible. */
  readonly onVisible: () => void;
}

/** The previews of one reply. They fail nobody: what they could not show is left to the final. */
export class Previews {
  readonly #options: PreviewsOptions;
  readonly #alarm = new WakeSignal();
  readonly #running: Promise<void>;
  readonly #visibleBefore: number;
  #text = "";
  #shownText = "";
  #firstTokenAt: number | undefined;
  #notBefore = 0;
  #ended = false;

  constructor(options: PreviewsOptions) {
    this.#options = options;
    this.#visibleBefore = options.writer.shownUtf16;
    this.#running = this.#run();
  }

  /** The whole text so far. Cheap: it only leaves it for the next look. */
  grow(text: string): void {
    const before = this.#text;
    this.#text = text;
    this.#firstTokenAt ??= performance.now();
    const reaches = (length: number) => before.length < length && length <= text.length;
    const isDueEarlier = reaches(firstWordsUtf16) || reaches(this.#visibleBefore);
    if (before === this.#shownText || isDueEarlier) this.#alarm.ring();
  }

  /** Ends previews; resolves when none is under way. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#alarm.ring();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const { fadesInMs } = this.#options.writer;
      if (this.#text === this.#shownText && fadesInMs > 0) {
        await this.#alarm.sleep(Number.isFinite(fadesInMs) ? Math.ceil(fadesInMs) : undefined);
        continue;
      }
      const waitMs = this.#dueInMs();
      if (waitMs > 0) {
        // Rung when the text has reached a length that is worth showing sooner.
        await this.#alarm.sleep(Math.ceil(waitMs));
        continue;
      }
      const shown = await this.#tryNext();
      if (shown.kind === "wait") {
        this.#notBefore = performance.now() + shown.waitMs;
      } else if (shown.kind !== "shown") {
        this.#ended = true;
        // A page that is refused is the final's to explain; one whose place is gone, the next run's to show.
        if (shown.kind === "fenced" || shown.kind === "closed") this.#options.onLost(shown);
      }
    }
  }

  #dueInMs(): number {
    const { timing, writer } = this.#options;
    const now = performance.now();
    let due = this.#notBefore;
    const firstTokenAt = this.#firstTokenAt ?? now;
    if (writer.count === 0 && this.#text.length < firstWordsUtf16)
      due = Math.max(due, firstTokenAt + timing.firstWordsMs);
    if (this.#text.length < this.#visibleBefore) due = Math.max(due, firstTokenAt + timing.regrowMs);
    return due - now;
  }

  /** A preview is droppable, also when the store fails: the final meets that failure itself. */
  async #tryNext(): Promise<Shown> {
    try {
      return await this.#showNext();
    } catch (error) {
      this.#options.onFailed(error);
      return { kind: "wait", waitMs: this.#options.timing.backoffMaxMs };
    }
  }

  async #showNext(): Promise<Shown> {
    const { renderer, writer, platform, target } = this.#options;
    const text = this.#text;
    const regrowing = text.length < this.#visibleBefore;
    const markdown = regrowing ? marked(text, words.startingAgain) : text;
    const pages = renderer.render(markdown, "preview").slice(0, maxPages);
    const index = pages.findIndex((page, at) => !writer.shows(at, page));
    const page = pages[index];
    if (page === undefined) {
      this.#shownText = text;
      return { kind: "shown" };
    }
    const call = writer.callFor(index);
    if (call !== "post" && call !== "open") {
      const intervalMs = platform.limits.previewIntervalMs(target, call);
      const paceMs = intervalMs - (performance.now() - writer.calledAt(index));
      if (paceMs > 0) return { kind: "wait", waitMs: paceMs };
    }
    writer.shownUtf16 = text.length;
    const shown = await writer.show(index, page, "preview");
    if (shown.kind === "shown") {
      if (index === pages.length - 1) this.#shownText = text;
      this.#options.onVisible();
    }
    return shown;
  }
}
