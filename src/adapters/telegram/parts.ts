/** Which messages may be parts of one: an app cuts a long text, and sends an album as several messages. */

import type { Part } from "../../core/message.ts";
import { cutTextUtf16, hardCutUtf16 } from "./limits.ts";
import type { TelegramMessage } from "./update.ts";

/**
 * What a message may be a part of. Nothing in it says so but an album's id: apps cut a long text at its last line or
 * sentence within 4,096 characters and drop the space there, or right in a word where there is none.
 */
export function partOf({ media_group_id: key, text }: TelegramMessage): Part | undefined {
  if (key !== undefined) return { kind: "album", key };
  if (text === undefined || text.length < cutTextUtf16) return undefined;
  return { kind: "cut", glue: text.length >= hardCutUtf16 ? "" : "\n" };
}
