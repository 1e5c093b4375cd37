/** `conversations.*` and `users.conversations`. */

import { messageFields } from "../events.ts";
import {
  type Arguments,
  flagOf,
  knownChannel,
  type Method,
  type MethodContext,
  SlackRefusal,
  textOf,
} from "../method.ts";
import { type SlackChannel, type SlackMessage, stateOf } from "../workspace.ts";

/** Oldest first, the root always with the first page; `oldest` is exclusive unless `inclusive`. */
const replies: Method = (args, context) => {
  const channel = readableChannel(args, context);
  const root = context.workspace.message(channel.id, textOf(args, "ts"));
  if (!root) throw new SlackRefusal("thread_not_found");
  const threadTs = root.threadTs ?? root.ts;
  const inThread = visibleMessages(context, channel).filter(
    (message) => message.threadTs === threadTs && message.ts !== threadTs && isWithin(message, args),
  );
  // The root counts as well.
  const page = pageOf(inThread, args, context.repliesMax - 1);
  const head = textOf(args, "cursor") === "" && !stateOf(root).deleted ? [root] : [];
  return listing([...head, ...page.messages], page.cursor, args, context);
};

/** Newest first, without replies that were not also sent to the channel. */
const history: Method = (args, context) => {
  const channel = readableChannel(args, context);
  const top = visibleMessages(context, channel).filter(
    (message) => isTopLevel(message) && isWithin(message, args),
  );
  const page = pageOf(top.toReversed(), args);
  return listing(page.messages, page.cursor, args, context);
};

const info: Method = (args, { workspace }) => ({ channel: fields(knownChannel(args, workspace)) });

const open: Method = (args, { workspace }) => {
  const users = textOf(args, "users").split(",").filter(Boolean);
  if (users.length === 0 || users.some((id) => !workspace.users.has(id)))
    throw new SlackRefusal("user_not_found");
  const members = [...users, workspace.botUserId].sort();
  const kind = users.length === 1 ? "im" : "mpim";
  const existing = [...workspace.channels.values()].find(
    (one) => one.kind === kind && one.members.toSorted().join() === members.join(),
  );
  const channel = existing ?? workspace.addChannel({ name: users.join("-"), kind, members });
  return { channel: { id: channel.id }, already_open: existing !== undefined };
};

const ofBot: Method = (_args, { workspace }) => ({
  channels: [...workspace.channels.values()]
    .filter((channel) => channel.members.includes(workspace.botUserId))
    .map(fields),
  response_metadata: { next_cursor: "" },
});

/** The methods of this file. */
export const conversationMethods: Readonly<Record<string, Method>> = {
  "conversations.replies": replies,
  "conversations.history": history,
  "conversations.info": info,
  "conversations.open": open,
  "users.conversations": ofBot,
};

function readableChannel(args: Arguments, { workspace }: MethodContext): SlackChannel {
  const channel = knownChannel(args, workspace);
  if (!channel.members.includes(workspace.botUserId)) throw new SlackRefusal("not_in_channel");
  return channel;
}

function visibleMessages({ workspace }: MethodContext, channel: SlackChannel): SlackMessage[] {
  return workspace.messages.filter(
    (message) => message.channel === channel.id && !stateOf(message).deleted && !message.ephemeralTo,
  );
}

/** True for what a person sees in the channel itself. */
export function isTopLevel(message: SlackMessage): boolean {
  return !message.threadTs || message.threadTs === message.ts || message.subtype === "thread_broadcast";
}

/** A ts is compared by its width-equal digits, never as a float. */
function isWithin(message: SlackMessage, args: Arguments): boolean {
  const micros = BigInt(message.ts.replace(".", ""));
  const oldest = bound(textOf(args, "oldest"));
  const latest = bound(textOf(args, "latest"));
  const inclusive = flagOf(args, "inclusive", false) ? 1n : 0n;
  if (oldest !== undefined && micros <= oldest - inclusive) return false;
  return latest === undefined || micros < latest + inclusive;
}

function bound(ts: string): bigint | undefined {
  if (ts === "") return undefined;
  const [seconds = "0", fraction = ""] = ts.split(".");
  return BigInt(seconds + fraction.padEnd(6, "0").slice(0, 6));
}

function pageOf(messages: readonly SlackMessage[], args: Arguments, most = 999) {
  const start = Number(textOf(args, "cursor") || "0");
  const end = start + Math.min(most, Number(textOf(args, "limit") || "100"));
  return { messages: messages.slice(start, end), cursor: end < messages.length ? String(end) : "" };
}

function listing(messages: readonly SlackMessage[], cursor: string, args: Arguments, context: MethodContext) {
  const withMetadata = flagOf(args, "include_all_metadata", false);
  return {
    messages: messages.map((message) => ({
      ...messageFields(context.workspace, message),
      ...(message.subtype ? { subtype: message.subtype } : {}),
      ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
    })),
    has_more: cursor !== "",
    response_metadata: { next_cursor: cursor },
  };
}

function fields(channel: SlackChannel): Readonly<Record<string, unknown>> {
  const { id, name, kind, archived, members } = channel;
  const flags = { is_im: kind === "im", is_mpim: kind === "mpim", is_channel: kind === "channel" };
  return { id, name, ...flags, is_archived: archived, is_member: true, num_members: members.length };
}
