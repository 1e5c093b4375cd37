/** What one run knows of one page of its reply. */

import type { Page, PageId } from "../platform.ts";

/** One page, posted or not. */
export interface PageState {
  id: PageId | undefined;
  /** Fingerprint of what is surely visible; undefined when unknown. */
  fingerprint: string | undefined;
  /** The page as last confirmed, for a repair. */
  page: Page | undefined;
  /** The platform refused the page's formatting. */
  plain: boolean;
  /** Possibly a second copy, and says so. */
  again: boolean;
  /** A post was begun, its end unknown: when, in ms since 1970. */
  intendedAt: number | undefined;
  /** How many posts were begun for it whose end is unknown. */
  posts: number;
  /** Monotonic time of the last call, for pacing. */
  calledAt: number;
}

/** A page of which nothing is known. */
export function createPageState(): PageState {
  return {
    id: undefined,
    fingerprint: undefined,
    page: undefined,
    plain: false,
    again: false,
    intendedAt: undefined,
    posts: 0,
    calledAt: 0,
  };
}
