/** Takes the buttons away from under a message whose text this process does not know: it is read, and put back without them. */

import type { KnownBlock } from "@slack/types";
import { z } from "zod";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { PageId } from "../../core/platform/page.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { type CallFor, callIn } from "./call.ts";
import { isChoiceBlock } from "./choice-blocks.ts";
import type { SlackClient } from "./client.ts";
import type { Workspaces } from "./workspaces.ts";

const listing = z.object({
  messages: z
    .array(
      z.object({ ts: z.string(), text: z.string(), blocks: z.array(z.custom<KnownBlock>()).default([]) }),
    )
    .default([]),
});

/** In two calls, the second only where there is a button. A message that is gone has none. */
export async function removeButton(
  workspaces: Workspaces,
  callFor: CallFor,
  target: ReplyTarget,
  ts: PageId,
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const context = { method: "conversations.replies", budget: undefined };
  const read = await callIn(workspaces, target, context, signal, (client) => readMessage(client, target, ts));
  if (read.kind !== "done") return read;
  const blocks = read.value?.blocks ?? [];
  const rest = blocks.filter((block) => !isChoiceBlock(block));
  if (read.value === undefined || rest.length === blocks.length) return { kind: "done", value: undefined };
  const change = {
    channel: target.address.chat,
    ts,
    text: read.value.text,
    blocks: rest,
    parse: "none",
  } as const;
  return await callFor("chat.update", target, "edit", signal, async ({ web }) => {
    await web.chat.update(change);
  });
}

async function readMessage({ web }: SlackClient, { address: { chat, thread } }: ReplyTarget, ts: PageId) {
  const asked = { channel: chat, oldest: ts, latest: ts, inclusive: true, limit: 2 };
  const answer =
    thread === undefined
      ? await web.conversations.history(asked)
      : await web.conversations.replies({ ...asked, ts: thread });
  return listing.parse(answer).messages.find((message) => message.ts === ts);
}
