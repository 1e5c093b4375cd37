/** The parts of Slack's events and commands that Parley reads, as schemas. */

import { z } from "zod";
import { tsPattern } from "./address.ts";

const ts = z.string().regex(tsPattern);

const file = z.object({
  id: z.string().optional(),
  name: z.string().nullish(),
  size: z.number().optional(),
  mimetype: z.string().optional(),
  subtype: z.string().nullish(),
});

/** What stands beside a text: a message that was forwarded, the preview of a link, what apps add. */
const attachment = z.object({
  is_share: z.boolean().optional(),
  is_msg_unfurl: z.boolean().optional(),
  author_id: z.string().nullish(),
  author_name: z.string().nullish(),
  author_subname: z.string().nullish(),
  text: z.string().nullish(),
  fallback: z.string().nullish(),
  files: z.array(file).nullish(),
});

const messageEvent = z.object({
  channel: z.string(),
  /** Not in `app_mention`. */
  channel_type: z.string().optional(),
  subtype: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().nullish(),
  text: z.string().nullish(),
  ts,
  thread_ts: ts.optional(),
  files: z.array(file).nullish(),
  // What cannot be read of these is left out: it is not the message itself.
  attachments: z.array(attachment).nullish().catch(undefined),
});

/** `message` and `app_mention`, as far as they are the same. */
export type SlackMessageEvent = Readonly<z.output<typeof messageEvent>>;
/** One file of a message. */
export type SlackFile = z.output<typeof file>;
/** One thing that stands beside a text. */
export type SlackForwarded = Readonly<z.output<typeof attachment>>;

/** A message inside an event that tells of it; the channel stands outside. */
const innerMessage = messageEvent.omit({ channel: true, channel_type: true }).extend({
  /** Who changed it last, and when. */
  edited: z.object({ user: z.string(), ts }).nullish(),
});

const changeEvent = z.object({
  subtype: z.enum(["message_changed", "message_deleted"]),
  channel: z.string(),
  channel_type: z.string().optional(),
  event_ts: ts,
  /** What it is now; a deleted root of a thread is now a `tombstone`. */
  message: innerMessage.nullish(),
  previous_message: innerMessage.nullish(),
});

/** `message_changed` or `message_deleted`. */
export type SlackChangeEvent = Readonly<z.output<typeof changeEvent>>;
/** A message as such an event tells of it. */
export type SlackInnerMessage = Readonly<z.output<typeof innerMessage>>;

const slashCommand = z.object({
  channel_id: z.string(),
  channel_name: z.string().optional(),
  user_id: z.string(),
  user_name: z.string().optional(),
  text: z.string().optional(),
  trigger_id: z.string(),
  response_url: z.string(),
  thread_ts: ts.optional(),
});

/** A slash command. */
export type SlackSlashCommand = Readonly<z.output<typeof slashCommand>>;

const stopEvent = z.object({
  channel: z.string(),
  user: z.string(),
  thread_ts: ts.optional(),
  event_ts: ts.optional(),
});

/** `agent_session_stopped`. */
export type SlackStopEvent = Readonly<z.output<typeof stopEvent>>;

const homeEvent = z.object({
  user: z.string(),
  channel: z.string(),
  /** `messages`: the private chat. */
  tab: z.string().optional(),
});

/** `app_home_opened`. */
export type SlackHomeEvent = Readonly<z.output<typeof homeEvent>>;

/** @throws ZodError when `event` is not somebody's opening of the app */
export function parseHomeEvent(event: unknown): SlackHomeEvent {
  return homeEvent.parse(event);
}

/** @throws ZodError when `event` is not a message as Slack documents it */
export function parseMessageEvent(event: unknown): SlackMessageEvent {
  return messageEvent.parse(event);
}

/** @throws ZodError when `event` is not a change of a message as Slack documents it */
export function parseChangeEvent(event: unknown): SlackChangeEvent {
  return changeEvent.parse(event);
}

/** @throws ZodError when `body` is not a slash command */
export function parseSlashCommand(body: unknown): SlackSlashCommand {
  return slashCommand.parse(body);
}

/** @throws ZodError when `event` is not a press of Slack's Stop button */
export function parseStopEvent(event: unknown): SlackStopEvent {
  return stopEvent.parse(event);
}

/**
 * What a person may have written. `message_changed`, joins, topics and the like have other shapes and other meanings.
 * @see docs.slack.dev/reference/events/message#subtypes
 */
export function isPersonsMessage(event: unknown): boolean {
  const subtype = subtypeOf(event);
  return subtype === undefined || persons.has(String(subtype));
}

/** `message_share`, of some forwarded messages, is in no documentation (avibe-bot/avibe#49). */
const persons: ReadonlySet<string> = new Set([
  "file_share",
  "thread_broadcast",
  "me_message",
  "message_share",
]);

/** True for the events that tell what became of a message. */
export function isChange(event: unknown): boolean {
  return ["message_changed", "message_deleted"].includes(String(subtypeOf(event)));
}

function subtypeOf(event: unknown): unknown {
  if (typeof event !== "object" || event === null) return null;
  return (event as Readonly<Record<string, unknown>>).subtype;
}
