/** A reply in Telegram's form: text and entities, at most 4,096 UTF-16 units a message [platform-facts A2, A8]. */

import { z } from "zod";
import { fingerprintOf } from "../../core/markdown/fingerprint.ts";
import { layout } from "../../core/markdown/layout.ts";
import { createPager } from "../../core/markdown/pager.ts";
import { isBlank } from "../../core/markdown/sanitise.ts";
import type { Page, ReplyRenderer } from "../../core/platform.ts";
import { toBody } from "./format-entities.ts";

const entitySchema = z.object({
  type: z.enum(["bold", "italic", "strikethrough", "code", "pre", "text_link", "blockquote"]),
  /** UTF-16 units, as Telegram and JavaScript count. */
  offset: z.int().min(0),
  length: z.int().min(1),
  url: z.string().exactOptional(),
  language: z.string().exactOptional(),
});

const bodySchema = z.object({ text: z.string(), entities: z.array(entitySchema) }).readonly();

export type TelegramEntity = Readonly<z.infer<typeof entitySchema>>;

/** What `sendMessage` and `editMessageText` take. */
export interface TelegramBody {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
}

/** Telegram's limit, and what of it a page leaves free for {@link prefixed}. */
const maxUtf16 = 4_096;
const reservedUtf16 = 64;
/** All entities together may take about 9,500 bytes (tdlib/telegram-bot-api#165); addresses are their bulk. */
const maxUrlBytes = 6_000;
/** A table wider than this is written row by row; a phone shows about 40 characters, a computer about 70. */
const tableColumns = 50;

/** Renders one reply for Telegram. */
export function createTelegramRenderer(): ReplyRenderer {
  const pager = createPager<TelegramBody>({
    render: (blocks) => toBody(layout(blocks, { tableColumns })),
    fill: ({ text, entities }) =>
      Math.max(text.length / (maxUtf16 - reservedUtf16), urlBytes(entities) / maxUrlBytes),
    toPage: (body) => (isBlank(body.text) ? undefined : toPage(body)),
  });
  return { render: pager.render, prefixed };
}

/** The same page with `words` on a line in front. It fits as long as they take at most 31 UTF-16 units. */
export function prefixed(page: Page, words: string): Page {
  const { text, entities } = parseTelegramBody(page.body);
  const front = `${words}\n`;
  const moved = entities.map((entity) => ({ ...entity, offset: entity.offset + front.length }));
  return toPage({ text: front + text, entities: moved });
}

/**
 * Reads a body back from storage.
 * @throws ZodError when `body` is none
 */
export function parseTelegramBody(body: unknown): TelegramBody {
  return bodySchema.parse(body);
}

function toPage(body: TelegramBody): Page {
  return { fingerprint: fingerprintOf(body), plain: body.text, body };
}

function urlBytes(entities: readonly TelegramEntity[]): number {
  return entities.reduce((sum, { url }) => sum + (url === undefined ? 0 : Buffer.byteLength(url)), 0);
}
