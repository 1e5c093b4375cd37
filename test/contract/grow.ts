/** Shows a growing text as core does: in the platform's own way while that is available, else by a post and edits. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { IncomingMessage } from "../../src/core/message.ts";
import type { Live, LiveOutcome } from "../../src/core/platform/live.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { Platform } from "../../src/core/platform/platform.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import type { Subject } from "./subject.ts";

const patience = () => AbortSignal.timeout(5_000);
const options = { index: 0, token: "token-of-page-0" };

/** A text of three states is seen while it grows, calls nobody, has nothing fetched, and is one whole message in the end. */
export async function growsWhole(
  subject: Subject,
  asked: { readonly message: IncomingMessage; readonly target: ReplyTarget },
): Promise<void> {
  const target = { ...asked.target, asker: asked.message.author.id };
  const renderer = subject.platform.createRenderer(target.place);
  const start = "Hello @everyone <!channel> https://evil.test ";
  const pages = ["there", "there and here", "there and here too"].map((text, at) => {
    return renderer.render(start + text, at < 2 ? "preview" : "final")[0] as Page;
  });
  expect(pages.map(({ growing }) => growing)).toEqual([true, true, undefined]);
  await growPage(subject.platform, target, pages, () => /Hello/.test(subject.growing() ?? ""));
  await subject.until(() => subject.seen().length === 1 && /here too$/.test(subject.seen()[0] ?? ""));
  expect(subject.harm()).toEqual([]);
}

/** Brings one page from state to state; `isSeen` is waited for after each. @throws when a call is not done */
async function growPage(
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
