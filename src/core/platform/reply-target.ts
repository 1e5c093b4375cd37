/** Where a reply goes, and what a post of it carries besides its page. */

import type { Address } from "../conversation.ts";

/**
 * How a text is shown while it is written: posted and edited, in the platform's own way where it has one, or not before it
 * is whole.
 */
export type Streaming = "edit" | "native" | "off";

/** Where a reply goes. */
export interface ReplyTarget {
  readonly address: Address;
  readonly place: "private" | "group";
  /** The question's platform id, for a reply mark or a thread. */
  readonly question: string;
  /** What it is about in a few words, for platforms that list conversations by title. */
  readonly title?: string;
  /** The platform's id of who asked, where that is known. */
  readonly asker?: string;
  /** The thread of the question is gone: the reply stands by itself. */
  readonly detached?: true;
  /** The question stands in a chain of replies: only what answers it stands there as well. */
  readonly inChain?: true;
  /** Absent: as the adapter was configured. */
  readonly streaming?: Streaming;
}

/** What a post carries besides its page. */
export interface PostOptions {
  /** 0 for the reply's first page. */
  readonly index: number;
  /** Opaque and unguessable, the same whenever this page is posted again; where the platform can, it is found by it. */
  readonly token: string;
}
