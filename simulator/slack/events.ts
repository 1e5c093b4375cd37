/** The Events API payloads that Slack makes out of what happens in a workspace. */

import { seenText } from "./seen.ts";
import { type MessageState, type SlackMessage, stateOf, type Workspace } from "./workspace.ts";

/** An `event_callback` body; `event_id` stays the same when it is delivered again. */
export interface EventBody {
  readonly type: "event_callback";
  readonly event_id: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/**
 * Wraps `event` as Slack delivers it.
 * @param from the workspace of whoever caused it: in a channel that several share, the envelope names theirs
 */
export function eventBody(
  workspace: Workspace,
  event: Readonly<Record<string, unknown>>,
  from = workspace.teamId,
): EventBody {
  const { teamId, botUserId } = workspace;
  const id = workspace.nextId("Ev");
  return {
    token: "verification-token-unused",
    team_id: from,
    context_team_id: teamId,
    context_enterprise_id: null,
    api_app_id: "A0PARLEY",
    event,
    type: "event_callback",
    event_id: id,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: from !== teamId,
    event_context: `context-${id}`,
  };
}

/** What the app gets told of a new message: `message`, and in channels that mention it also `app_mention`. */
export function messageEvents(workspace: Workspace, message: SlackMessage): EventBody[] {
  const channel = workspace.channels.get(message.channel);
  if (!channel || message.ephemeralTo || !channel.members.includes(workspace.botUserId)) return [];
  const fields = messageFields(workspace, message);
  const from = homeOf(workspace, message);
  const event = {
    ...fields,
    ...(message.subtype ? { subtype: message.subtype } : {}),
    channel_type: channel.kind,
  };
  const bodies = [eventBody(workspace, event, from)];
  const mentioned = stateOf(message).text.includes(`<@${workspace.botUserId}>`);
  if (mentioned && channel.kind !== "im" && !message.botId)
    bodies.push(eventBody(workspace, { ...fields, type: "app_mention" }, from));
  return bodies;
}

/**
 * What the app gets told of an edit, a deletion, or a preview that Slack has added to a message. A deleted root of a
 * thread stays as a tombstone.
 */
export function changeEvents(workspace: Workspace, message: SlackMessage): EventBody[] {
  const channel = workspace.channels.get(message.channel);
  if (!channel?.members.includes(workspace.botUserId)) return [];
  const eventTs = workspace.nextTs();
  const state = stateOf(message);
  const outer = {
    type: "message",
    hidden: true,
    channel: channel.id,
    channel_type: channel.kind,
    ts: eventTs,
    event_ts: eventTs,
    previous_message: innerFields(workspace, message, message.states.at(-2) ?? state),
  };
  const changed = { ...outer, subtype: "message_changed" };
  if (!state.deleted)
    return [eventBody(workspace, { ...changed, message: innerFields(workspace, message, state) })];
  const gone = hasReplies(workspace, message)
    ? { ...changed, message: tombstone(message) }
    : { ...outer, subtype: "message_deleted", deleted_ts: message.ts };
  return [eventBody(workspace, gone)];
}

/** A message inside an event that tells of it. */
function innerFields(
  workspace: Workspace,
  message: SlackMessage,
  state: MessageState,
): Record<string, unknown> {
  const { channel: _channel, event_ts: _eventTs, ...fields } = messageFields(workspace, message, state);
  const subtype = message.subtype ? { subtype: message.subtype } : {};
  return { ...fields, ...subtype, ...(hasReplies(workspace, message) ? { thread_ts: message.ts } : {}) };
}

function hasReplies({ messages }: Workspace, { channel, ts }: SlackMessage): boolean {
  return messages.some((other) => other.channel === channel && other.threadTs === ts && other.ts !== ts);
}

/** As an app was sent it [github.com/slack-edge/slack-edge/pull/10]. */
function tombstone({ ts }: SlackMessage): Record<string, unknown> {
  const text = "This message was deleted.";
  return { type: "message", subtype: "tombstone", text, user: "USLACKBOT", hidden: true, ts, thread_ts: ts };
}

/** Slack's own Stop button was pressed. */
export function stopEvent(workspace: Workspace, channel: string, user: string, threadTs: string): EventBody {
  return eventBody(workspace, {
    type: "agent_session_stopped",
    channel,
    user,
    thread_ts: threadTs,
    streaming_message_ts: workspace.openStreams(channel, threadTs).map(({ ts }) => ts),
    event_ts: workspace.nextTs(),
  });
}

/** A person opened the app's messages tab, or its home. */
export function homeOpenedEvent(
  workspace: Workspace,
  channel: string,
  user: string,
  tab: "home" | "messages",
): EventBody {
  // Not a ts like any other: Slack writes it without the point.
  const eventTs = workspace.nextTs().replace(".", "");
  return eventBody(workspace, { type: "app_home_opened", user, channel, tab, event_ts: eventTs });
}

/** A message as events and `conversations.replies` show it. */
export function messageFields(
  workspace: Workspace,
  message: SlackMessage,
  state: MessageState = stateOf(message),
): Record<string, unknown> {
  const author = workspace.users.get(message.user);
  return {
    type: "message",
    user: message.user,
    ts: message.ts,
    text: state.text,
    team: homeOf(workspace, message),
    ...(message.botId ? { bot_id: message.botId, app_id: "A0PARLEY" } : { client_msg_id: `c-${message.ts}` }),
    ...(author?.stranger ? { user_team: author.teamId, source_team: author.teamId } : {}),
    ...(message.threadTs ? threadFields(workspace, message, message.threadTs) : {}),
    ...(message.stream ? { streaming_state: workspace.streamState(message) } : {}),
    ...(message.files.length > 0
      ? {
          files: message.files.map(({ content, ...file }) => ({ ...file, size: Buffer.byteLength(content) })),
        }
      : {}),
    ...(state.editedTs ? { edited: { user: message.user, ts: state.editedTs } } : {}),
    ...(state.attachments ? { attachments: state.attachments } : {}),
    blocks: state.blocks.length > 0 ? state.blocks : typedBlocks(workspace, state),
    channel: message.channel,
    event_ts: message.ts,
  };
}

/** The workspace that the author belongs to. */
function homeOf({ users, teamId }: Workspace, { user }: SlackMessage): string {
  return users.get(user)?.teamId ?? teamId;
}

function threadFields(workspace: Workspace, message: SlackMessage, threadTs: string) {
  const parent = workspace.message(message.channel, threadTs);
  return threadTs === message.ts
    ? { thread_ts: threadTs }
    : { thread_ts: threadTs, parent_user_id: parent?.user };
}

/** Slack's editor sends rich text beside the text; receivers that read blocks must find the same words. */
function typedBlocks(workspace: Workspace, state: MessageState): readonly unknown[] {
  const text = seenText(state, (id) => workspace.users.get(id)?.name ?? id);
  const section = { type: "rich_text_section", elements: [{ type: "text", text }] };
  return [{ type: "rich_text", block_id: "b1", elements: [section] }];
}

/** The name under which an app subscribes to this event: `message.im`, `app_mention`. */
export function subscriptionName({ event }: EventBody): string {
  if (event.type !== "message") return String(event.type);
  const kinds: Readonly<Record<string, string>> = { channel: "channels", group: "groups" };
  const kind = String(event.channel_type);
  return `message.${kinds[kind] ?? kind}`;
}
