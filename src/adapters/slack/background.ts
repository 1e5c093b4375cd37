/** What was said in a thread before a question: read page by page to its newest messages, with names for ids. */

import { z } from "zod";
import { PlatformError } from "../../core/errors.ts";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { EarlierMessage, Platform } from "../../core/platform/platform.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { toMicros } from "./address.ts";
import { callIn } from "./call.ts";
import { toDispensable } from "./errors.ts";
import { refusedBudget } from "./limits.ts";
import type { Names, WorkspaceNames } from "./names.ts";
import { filesOf, markupOf, parseThreadMessage, type ThreadMessage } from "./thread-message.ts";
import type { Workspaces } from "./workspaces.ts";

const method = "conversations.replies";

/** Pages come oldest first. The first serves nearly all threads; Slack gives at most 999 at once. */
const pageSizes = [200, 999, 999] as const;

/** Apps distributed outside the Marketplace get so many, and one call a minute: a second page would be refused. */
const restrictedPage = 15;

/** So many names of people, and as many of channels, are asked for in what was said, beside those of the speakers. */
const mentionsMax = 50;

/** Makes the reading. It throws nothing; names that cannot be asked for now fail it, so that it is tried again. */
export function createBackgroundReader(workspaces: Workspaces, names: Names): Platform["readBackground"] {
  return async (target, newest, signal) => {
    const read = await readThread(workspaces, target, newest, signal);
    if (read.kind !== "done") return toDispensable(read);
    try {
      const known = await names(target.address.scope);
      return { kind: "done", value: await tell(read.value, known, target) };
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      return typeof error.retry === "object"
        ? { kind: "limited", retryAfterMs: error.retry.afterMs, budget: undefined, cause: error }
        : { kind: "unapplied", cause: error };
    }
  };
}

const listing = z.object({
  messages: z.array(z.unknown()).optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** The root and the `newest` last before the question, oldest first; only so many are held at a time. */
async function readThread(
  workspaces: Workspaces,
  target: ReplyTarget,
  newest: number,
  signal: AbortSignal,
): Promise<CallOutcome<readonly ThreadMessage[]>> {
  const { chat: channel, thread: ts } = target.address;
  if (ts === undefined) return { kind: "done", value: [] };
  const context = { method, budget: refusedBudget(target, "background") };
  let root: readonly ThreadMessage[] = [];
  let tail: readonly ThreadMessage[] = [];
  let cursor: string | undefined;
  for (const limit of pageSizes) {
    const asked = { channel, ts, latest: target.question, limit, ...(cursor ? { cursor } : {}) };
    const page = await callIn(workspaces, target, context, signal, async ({ web }) =>
      listing.parse(await web.conversations.replies(asked)),
    );
    if (page.kind !== "done") return page;
    const { messages: listed = [], response_metadata: next } = page.value;
    const said = listed.flatMap((message) => parseThreadMessage(message) ?? []);
    root = [...root, ...said.filter((message) => message.ts === ts)].slice(0, 1);
    tail = [...tail, ...said.filter((message) => isReply(message, target))].slice(-newest);
    cursor = next?.next_cursor;
    if (!cursor || listed.length <= restrictedPage) break;
  }
  return { kind: "done", value: [...root, ...tail] };
}

function isReply({ ts }: ThreadMessage, { address, question }: ReplyTarget): boolean {
  return ts !== address.thread && toMicros(ts) < toMicros(question);
}

/** What the messages say, their speakers named. @throws PlatformError when a name is to be asked for again later */
async function tell(
  messages: readonly ThreadMessage[],
  names: WorkspaceNames,
  { address }: ReplyTarget,
): Promise<readonly EarlierMessage[]> {
  const readable = names.reader(mentionsMax);
  return await Promise.all(
    messages.map(async (message) => {
      const own = isOwn(message, names);
      const said = [await readable(markupOf(message)), filesOf(message)];
      return {
        order: toMicros(message.ts),
        opening: message.ts === address.thread,
        own,
        speaker: own ? "" : await speakerOf(message, names),
        text: said.filter((part) => part !== "").join("\n"),
      };
    }),
  );
}

function isOwn({ user, bot_id }: ThreadMessage, { self }: WorkspaceNames): boolean {
  return user === self.botUserId || (self.botId !== undefined && bot_id === self.botId);
}

/** Other bots bring their names along; people who cannot be shown to us keep their ids. */
async function speakerOf(message: ThreadMessage, names: WorkspaceNames): Promise<string> {
  const { user, username, bot_profile: profile, bot_id: bot } = message;
  const ownName = username || profile?.name;
  if (ownName || user === undefined) return ownName || bot || "";
  try {
    return (await names.person(user)).name;
  } catch (error) {
    if (error instanceof PlatformError && error.retry === "never") return user;
    throw error;
  }
}
