/** Shows a growing text as core does: in the platform's own way while that is available, else by a post and edits. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Live, LiveOutcome, Page, Platform, ReplyTarget } from "../../src/core/platform.ts";

const patience = () => AbortSignal.timeout(5_000);
const options = { index: 0, token: "token-of-page-0" };

/** Brings one page from state to state; `isSeen` is waited for after each. @throws when a call is not done */
export async function growPage(
  platform: Platform,
  target: ReplyTarget,
  pages: readonly Page[],
  isSeen: () => boolean,
): Promise<void> {
  const live = platform.live(target);
  let id: string | undefined;
  let open = live.kind === "streams";
  for (const page of pages) {
    if (live.kind === "drafts" && page.growing) done(await live.show(target, page, patience()));
    else if (id === undefined) id = done(await begin(platform, live, target, page));
    else {
      if (open) open = await hasGrown(live, target, id, page);
      if (!open) done(await platform.edit(target, id, page, patience()));
    }
    while (!isSeen()) await sleep(5);
  }
}

function begin(
  platform: Platform,
  live: Live,
  target: ReplyTarget,
  page: Page,
): Promise<LiveOutcome<string>> {
  if (live.kind === "streams") return live.open(target, page, options, patience());
  return platform.post(target, page, options, patience());
}

async function hasGrown(live: Live, target: ReplyTarget, id: string, page: Page): Promise<boolean> {
  if (live.kind !== "streams") return false;
  const outcome = await live.grow(target, id, page, patience());
  if (outcome.kind === "unavailable") return false;
  done(outcome);
  return true;
}

function done<T>(outcome: LiveOutcome<T>): T {
  if (outcome.kind === "done") return outcome.value;
  throw new Error(`Not done: ${outcome.kind}`, { cause: outcome.cause });
}
