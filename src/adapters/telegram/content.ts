/** What a message brings besides text, in words for a person. */

import type { TelegramMessage } from "./update.ts";

/** Fields of a message that hold content, the more telling first: a venue has a location too, a GIF a document. */
const contents: readonly (readonly [string, string])[] = [
  ["animation", "a GIF"],
  ["audio", "an audio file"],
  ["checklist", "a checklist"],
  ["contact", "a contact"],
  ["dice", "a dice"],
  ["document", "a file"],
  ["game", "a game"],
  ["giveaway", "a giveaway"],
  ["invoice", "an invoice"],
  ["live_photo", "a live photo"],
  ["paid_media", "paid media"],
  ["photo", "a photo"],
  ["poll", "a poll"],
  ["sticker", "a sticker"],
  ["story", "a story"],
  ["venue", "a place"],
  ["location", "a location"],
  ["video_note", "a video message"],
  ["video", "a video"],
  ["voice", "a voice message"],
  ["passport_data", "passport data"],
  ["web_app_data", "data of a web app"],
];

/** Fields of messages that nobody wrote: what happened in the chat. */
const service =
  /^(new_chat_|left_chat_|delete_chat_|group_chat_|supergroup_chat_|channel_chat_|migrate_|pinned_message|forum_topic_|general_forum_topic_|video_chat_|message_auto_delete_|community_chat_|suggested_post_|chat_|users_shared|successful_payment|refunded_payment|connected_website|write_access_|proximity_alert_|boost_added|giveaway_|gift|unique_gift|paid_message_|direct_message_|checklist_tasks_|poll_option_|managed_bot_)/;

/** What Parley cannot read in a message; `undefined` when it is text alone, or nobody's message. */
export function unsupportedContent(message: TelegramMessage): string | undefined {
  const known = contents.find(([field]) => message[field] !== undefined);
  if (known !== undefined) return known[1];
  if (message.text !== undefined || isService(message)) return undefined;
  return "this kind of message";
}

/** True for the platform's own notices: a member joined, a message was pinned. */
export function isService(message: TelegramMessage): boolean {
  return Object.keys(message).some((field) => service.test(field));
}
