/** What becomes of a message on Slack: its author changes it, or it is deleted. */

import type { Arrival } from "../../core/inbox.ts";
import { toMicros } from "./address.ts";
import {
  isPersonsMessage,
  type SlackChangeEvent,
  type SlackInnerMessage,
  type SlackMessageEvent,
} from "./event-shapes.ts";
import { type ReceiveContext, toAnyMessage, toArrivals } from "./receive.ts";

/**
 * The arrivals of a `message_changed` or `message_deleted`. Previews of links, the bot's own edits and whatever else
 * leaves the author's words as they are give none. A deleted root of a thread is told as a change into a tombstone
 * [github.com/slack-edge/slack-edge/pull/10].
 */
export async function toChangeArrivals(
  event: SlackChangeEvent,
  context: ReceiveContext,
): Promise<readonly Arrival[]> {
  const { message, previous_message: previous } = event;
  if (event.subtype === "message_deleted" || message?.subtype === "tombstone") {
    return previous ? await toDeletion(toEvent(event, previous), context) : [];
  }
  if (!message || !isPersonsMessage(message) || message.text === previous?.text) return [];
  const { edited } = message;
  if (edited && edited.user !== message.user) return [];
  return await toEdit(toEvent(event, message), toMicros(edited?.ts ?? event.event_ts), context);
}

/** A root that has replies names itself as its thread; as a message it named none. */
function toEvent(
  { channel, channel_type }: SlackChangeEvent,
  { thread_ts, ...message }: SlackInnerMessage,
): SlackMessageEvent {
  const isReply = thread_ts !== undefined && thread_ts !== message.ts;
  return { ...message, channel, channel_type, ...(isReply ? { thread_ts } : {}) };
}

async function toDeletion(event: SlackMessageEvent, context: ReceiveContext): Promise<readonly Arrival[]> {
  const said = toAnyMessage(event, context);
  if (said === undefined) return [];
  const { id, conversation } = said;
  return [{ kind: "delete", id, conversation, expected: await isExpected(event, context) }];
}

async function toEdit(
  event: SlackMessageEvent,
  version: number,
  context: ReceiveContext,
): Promise<readonly Arrival[]> {
  const said = toAnyMessage(event, context);
  if (said === undefined) return [];
  const { id, conversation, text, unsupported } = said;
  const content = { v: 1 as const, text, ...(unsupported === undefined ? {} : { unsupported }) };
  return [{ kind: "edit", id, conversation, content, version, expected: await isExpected(event, context) }];
}

/** True when the message would be taken in. */
async function isExpected(event: SlackMessageEvent, context: ReceiveContext): Promise<boolean> {
  return (await toArrivals(event, context)).some(({ kind }) => kind === "message");
}
