/** What came of showing something. */

import type { Elsewhere } from "../platform/call-outcome.ts";

/** How an attempt to show something ended. Nothing is thrown for what a platform answers. */
export type Shown =
  | { readonly kind: "shown" }
  /** Not now: no permit, refused by flood control, or a passing fault. Nothing is visible of it. */
  | { readonly kind: "wait"; readonly waitMs: number }
  /** A newer run has the turn: make no further call. */
  | { readonly kind: "fenced" }
  /** The platform does not take this page, not even as plain text. */
  | { readonly kind: "refused"; readonly cause: Error }
  /** The reply's place is gone, and nothing of it is there any more: the next run shows all of it at another. */
  | { readonly kind: "elsewhere"; readonly place: Elsewhere }
  /** The chat or the reply is gone: the turn ends quietly. */
  | { readonly kind: "closed"; readonly cause: Error };

/** Showing more is pointless. */
export type Lost = Extract<Shown, { readonly kind: "fenced" | "closed" }>;
