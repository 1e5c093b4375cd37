/** The outgoing side: post, edit, remove, busy sign, read back. One API call each, none retried. */

import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { Live } from "../../core/platform/live.ts";
import type { PageId } from "../../core/platform/page.ts";
import type { Platform } from "../../core/platform/platform.ts";
import type { ReplyTarget, Streaming } from "../../core/platform/reply-target.ts";
import { words } from "../../core/words.ts";
import { platformName } from "./address.ts";
import { attachFile } from "./attach.ts";
import { callIn, createCallFor } from "./call.ts";
import type { SlackClient } from "./client.ts";
import { isStreamConflict } from "./errors.ts";
import { findPostByToken, toMetadata } from "./find-post.ts";
import { createSlackRenderer } from "./format.ts";
import { createLimits, type SlackRates, sessionsBudget } from "./limits.ts";
import { toMessageBody } from "./message-body.ts";
import type { Refusals } from "./refusals.ts";
import { removeButton } from "./remove-button.ts";
import type { Workspaces } from "./workspaces.ts";

/** Makes the outgoing side. */
export function createSlackPlatform(
  workspaces: Workspaces,
  reading: Pick<Platform, "read" | "readBackground">,
  rates: SlackRates,
  streams: Extract<Live, { readonly kind: "streams" }>,
  configured: Streaming,
  refusals: Refusals,
): Platform {
  const edits: Live = { kind: "edits" };
  const callFor = createCallFor(workspaces);
  const sessions = createSessions(workspaces, refusals);
  return {
    name: platformName,
    limits: createLimits(rates),
    ...reading,
    createRenderer: (_place, streaming = configured) => createSlackRenderer(streaming === "native"),
    post: (target, page, options, signal) =>
      callFor("chat.postMessage", target, "post", signal, (client) =>
        postMessage(client, target, toMessageBody(page), options.token),
      ),
    edit: (target, id, page, signal) =>
      callFor("chat.update", target, "edit", signal, async (client) => {
        const place = { channel: target.address.chat, ts: id };
        // `parse` defaults to "client" here, unlike in a post: names and links would be looked for.
        const change = { ...place, ...toMessageBody(page), parse: "none" } as const;
        await orCloseStream(client, place, () => client.web.chat.update(change));
      }),
    remove: async (target, id, signal) => {
      const removed = await callFor("chat.delete", target, "remove", signal, async (client) => {
        const place = { channel: target.address.chat, ts: id };
        await orCloseStream(client, place, () => client.web.chat.delete(place));
      });
      return removed.kind === "gone" ? { kind: "done", value: undefined } : removed;
    },
    removeButton: (target, id, signal) => removeButton(workspaces, callFor, target, id, signal),
    // Streams are replies: outside of threads there are none.
    live: ({ address, streaming = configured }) =>
      streaming === "native" && address.thread !== undefined ? streams : edits,
    showBusy: async (target, busy, signal) => {
      const [said, session] = await Promise.all([
        callFor("assistant.threads.setStatus", target, "status", signal, (client) =>
          setStatus(client, target, busy),
        ),
        sessions.set(target, busy, signal),
      ]);
      return worseOf(said, session);
    },
    findPost: (target, token, sinceMs, signal) =>
      callIn(
        workspaces,
        target,
        { method: "conversations.replies", budget: undefined },
        signal,
        async (client) => {
          const isStreamed = (target.streaming ?? configured) === "native";
          const streamsOf = isStreamed ? await ownUserId(workspaces, target) : undefined;
          return await findPostByToken(client, target, token, sinceMs, streamsOf);
        },
      ),
    attach: (target, file, signal) => attachFile(workspaces, target, file, signal),
  };
}

/**
 * Changes a message. A stream that another run left open is closed first; the change itself is then due once more, with
 * a permit of its own. @throws what the change threw
 */
async function orCloseStream(
  { web }: SlackClient,
  place: { readonly channel: string; readonly ts: string },
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (isStreamConflict(error)) await web.chat.stopStream(place).catch(() => undefined);
    throw error;
  }
}

async function ownUserId(workspaces: Workspaces, { address }: ReplyTarget): Promise<string> {
  const { identity } = await workspaces.find(address.scope);
  return (await identity()).botUserId;
}

/** Posts into the target's thread. Previews of links stay off: an injected address must fetch nothing. */
export async function postMessage(
  { web }: SlackClient,
  { address }: ReplyTarget,
  body: ReturnType<typeof toMessageBody>,
  token?: string,
): Promise<PageId> {
  const { ts } = await web.chat.postMessage({
    channel: address.chat,
    ...body,
    ...(address.thread === undefined ? {} : { thread_ts: address.thread }),
    parse: "none",
    unfurl_links: false,
    unfurl_media: false,
    ...(token === undefined ? {} : { metadata: toMetadata(token) }),
  });
  if (ts === undefined) throw new Error("Slack's chat.postMessage answered without a ts");
  return ts;
}

/** A flat direct message has no thread, so the sign stands at the question. */
async function setStatus({ web }: SlackClient, target: ReplyTarget, busy: boolean): Promise<void> {
  await web.assistant.threads.setStatus({
    channel_id: target.address.chat,
    thread_ts: target.address.thread ?? target.question,
    status: busy ? words.busy : "",
  });
}

/** Of two calls that are one to whoever made them, the one after which something is left to do. */
function worseOf(one: CallOutcome<void>, other: CallOutcome<void> | undefined): CallOutcome<void> {
  const passing: readonly CallOutcome<void>["kind"][] = ["limited", "unapplied", "unknown"];
  const worst = passing.find((kind) => one.kind === kind || other?.kind === kind);
  return other !== undefined && other.kind === worst ? other : one;
}

/** The session of a thread: while it is `processing`, Slack shows its stop button. */
interface Sessions {
  set(target: ReplyTarget, busy: boolean, signal: AbortSignal): Promise<CallOutcome<void> | undefined>;
}

/** A workspace or app without agent sessions refuses the method always: then it is left alone for a while. */
function createSessions(workspaces: Workspaces, refusals: Refusals): Sessions {
  return {
    async set(target, busy, signal) {
      const { scope } = target.address;
      if (refusals.has(scope)) return undefined;
      const context = { method: "agents.sessions.setStatus", budget: { key: sessionsBudget(target) } };
      const outcome = await callIn(workspaces, target, context, signal, async ({ web }) => {
        await web.agents.sessions.setStatus({
          channel_id: target.address.chat,
          thread_ts: target.address.thread ?? target.question,
          status: busy ? "processing" : "active",
          // Only a session that begins takes it: a title that a person gave stays.
          ...(busy && target.title ? { title: target.title } : {}),
        });
      });
      if (outcome.kind === "broken") refusals.add(scope);
      return outcome;
    },
  };
}
