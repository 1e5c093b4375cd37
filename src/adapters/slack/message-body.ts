/** What `chat.postMessage` and `chat.update` get for a page. */

import type { KnownBlock } from "@slack/types";
import { z } from "zod";
import type { Page } from "../../core/platform/page.ts";
import { toChoiceBlocks } from "./choice-blocks.ts";
import { escapeText } from "./markup.ts";

/** Text and blocks of one call. */
export interface MessageBody {
  /** With blocks: only what notifications show. */
  readonly text: string;
  readonly blocks?: KnownBlock[];
}

/** `chat.update` refuses longer text. */
const textMax = 4_000;
const sectionTextMax = 3_000;

const rendered = z.object({ text: z.string(), blocks: z.array(z.custom<KnownBlock>()) });

/** The renderer's own body; for a page without one, its plain text, in which nothing is markup. */
export function toMessageBody(page: Page): MessageBody {
  const parsed = rendered.safeParse(page.body);
  const under = page.button === undefined ? [] : toChoiceBlocks([[page.button]], undefined);
  if (!parsed.success) return plainBody(page.plain, under);
  const { text, blocks } = parsed.data;
  return { text, blocks: [...blocks, ...under] };
}

function plainBody(plain: string, under: readonly KnownBlock[]): MessageBody {
  const text = escapeText(plain);
  if (text.length <= textMax && under.length === 0) return { text };
  // Escapes made it too long for text; plain_text needs none.
  const pieces = plain.match(new RegExp(`[\\s\\S]{1,${sectionTextMax}}`, "gu")) ?? [];
  const blocks = pieces.map(
    (piece): KnownBlock => ({
      type: "section",
      expand: true,
      text: { type: "plain_text", text: piece, emoji: false },
    }),
  );
  return { text: escapeText(plain.slice(0, 500)), blocks: [...blocks, ...under] };
}
