/** `chat.*`: post, update, delete, ephemeral. */

import { blocksProblem, postTextMax, updateTextProblem } from "../limits.ts";
import {
  type Arguments,
  flagOf,
  jsonOf,
  type Method,
  type MethodContext,
  SlackRefusal,
  textOf,
  writableChannel,
} from "../method.ts";
import { pingsIn } from "../text.ts";
import { type SlackBlock, type SlackMessage, stateOf } from "../workspace.ts";

const post: Method = (args, context) => {
  const channel = writableChannel(args, context);
  const { text, blocks } = content(args);
  const threadTs = textOf(args, "thread_ts");
  if (threadTs && !context.workspace.message(channel.id, threadTs))
    throw new SlackRefusal("thread_not_found");
  const parse = textOf(args, "parse") || "none";
  const message = context.workspace.addMessage({
    channel: channel.id,
    user: context.workspace.botUserId,
    botId: context.workspace.botId,
    text: [...text].slice(0, postTextMax).join(""),
    blocks,
    pings: pingsIn(text, blocks, { looksForNames: parse !== "none" || flagOf(args, "link_names", false) }),
    unfurl: { links: flagOf(args, "unfurl_links", false), media: flagOf(args, "unfurl_media", true) },
    ...(threadTs ? { threadTs } : {}),
    ...(flagOf(args, "reply_broadcast", false) ? { subtype: "thread_broadcast" } : {}),
    ...metadataOf(args),
  });
  if (threadTs) context.workspace.setStatus({ channel: channel.id, threadTs, text: "", untilMs: 0 });
  context.announce("new", channel.id, message.ts);
  return { channel: channel.id, ts: message.ts, message: answered(message) };
};

const update: Method = (args, context) => {
  const channel = writableChannel(args, context);
  const message = unstreamed(ownMessage(args, context), context);
  const { text, blocks } = content(args);
  const problem = updateTextProblem(text);
  if (problem) throw new SlackRefusal(problem);
  const looksForNames = textOf(args, "parse") !== "none" || flagOf(args, "link_names", false);
  const pings = pingsIn(text, blocks, { looksForNames });
  const look = { text, blocks, pings, editedTs: context.workspace.nextTs() };
  const changed = context.workspace.changeMessage(message, look, metadataOf(args));
  context.announce("changed", channel.id, message.ts);
  return { channel: channel.id, ts: message.ts, text, message: answered(changed) };
};

const remove: Method = (args, context) => {
  const channel = writableChannel(args, context);
  const message = unstreamed(ownMessage(args, context, "cant_delete_message"), context);
  context.workspace.changeMessage(message, { deleted: true, text: "", blocks: [], pings: [] });
  context.announce("changed", channel.id, message.ts);
  return { channel: channel.id, ts: message.ts };
};

const postEphemeral: Method = (args, context) => {
  const channel = writableChannel(args, context);
  const user = textOf(args, "user");
  if (!channel.members.includes(user)) throw new SlackRefusal("user_not_in_channel");
  const { text, blocks } = content(args);
  const threadTs = textOf(args, "thread_ts");
  const { botUserId, botId } = context.workspace;
  const message = context.workspace.addMessage({
    channel: channel.id,
    user: botUserId,
    botId,
    ephemeralTo: user,
    text,
    blocks,
    pings: pingsIn(text, blocks, { looksForNames: (textOf(args, "parse") || "none") !== "none" }),
    ...(threadTs ? { threadTs } : {}),
  });
  return { message_ts: message.ts };
};

/** The methods of this file. */
export const chatMethods: Readonly<Record<string, Method>> = {
  "chat.postMessage": post,
  "chat.update": update,
  "chat.delete": remove,
  "chat.postEphemeral": postEphemeral,
};

/** Text and blocks of a call, checked as Slack checks them. */
export function content(args: Arguments): { text: string; blocks: readonly SlackBlock[] } {
  const text = textOf(args, "text");
  const parsed = jsonOf(args, "blocks", "invalid_blocks_format");
  if (parsed !== undefined && !Array.isArray(parsed)) throw new SlackRefusal("invalid_blocks_format");
  const blocks: readonly SlackBlock[] = parsed ?? [];
  const problem = blocksProblem(blocks);
  if (problem) throw new SlackRefusal(problem);
  if (text === "" && blocks.length === 0) throw new SlackRefusal("no_text");
  return { text, blocks };
}

/** The metadata of a call, checked. @throws SlackRefusal */
export function metadataOf(args: Arguments): { metadata?: unknown } {
  const parsed = jsonOf(args, "metadata", "invalid_metadata_format");
  if (parsed === undefined) return {};
  const valid =
    typeof parsed === "object" && parsed !== null && "event_type" in parsed && "event_payload" in parsed;
  if (!valid) throw new SlackRefusal("invalid_metadata_schema");
  return { metadata: parsed };
}

/** A stream that is open takes nothing but appends. */
function unstreamed(message: SlackMessage, { workspace }: MethodContext): SlackMessage {
  if (workspace.streamState(message) === "in_progress") throw new SlackRefusal("streaming_state_conflict");
  return message;
}

/** The message of the bot's that a call names. @throws SlackRefusal */
export function ownMessage(
  args: Arguments,
  context: MethodContext,
  notOwn = "cant_update_message",
): SlackMessage {
  const channel = writableChannel(args, context);
  const message = context.workspace.message(channel.id, textOf(args, "ts"));
  if (!message || stateOf(message).deleted) throw new SlackRefusal("message_not_found");
  if (message.user !== context.workspace.botUserId) throw new SlackRefusal(notOwn);
  return message;
}

function answered(message: SlackMessage): Readonly<Record<string, unknown>> {
  const { text, blocks } = stateOf(message);
  const { ts, user, botId, threadTs } = message;
  return {
    type: "message",
    ts,
    user,
    bot_id: botId,
    text,
    blocks,
    ...(threadTs ? { thread_ts: threadTs } : {}),
  };
}
