/** What one platform message of a reply is, and what renders a growing reply into such pages. */

import type { Button } from "../commands/button.ts";

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
