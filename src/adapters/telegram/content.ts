/** What a message brings besides text, in words for a person. */

import { words } from "../../core/words.ts";

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

type Fields = Readonly<Record<string, unknown>>;

/** What Parley cannot read in a message; `undefined` when it is text alone, or nobody's message. */
export function unsupportedContent(message: Fields): string | undefined {
  const known = knownContent(message);
  if (known !== undefined) return known;
  if (message.text !== undefined || message.rich_message !== undefined || isService(message))
    return undefined;
  return content.other;
}

/** What a message, or what is told of one, brings besides text. */
export function knownContent(message: Fields): string | undefined {
  return contents.find(([field]) => message[field] !== undefined)?.[1];
}

/** True for the platform's own notices: a member joined, a message was pinned. */
export function isService(message: Fields): boolean {
  return Object.keys(message).some((field) => service.test(field));
}
