/** Finds a post of ours by the token in its metadata, when its answer was lost. */

import { z } from "zod";
import type { PageId } from "../../core/platform/page.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { toTs } from "./address.ts";
import type { SlackClient } from "./client.ts";

/** The `event_type` of our metadata. */
const metadataType = "parley_page";

/** The metadata by which a page is found. */
export function toMetadata(token: string) {
  return { event_type: metadataType, event_payload: { token } };
}

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
        user: z.string().optional(),
        streaming_state: z.string().optional(),
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

type Listed = NonNullable<z.output<typeof listing>["messages"]>[number];

/**
 * Reads the thread, or a flat direct message, from `sinceMs` on. A stream gets its token only when it is closed: with
 * `streamsOf`, the newest open stream of that user that has no token counts when no post has ours. There is one at most:
 * one turn runs in a conversation, and it opens a page when the one before is closed.
 * @returns the ts of the post with `token`; undefined when there is none
 * @throws what the SDK throws
 */
export async function findPostByToken(
  { web }: SlackClient,
  { address }: ReplyTarget,
  token: string,
  sinceMs: number,
  streamsOf?: string,
): Promise<PageId | undefined> {
  const channel = address.chat;
  const range = { oldest: toTs(sinceMs - clockSkewMs), include_all_metadata: true, limit: pageSize } as const;
  let cursor: string | undefined;
  let stream: Listed | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { channel, ...range, ...(cursor ? { cursor } : {}) };
    const answer =
      address.thread === undefined
        ? await web.conversations.history(asked)
        : await web.conversations.replies({ ...asked, ts: address.thread });
    const { messages = [], response_metadata: next } = listing.parse(answer);
    const found = messages.find(({ metadata }) => metadata?.event_payload?.token === token);
    if (found) return found.ts;
    stream = messages.findLast((message) => isUnclaimedStream(message, streamsOf)) ?? stream;
    cursor = next?.next_cursor;
    if (!cursor) break;
  }
  return stream?.ts;
}

function isUnclaimedStream(
  { user, streaming_state: state, metadata }: Listed,
  owner: string | undefined,
): boolean {
  const isOpen = state !== undefined && state !== "completed";
  return isOpen && owner !== undefined && user === owner && metadata?.event_payload?.token === undefined;
}
