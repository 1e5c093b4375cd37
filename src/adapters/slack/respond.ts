/** Answers to commands: at a `response_url`, seen by one person alone, or in the conversation. */

import type { KnownBlock } from "@slack/types";
import { toButtons } from "../../core/commands/button.ts";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { AnswerTo, CommandResponder, Saying } from "../../core/platform/command-responder.ts";
import type { PageId } from "../../core/platform/page.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { words } from "../../core/words.ts";
import { callIn } from "./call.ts";
import { toChoiceBlocks } from "./choice-blocks.ts";
import { fetchFile } from "./download.ts";
import { codeFailure, statusFailure } from "./errors.ts";
import { createSlackRenderer } from "./format.ts";
import { publishHome } from "./home.ts";
import { buttonBytes, refusedBudget } from "./limits.ts";
import { type MessageBody, toMessageBody } from "./message-body.ts";
import type { Refusals } from "./refusals.ts";
import { postMessage } from "./send.ts";
import type { Workspaces } from "./workspaces.ts";

/** Makes the responder. Answers are short: what does not fit into one message is left out. */
export function createCommandResponder(workspaces: Workspaces, refusals: Refusals): CommandResponder {
  return {
    commandPrefix: "/parley ",
    offerPrompts: createOffer(workspaces, refusals),
    buttonBytes,
    asksBy: "form",
    fetchFile: (target, file, maxBytes, signal) => fetchFile(workspaces, target, file, maxBytes, signal),
    // Slack shows a message in any channel to one person alone.
    asideUtf16: Number.POSITIVE_INFINITY,
    privateChat: () => undefined,
    showHome: (target, person, sections, signal) => publishHome(workspaces, target, person, sections, signal),
    respond: async (target, to, saying, signal) => {
      const page = createSlackRenderer().render(saying.markdown, "final")[0];
      if (page === undefined) return { kind: "done", value: undefined };
      const body = withChoices(toMessageBody(page), saying, target);
      if (to.respondTo !== undefined) return postToResponseUrl(workspaces, target, to, saying, body, signal);
      const isForOne = saying.audience === "person" && target.place === "group";
      return isForOne
        ? postToOne(workspaces, target, to.author.id, body, signal)
        : postInConversation(workspaces, target, body, signal);
    },
  };
}

/** Blocks replace the text: a page without any gets one for it. */
function withChoices(body: MessageBody, { buttons, wants }: Saying, { address }: ReplyTarget): MessageBody {
  const label = words.settings.buttons.write;
  const form = wants === undefined ? [] : toButtons([[{ label, ...wants }]], buttonBytes).buttons;
  const choices = toChoiceBlocks([...buttons, ...form], address.thread);
  if (choices.length === 0) return body;
  const text: KnownBlock = { type: "section", text: { type: "mrkdwn", text: body.text, verbatim: true } };
  return { text: body.text, blocks: [...(body.blocks ?? [text]), ...choices] };
}

/** A workspace in which the app is no agent refuses always: it is left alone for a while. */
function createOffer(workspaces: Workspaces, refusals: Refusals): CommandResponder["offerPrompts"] {
  const method = "assistant.threads.setSuggestedPrompts";
  return async (target, prompts, signal) => {
    const { scope, chat: channel_id } = target.address;
    if (refusals.has(scope)) return { kind: "done", value: undefined };
    const context = { method, budget: refusedBudget(target, "prompts") };
    const outcome = await callIn(workspaces, target, context, signal, async ({ web }) => {
      // Without `thread_ts`: for an agent a call with it fails silently (docs.slack.dev, setSuggestedPrompts).
      await web.assistant.threads.setSuggestedPrompts({ channel_id, prompts: [...prompts] });
    });
    if (outcome.kind === "broken") refusals.add(scope);
    return outcome;
  };
}

function postInConversation(
  workspaces: Workspaces,
  target: ReplyTarget,
  body: MessageBody,
  signal: AbortSignal,
): Promise<CallOutcome<PageId>> {
  const context = { method: "chat.postMessage", budget: refusedBudget(target, "post") };
  return callIn(workspaces, target, context, signal, (client) => postMessage(client, target, body));
}

/** Only `person` sees it, until they load their Slack anew. */
function postToOne(
  workspaces: Workspaces,
  target: ReplyTarget,
  person: string,
  body: MessageBody,
  signal: AbortSignal,
): Promise<CallOutcome<undefined>> {
  const { chat: channel, thread: thread_ts } = target.address;
  const context = { method: "chat.postEphemeral", budget: refusedBudget(target, "post") };
  return callIn(workspaces, target, context, signal, async ({ web }) => {
    const message = { channel, user: person, ...body, parse: "none" } as const;
    await web.chat.postEphemeral(thread_ts === undefined ? message : { ...message, thread_ts });
    return undefined;
  });
}

/** The address is good for 5 answers within 30 minutes. It is a secret: it never reaches an error or a log. */
async function postToResponseUrl(
  workspaces: Workspaces,
  target: ReplyTarget,
  to: AnswerTo,
  saying: Saying,
  message: MessageBody,
  signal: AbortSignal,
): Promise<CallOutcome<undefined>> {
  const body = { ...mannerOf(target, to, saying), ...message, unfurl_links: false, unfurl_media: false };
  const answer = await callIn(
    workspaces,
    target,
    { method: "response_url", budget: undefined },
    signal,
    (client) => client.post(to.respondTo ?? "", "application/json; charset=utf-8", JSON.stringify(body)),
  );
  if (answer.kind !== "done") return answer;
  const { status, text } = answer.value;
  if (status === 200) return { kind: "done", value: undefined };
  const failed = (what: string) => new Error(`Slack's response_url failed: ${what}`);
  const isOwnCode = status < 500 && status !== 429 && /^[a-z_]{3,40}$/.test(text);
  return isOwnCode ? codeFailure(text, failed, undefined) : statusFailure(status, failed, undefined);
}

/** In place of the message whose button was pressed; but what is for one person not in place of what all see. */
function mannerOf({ address }: ReplyTarget, { button }: AnswerTo, { refused, audience }: Saying) {
  const isBeside = button === undefined || refused === true;
  if (!isBeside && (audience === "place" || button.isPrivate)) return { replace_original: true };
  const thread = address.thread === undefined ? {} : { thread_ts: address.thread };
  return { response_type: "ephemeral", replace_original: false, ...thread };
}
