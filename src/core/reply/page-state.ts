/** What one run knows of one page of its reply. */

import { toButtonData } from "../commands/button.ts";
import type { Page, PageId, ReplyRenderer } from "../platform/page.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { TakenTurn } from "../turn-store.ts";
import { words } from "../words.ts";

/** One page, posted or not. */
export interface PageState {
  id: PageId | undefined;
  /** Fingerprint of what is surely visible; undefined when unknown. */
  fingerprint: string | undefined;
  /** The page as last confirmed, for a repair. */
  page: Page | undefined;
  /** The platform refused the page's formatting. */
  plain: boolean;
  /** It did not take it as plain text either. */
  refused: boolean;
  /** It was surplus, and is removed. */
  removed: boolean;
  /** Words that stand in front of it. */
  front: string | undefined;
  /** Possibly a second copy, and says so. */
  again: boolean;
  /** A post was begun, its end unknown: when, in ms since 1970. */
  intendedAt: number | undefined;
  /** How many posts were begun for it whose end is unknown. */
  posts: number;
  /** It is a stream that this run has opened and not closed. */
  open: boolean;
  /** Monotonic time of the last call, for pacing. */
  calledAt: number;
}

/** A page of `turn` of which nothing is known. A reply that had to leave its place says so first. */
export function createPageState(turn: TakenTurn, index: number): PageState {
  return {
    front: index === 0 && turn.elsewhere !== undefined ? words.topicGone : undefined,
    id: undefined,
    fingerprint: undefined,
    page: undefined,
    plain: false,
    refused: false,
    removed: false,
    again: false,
    intendedAt: undefined,
    posts: 0,
    open: false,
    calledAt: Number.NEGATIVE_INFINITY,
  };
}

/** The pages as earlier runs of `turn` left them. @param except an index that is no page */
export function restorePages(turn: TakenTurn, except: number): PageState[] {
  const { pages, intents, sentAgain, posts, finals } = turn;
  const indexes = [...pages.keys(), ...intents.keys(), ...sentAgain, ...finals.keys()];
  const count = Math.max(0, ...indexes.filter((index) => index !== except).map((index) => index + 1));
  return Array.from({ length: count }, (_, index) => {
    const { fingerprint, plain = false, refused = false, removed = false } = finals.get(index) ?? {};
    return {
      ...createPageState(turn, index),
      id: removed ? undefined : pages.get(index),
      fingerprint,
      plain,
      refused,
      removed,
      again: sentAgain.has(index),
      intendedAt: intents.get(index),
      posts: posts.get(index) ?? 0,
    };
  });
}

/** What a page goes out with. */
export interface Dressing {
  readonly renderer: ReplyRenderer;
  readonly target: ReplyTarget;
}

/**
 * The page as it goes out: with words in front, marked as a possible second copy, without formatting, where that has to
 * be; while it grows, with a button that stops the answer.
 * @param isStream it grows in the platform's own way, which has a button of its own
 */
export function dressed(
  state: PageState,
  page: Page,
  { renderer, target }: Dressing,
  isStream = state.open,
): Page {
  const fronted = state.front === undefined ? page : renderer.prefixed(page, state.front);
  const marked = state.again ? renderer.prefixed(fronted, words.sentAgain) : fronted;
  const formed = state.plain ? { ...marked, body: null, fingerprint: `plain ${marked.plain}` } : marked;
  return page.growing === true && !isStream ? withStopButton(formed, target) : formed;
}

/** The same page without it looks different, so that the last state never has it. */
function withStopButton(page: Page, { question }: ReplyTarget): Page {
  const data = toButtonData({ command: "stop", argument: question });
  return { ...page, button: { label: words.stopButton, data }, fingerprint: `${page.fingerprint} stop` };
}
