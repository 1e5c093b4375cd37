/** `chat.startStream`, `appendStream`, `stopStream`: a message that grows while it is open [platform-facts B8]. */

import { readMarkdown } from "../markdown.ts";
import {
  type Arguments,
  jsonOf,
  type Method,
  type MethodContext,
  SlackRefusal,
  textOf,
  writableChannel,
} from "../method.ts";
import { pingsIn } from "../text.ts";
import type { MessageState, SlackMessage, StreamState } from "../workspace.ts";
import { metadataOf, ownMessage } from "./chat.ts";

/** Of one call. */
const callMax = 12_000;
/** Of a whole stream: undocumented, measured by projects (CopilotKit#6063). */
const streamMax = 12_000;

const start: Method = (args, context) => {
  const { workspace } = context;
  const channel = writableChannel(args, context);
  const threadTs = textOf(args, "thread_ts");
  if (channel.kind === "im" ? !threadTs : !textOf(args, "recipient_user_id"))
    throw new SlackRefusal(channel.kind === "im" ? "invalid_arguments" : "missing_recipient_user_id");
  if (channel.kind !== "im") checkRecipient(args, context);
  if (threadTs && !workspace.message(channel.id, threadTs)) throw new SlackRefusal("thread_not_found");
  const { look, unfurl } = lookOf(markdownOf(args));
  const message = workspace.addMessage({
    channel: channel.id,
    user: workspace.botUserId,
    botId: workspace.botId,
    ...look,
    unfurl,
    stream: { state: "in_progress", startedAtMs: Date.now() },
    ...(threadTs ? { threadTs } : {}),
  });
  if (threadTs) workspace.setStatus({ channel: channel.id, threadTs, text: "", untilMs: 0 });
  context.announce("new", channel.id, message.ts);
  return { channel: channel.id, ts: message.ts };
};

const append: Method = (args, context) => {
  const message = openStream(args, context);
  const added = markdownOf(args);
  if (added === "") throw new SlackRefusal("no_text");
  grown(message, added, context);
  return { channel: message.channel, ts: message.ts };
};

const stop: Method = (args, context) => {
  const message = grown(openStream(args, context), markdownOf(args), context);
  const stream = { ...(message.stream as StreamState), state: "completed" } as const;
  const changed = context.workspace.changeMessage(message, {}, { stream, ...metadataOf(args) });
  context.announce("changed", changed.channel, changed.ts);
  return { channel: changed.channel, ts: changed.ts };
};

/** The methods of this file. */
export const streamMethods: Readonly<Record<string, Method>> = {
  "chat.startStream": start,
  "chat.appendStream": append,
  "chat.stopStream": stop,
};

/** Who sees the text grow: in channels Slack has to be told. */
function checkRecipient(args: Arguments, { workspace }: MethodContext): void {
  const team = textOf(args, "recipient_team_id");
  if (!team) throw new SlackRefusal("missing_recipient_team_id");
  const user = workspace.users.get(textOf(args, "recipient_user_id"));
  if (user?.teamId !== team) throw new SlackRefusal("user_not_found");
}

function markdownOf(args: Arguments): string {
  const chunks = jsonOf(args, "chunks", "invalid_chunks");
  if (chunks !== undefined) throw new SlackRefusal("invalid_chunks");
  const markdown = textOf(args, "markdown_text");
  if ([...markdown].length > callMax) throw new SlackRefusal("msg_too_long");
  return markdown;
}

/** The stream, if it is still one: Slack gives it up after some minutes, however often it is appended to. */
function openStream(args: Arguments, context: MethodContext): SlackMessage {
  const message = ownMessage(args, context, "message_not_owned_by_app");
  if (context.workspace.streamState(message) === "in_progress") return message;
  throw new SlackRefusal("message_not_in_streaming_state");
}

function grown(message: SlackMessage, added: string, { workspace }: MethodContext): SlackMessage {
  if (added === "") return message;
  const markdown = streamed(message) + added;
  if ([...markdown].length > streamMax) throw new SlackRefusal("msg_too_long");
  const { look, unfurl } = lookOf(markdown);
  return workspace.changeMessage(message, look, { unfurl });
}

function streamed(message: SlackMessage): string {
  return String(message.states.at(-1)?.blocks[0]?.text ?? "");
}

/** The methods have no switch for previews: what is an address is fetched. */
function lookOf(markdown: string): {
  readonly look: Pick<MessageState, "text" | "blocks" | "pings">;
  readonly unfurl: SlackMessage["unfurl"];
} {
  const { text, fetches } = readMarkdown(markdown);
  const blocks = markdown === "" ? [] : [{ type: "markdown", text: markdown }];
  const pings = pingsIn("", blocks, { looksForNames: true });
  return { look: { text, blocks, pings }, unfurl: { links: fetches, media: fetches } };
}
