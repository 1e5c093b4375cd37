/** One message of a thread as Slack lists it, and what of it can be told. */

import { z } from "zod";
import { words } from "../../core/words.ts";
import { tsPattern } from "./address.ts";

const attachment = z.object({
  is_share: z.boolean().optional(),
  pretext: z.string().nullish(),
  title: z.string().nullish(),
  text: z.string().nullish(),
  fallback: z.string().nullish(),
});

const threadMessage = z.object({
  ts: z.string().regex(tsPattern),
  subtype: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().nullish(),
  /** How another app's bot calls itself. */
  username: z.string().nullish(),
  bot_profile: z.object({ name: z.string().optional() }).nullish(),
  text: z.string().nullish(),
  files: z.array(z.object({ name: z.string().nullish() })).nullish(),
  attachments: z.array(attachment).nullish().catch(undefined),
});

/** A listed message, as far as it is read. */
export type ThreadMessage = Readonly<z.output<typeof threadMessage>>;

/** What somebody said; undefined for joins, topics, deleted roots and whatever cannot be read. */
export function parseThreadMessage(listed: unknown): ThreadMessage | undefined {
  const { success, data } = threadMessage.safeParse(listed);
  return success && (data.subtype === undefined || told.has(data.subtype)) ? data : undefined;
}

/** @see docs.slack.dev/reference/events/message#subtypes */
const told: ReadonlySet<string> = new Set([
  "bot_message",
  "file_share",
  "me_message",
  "message_share",
  "thread_broadcast",
]);

/** Where alerts and reports of other apps put what they say, and Slack what somebody forwards. */
function attachedText(attachments: NonNullable<ThreadMessage["attachments"]>): string {
  const texts = attachments.map(({ pretext, title, text, fallback }) => {
    const parts = [pretext, title, text].filter((part) => part);
    return parts.length > 0 ? parts.join("\n") : (fallback ?? "");
  });
  return texts.filter((text) => text !== "").join("\n");
}

/** The text in Slack's own markup. Beside a text of its own only what it forwards counts, not previews of its links. */
export function markupOf({ text, attachments }: ThreadMessage): string {
  const all = attachments ?? [];
  if (!text) return attachedText(all);
  const forwarded = attachedText(all.filter(({ is_share }) => is_share === true));
  return forwarded === "" ? text : `${text}\n[forwarded:]\n${forwarded}`;
}

/** The files by name, as the model is told of them; "" when there are none. */
export function filesOf({ files }: ThreadMessage): string {
  const names = (files ?? []).map(({ name }) => fileName(name ?? ""));
  return names.length === 0 ? "" : `[attached: ${names.join(", ")}]`;
}

/** One line without anything invisible, however somebody named it. */
function fileName(name: string): string {
  const plain = name
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}[\]]/gu, " ")
    .trim();
  return Array.from(plain).slice(0, 100).join("") || words.content.document;
}
