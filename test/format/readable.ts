/** Puts rendered pages into a form in which a test reads like the chat. */

import { parseSlackBody } from "../../src/adapters/slack/format.ts";
import { parseTelegramBody, type TelegramEntity } from "../../src/adapters/telegram/format.ts";
import type { Page } from "../../src/core/platform/page.ts";

const tags: Readonly<Record<TelegramEntity["type"], string>> = {
  bold: "b",
  italic: "i",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  text_link: "a",
  blockquote: "quote",
};

/** A Telegram page with its entities as tags. */
export function tagged(page: Page | undefined): string {
  if (!page) return "";
  const { text, entities } = parseTelegramBody(page.body);
  const marks = entities.flatMap((entity, order) => {
    const detail = entity.url ?? entity.language;
    const tag = tags[entity.type];
    return [
      { at: entity.offset, order, mark: detail === undefined ? `<${tag}>` : `<${tag} ${detail}>` },
      { at: entity.offset + entity.length, order: -1 - order, mark: `</${tag}>` },
    ];
  });
  let out = text;
  for (const { at, mark } of marks.sort((a, b) => b.at - a.at || b.order - a.order)) {
    out = out.slice(0, at) + mark + out.slice(at);
  }
  return out;
}

/** A Slack page's text; zero-width characters of our own are shown as `·`. */
export function mrkdwn(page: Page | undefined): string {
  return page ? parseSlackBody(page.body).text.replace(/[\u200b\u2060]/g, "·") : "";
}

/** A repeatable sequence of numbers from 0 up to below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
