/** The outgoing side: post, edit, remove, busy sign, read back. One API call each, none retried. */

import type { CallOutcome, PageId, Platform, ReplyTarget } from "../../core/platform.ts";
import { words } from "../../core/words.ts";
import { platformName } from "./address.ts";
import { attachFile } from "./attach.ts";
import { callIn, createCallFor } from "./call.ts";
import type { SlackClient } from "./client.ts";
import { findPostByToken, metadataType } from "./find-post.ts";
import { createSlackRenderer } from "./format.ts";
import { createLimits, type SlackRates, sessionsBudget } from "./limits.ts";
import { toMessageBody } from "./message-body.ts";
import type { Workspaces } from "./workspaces.ts";

/** Makes the outgoing side. */
export function createSlackPlatform(
  workspaces: Workspaces,
  reading: Pick<Platform, "read" | "readBackground">,
  rates: SlackRates,
): Platform {
  const callFor = createCallFor(workspaces);
  const sessions = createSessions(workspaces);
  return {
    name: platformName,
    limits: createLimits(rates),
    ...reading,
    createRenderer: createSlackRenderer,
    post: (target, page, options, signal) =>
      callFor("chat.postMessage", target, "post", signal, (client) =>
        postMessage(client, target, toMessageBody(page), options.token),
      ),
    edit: (target, id, page, signal) =>
      callFor("chat.update", target, "edit", signal, async (client) => {
        const place = { channel: target.address.chat, ts: id };
        // `parse` defaults to "client" here, unlike in a post: names and links would be looked for.
        await client.web.chat.update({ ...place, ...toMessageBody(page), parse: "none" });
      }),
    remove: async (target, id, signal) => {
      const removed = await callFor("chat.delete", target, "remove", signal, async (client) => {
        await client.web.chat.delete({ channel: target.address.chat, ts: id });
      });
      return removed.kind === "gone" ? { kind: "done", value: undefined } : removed;
    },
    live: () => ({ kind: "edits" }),
    showBusy: async (target, busy, signal) => {
      const [said, session] = await Promise.all([
        callFor("assistant.threads.setStatus", target, "status", signal, (client) =>
          setStatus(client, target, busy),
        ),
        sessions.set(target, busy, signal),
      ]);
      return session?.kind === "limited" ? session : said;
    },
    findPost: (target, token, sinceMs, signal) =>
      callIn(workspaces, target, { method: "conversations.replies", budgets: [] }, signal, (client) =>
        findPostByToken(client, target, token, sinceMs),
      ),
    attach: (target, file, signal) => attachFile(workspaces, target, file, signal),
  };
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
    ...(token === undefined ? {} : { metadata: { event_type: metadataType, event_payload: { token } } }),
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

/** The session of a thread: while it is `processing`, Slack shows its stop button. */
interface Sessions {
  set(target: ReplyTarget, busy: boolean, signal: AbortSignal): Promise<CallOutcome<void> | undefined>;
}

/** A workspace or app without agent sessions refuses the method for good: then it is not called again. */
function createSessions(workspaces: Workspaces): Sessions {
  const refusing = new Set<string>();
  return {
    async set(target, busy, signal) {
      const { scope } = target.address;
      if (refusing.has(scope)) return undefined;
      const context = { method: "agents.sessions.setStatus", budgets: [sessionsBudget(target)] };
      const outcome = await callIn(workspaces, target, context, signal, async ({ web }) => {
        await web.agents.sessions.setStatus({
          channel_id: target.address.chat,
          thread_ts: target.address.thread ?? target.question,
          status: busy ? "processing" : "active",
          // Only a session that begins takes it: a title that a person gave stays.
          ...(busy && target.title ? { title: target.title } : {}),
        });
      });
      if (outcome.kind === "broken") refusing.add(scope);
      return outcome;
    },
  };
}
