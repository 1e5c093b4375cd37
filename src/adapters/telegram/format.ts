/**
 * A reply in Telegram's forms: text and entities, at most 4,096 UTF-16 units a message [platform-facts A2, A8]; and where
 * that is wanted, blocks of a rich message beside it [A7]. A page has both, for Telegram may refuse the blocks.
 */

import { z } from "zod";
import { fingerprintOf } from "../../core/markdown/fingerprint.ts";
import { layout } from "../../core/markdown/layout.ts";
import { createPager } from "../../core/markdown/pager.ts";
import { isBlank } from "../../core/markdown/sanitise.ts";
import type { Page, ReplyRenderer } from "../../core/platform/page.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { toBody } from "./format-entities.ts";
import { type RichBlock, type RichBody, toRichBody } from "./format-rich.ts";
import { richLimits } from "./limits.ts";

const entitySchema = z.object({
  type: z.enum(["bold", "italic", "strikethrough", "code", "pre", "text_link", "blockquote"]),
  /** UTF-16 units, as Telegram and JavaScript count. */
  offset: z.int().min(0),
  length: z.int().min(1),
  url: z.string().exactOptional(),
  language: z.string().exactOptional(),
});

const bodySchema = z
  .object({
    text: z.string(),
    entities: z.array(entitySchema),
    rich: z.array(z.custom<RichBlock>()).exactOptional(),
  })
  .readonly();

export type TelegramEntity = Readonly<z.infer<typeof entitySchema>>;

/** What `sendMessage` and `editMessageText` take. */
export interface TelegramBody {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
  /** The same as blocks of a rich message; absent where it is to go out in the classic form. */
  readonly rich?: readonly RichBlock[];
}

/** Telegram's limit, and what of it a page leaves free for {@link prefixed}. */
const maxUtf16 = 4_096;
const reservedUtf16 = 64;
const reservedBlocks = 1;
/** All entities together may take about 9,500 bytes (tdlib/telegram-bot-api#165); addresses are their bulk. */
const maxUrlBytes = 6_000;
/** A table wider than this is written row by row; a phone shows about 40 characters, a computer about 70. */
const tableColumns = 50;

/** How a reply is rendered. */
export interface TelegramLook {
  /** In a group a name behind an `@` would call its owner; in private there is nobody else. Default `group`. */
  readonly place?: ReplyTarget["place"] | undefined;
  /** Rich messages as well. */
  readonly rich?: boolean;
}

interface Rendered {
  readonly body: TelegramBody;
  readonly rich: RichBody | undefined;
}

/** Renders one reply for Telegram. */
export function createTelegramRenderer({ place = "group", rich = false }: TelegramLook = {}): ReplyRenderer {
  const names = place === "private" ? "mentions" : "inert";
  const pager = createPager<Rendered>({
    render: (blocks) => ({
      body: toBody(layout(blocks, { tableColumns }), names),
      rich: rich ? toRichBody(blocks) : undefined,
    }),
    fill: ({ body: { text, entities }, rich: { count } = { count: 0 } }) =>
      Math.max(
        text.length / (maxUtf16 - reservedUtf16),
        urlBytes(entities) / maxUrlBytes,
        count / (richLimits.blocks - reservedBlocks),
      ),
    toPage: ({ body, rich: blocks }) => {
      if (isBlank(body.text)) return undefined;
      const plain = names === "inert" ? withoutNames(body.text) : body.text;
      return toPage(blocks?.isFaithful ? { ...body, rich: blocks.blocks } : body, plain);
    },
  });
  return { render: pager.render, prefixed };
}

/** The same page with `words` on a line in front. It fits as long as they take at most 31 UTF-16 units. */
export function prefixed(page: Page, words: string): Page {
  const { text, entities, rich } = parseTelegramBody(page.body);
  const front = `${words}\n`;
  const moved = entities.map((entity) => ({ ...entity, offset: entity.offset + front.length }));
  const blocks = rich && { rich: [{ type: "paragraph", text: words } as const, ...rich] };
  return toPage({ text: front + text, entities: moved, ...blocks }, front + page.plain);
}

/**
 * Reads a body back from storage.
 * @throws ZodError when `body` is none
 */
export function parseTelegramBody(body: unknown): TelegramBody {
  return bodySchema.parse(body);
}

function toPage(body: TelegramBody, plain: string): Page {
  return { fingerprint: fingerprintOf(body), plain, body };
}

/** As code or a link's label a name calls nobody; without its entity it would. The other `@` is as long as the first. */
function withoutNames(text: string): string {
  return text.replace(/(?<!\w)@(?=\w{2})/g, "\uff20");
}

function urlBytes(entities: readonly TelegramEntity[]): number {
  return entities.reduce((sum, { url }) => sum + (url === undefined ? 0 : Buffer.byteLength(url)), 0);
}
