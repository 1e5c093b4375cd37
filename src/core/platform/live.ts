/** How a text is shown while it grows: by posts and edits, or in a platform's own way. */

import type { CallOutcome } from "./call-outcome.ts";
import type { Page, PageId } from "./page.ts";
import type { PostOptions, ReplyTarget } from "./reply-target.ts";

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
