/** Answers to commands: at a slash command's `response_url`, seen by its sender alone, or in the conversation. */

import type { CallOutcome, CommandResponder, Page, PageId, ReplyTarget } from "../../core/platform.ts";
import { callIn } from "./call.ts";
import { fetchFile } from "./download.ts";
import { codeFailure, statusFailure } from "./errors.ts";
import { createSlackRenderer } from "./format.ts";
import { buttonBytes, refusedBudget } from "./limits.ts";
import { toMessageBody } from "./message-body.ts";
import { postMessage } from "./send.ts";
import type { Workspaces } from "./workspaces.ts";

/** Makes the responder. Answers are short: what does not fit into one message is left out. */
export function createCommandResponder(workspaces: Workspaces): CommandResponder {
  return {
    commandPrefix: "/parley ",
    offerPrompts: createOffer(workspaces),
    buttonBytes,
    asksBy: "form",
    fetchFile: (target, file, maxBytes, signal) => fetchFile(workspaces, target, file, maxBytes, signal),
    // Slack shows a message in any channel to one person alone.
    asideUtf16: Number.POSITIVE_INFINITY,
    privateChat: () => undefined,
    respond: async (target, { respondTo }, { markdown }, signal) => {
      const page = createSlackRenderer().render(markdown, "final")[0];
      if (page === undefined) return { kind: "done", value: undefined };
      if (respondTo === undefined) return postInConversation(workspaces, target, page, signal);
      return postToResponseUrl(workspaces, target, respondTo, page, signal);
    },
  };
}

/** A workspace in which the app is no agent refuses for good: there it is not tried again. */
function createOffer(workspaces: Workspaces): CommandResponder["offerPrompts"] {
  const refusing = new Set<string>();
  const method = "assistant.threads.setSuggestedPrompts";
  return async (target, prompts, signal) => {
    const { scope, chat: channel_id } = target.address;
    if (refusing.has(scope)) return { kind: "done", value: undefined };
    const context = { method, budget: refusedBudget(target, "prompts") };
    const outcome = await callIn(workspaces, target, context, signal, async ({ web }) => {
      // Without `thread_ts`: for an agent a call with it fails silently (docs.slack.dev, setSuggestedPrompts).
      await web.assistant.threads.setSuggestedPrompts({ channel_id, prompts: [...prompts] });
    });
    if (outcome.kind === "broken") refusing.add(scope);
    return outcome;
  };
}

function postInConversation(
  workspaces: Workspaces,
  target: ReplyTarget,
  page: Page,
  signal: AbortSignal,
): Promise<CallOutcome<PageId>> {
  const context = { method: "chat.postMessage", budget: refusedBudget(target, "post") };
  return callIn(workspaces, target, context, signal, (client) =>
    postMessage(client, target, toMessageBody(page)),
  );
}

/** The address is good for 5 answers within 30 minutes. It is a secret: it never reaches an error or a log. */
async function postToResponseUrl(
  workspaces: Workspaces,
  target: ReplyTarget,
  respondTo: string,
  page: Page,
  signal: AbortSignal,
): Promise<CallOutcome<undefined>> {
  const body = {
    response_type: "ephemeral",
    ...toMessageBody(page),
    unfurl_links: false,
    unfurl_media: false,
  };
  const answer = await callIn(
    workspaces,
    target,
    { method: "response_url", budget: undefined },
    signal,
    (client) => client.post(respondTo, "application/json; charset=utf-8", JSON.stringify(body)),
  );
  if (answer.kind !== "done") return answer;
  const { status, text } = answer.value;
  if (status === 200) return { kind: "done", value: undefined };
  const failed = (what: string) => new Error(`Slack's response_url failed: ${what}`);
  const isOwnCode = status < 500 && status !== 429 && /^[a-z_]{3,40}$/.test(text);
  return isOwnCode ? codeFailure(text, failed, undefined) : statusFailure(status, failed, undefined);
}
