/** What a message brings besides text, in words for a person. */

import { words } from "../../core/words.ts";
import type { TelegramMessage } from "./update.ts";

const { content } = words;

/** Fields of a message that hold content, the more telling first: a venue has a location too, a GIF a document. */
const contents: readonly (readonly [string, string])[] = [
  ["animation", content.animation],
  ["audio", content.audio],
  ["checklist", content.checklist],
  ["contact", content.contact],
  ["dice", content.dice],
  ["document", content.document],
  ["game", content.game],
  ["giveaway", content.giveaway],
  ["invoice", content.invoice],
  ["live_photo", content.livePhoto],
  ["paid_media", content.paidMedia],
  ["photo", content.photo],
  ["poll", content.poll],
  ["sticker", content.sticker],
  ["story", content.story],
  ["venue", content.venue],
  ["location", content.location],
  ["video_note", content.videoNote],
  ["video", content.video],
  ["voice", content.voice],
  ["passport_data", content.passportData],
  ["web_app_data", content.webAppData],
];

/** Fields of messages that nobody wrote: what happened in the chat. */
const service =
  /^(new_chat_|left_chat_|delete_chat_|group_chat_|supergroup_chat_|channel_chat_|migrate_|pinned_message|forum_topic_|general_forum_topic_|video_chat_|message_auto_delete_|community_chat_|suggested_post_|chat_|users_shared|successful_payment|refunded_payment|connected_website|write_access_|proximity_alert_|boost_added|giveaway_|gift|unique_gift|paid_message_|direct_message_|checklist_tasks_|poll_option_|managed_bot_)/;

/** What Parley cannot read in a message; `undefined` when it is text alone, or nobody's message. */
export function unsupportedContent(message: TelegramMessage): string | undefined {
  const known = contents.find(([field]) => message[field] !== undefined);
  if (known !== undefined) return known[1];
  if (message.text !== undefined || isService(message)) return undefined;
  return content.other;
}

/** True for the platform's own notices: a member joined, a message was pinned. */
export function isService(message: TelegramMessage): boolean {
  return Object.keys(message).some((field) => service.test(field));
}
