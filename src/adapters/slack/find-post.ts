/** Finds a post of ours by the token in its metadata, when its answer was lost. */

import { z } from "zod";
import type { PageId, ReplyTarget } from "../../core/platform.ts";
import { toTs } from "./address.ts";
import type { SlackClient } from "./client.ts";

/** The `event_type` of our metadata. */
export const metadataType = "parley_page";

/** Slack's clock and ours may differ by this. */
const clockSkewMs = 5_000;
const pageSize = 200;
/** Above this a thread is busier than a lost post is worth. */
const pagesMax = 5;

const listing = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z
          .object({
            event_type: z.string().optional(),
            event_payload: z.record(z.string(), z.unknown()).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/**
 * Reads the thread, or a flat direct message, from `sinceMs` on.
 * @returns the ts of the post with `token`; undefined when there is none
 * @throws what the SDK throws
 */
export async function findPostByToken(
  { web }: SlackClient,
  { address }: ReplyTarget,
  token: string,
  sinceMs: number,
): Promise<PageId | undefined> {
  const channel = address.chat;
  const range = { oldest: toTs(sinceMs - clockSkewMs), include_all_metadata: true, limit: pageSize } as const;
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { channel, ...range, ...(cursor ? { cursor } : {}) };
    const answer =
      address.thread === undefined
        ? await web.conversations.history(asked)
        : await web.conversations.replies({ ...asked, ts: address.thread });
    const { messages = [], response_metadata: next } = listing.parse(answer);
    const found = messages.find(({ metadata }) => metadata?.event_payload?.token === token);
    if (found) return found.ts;
    cursor = next?.next_cursor;
    if (!cursor) return undefined;
  }
  return undefined;
}
