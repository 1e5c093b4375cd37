/** What holds for every reply, however it is written and however it grows. */

import { describe, expect, test } from "vitest";
import { readRichMessage } from "../../simulator/telegram/rich.ts";
import { createSlackRenderer, parseSlackBody } from "../../src/adapters/slack/format.ts";
import {
  createTelegramRenderer,
  parseTelegramBody,
  type TelegramEntity,
} from "../../src/adapters/telegram/format.ts";
import { toBlocks } from "../../src/core/markdown/blocks.ts";
import { layout } from "../../src/core/markdown/layout.ts";
import { runsText } from "../../src/core/markdown/runs.ts";
import type { Page, ReplyRenderer } from "../../src/core/platform/page.ts";
import { hostile, wellFormed } from "./corpus.ts";
import { seeded } from "./readable.ts";

const platforms: readonly (readonly [string, () => ReplyRenderer, (page: Page) => string[], number])[] = [
  ["Telegram", createTelegramRenderer, telegramFaults, 50],
  ["Telegram with rich messages", () => createTelegramRenderer({ rich: true }), richFaults, 50],
  ["Slack", createSlackRenderer, slackFaults, 76],
];

const codeTypes = new Set(["code", "pre"]);
const styleTypes = new Set(["bold", "italic", "strikethrough"]);

/** What Telegram would refuse or mend in silence. */
function telegramFaults(page: Page): string[] {
  const { text, entities } = parseTelegramBody(page.body);
  const faults: string[] = [];
  if (text.length > 4_064) faults.push(`too long: ${text.length}`);
  if (text.trim() === "") faults.push("empty");
  if (text.trimEnd() !== text || (entities[0]?.offset !== 0 && text.trimStart() !== text))
    faults.push("not trimmed");
  if (!text.isWellFormed()) faults.push("half a character");
  if (/[[\p{Cc}--\n]\u202a-\u202e\u2066-\u2069]/v.test(text)) faults.push("control or bidi character");
  if (entities.length > 100) faults.push(`too many entities: ${entities.length}`);
  for (const [index, entity] of entities.entries()) {
    const covered = text.slice(entity.offset, entity.offset + entity.length);
    const shown = `${entity.type} ${entity.offset}+${entity.length}`;
    if (covered.length !== entity.length || /^[ \n]|[ \n]$/.test(covered))
      faults.push(`not trimmed: ${shown}`);
    if (!covered.isWellFormed()) faults.push(`cuts a character: ${shown}`);
    for (const outer of entities.slice(0, index)) {
      if (outer.offset + outer.length <= entity.offset) continue;
      if (isForbidden(outer, entity))
        faults.push(`${shown} in ${outer.type} ${outer.offset}+${outer.length}`);
    }
  }
  return faults;
}

function isForbidden(outer: TelegramEntity, inner: TelegramEntity): boolean {
  if (inner.offset < outer.offset || inner.offset + inner.length > outer.offset + outer.length) return true;
  if (codeTypes.has(outer.type) || (codeTypes.has(inner.type) && styleTypes.has(outer.type))) return true;
  if (styleTypes.has(outer.type) || styleTypes.has(inner.type)) return outer.type === inner.type;
  return (outer.type === "blockquote") === (inner.type === "blockquote");
}

/** The same of both forms of a page, and what in the rich one would call, fetch or be parsed. */
function richFaults(page: Page): string[] {
  const { rich } = parseTelegramBody(page.body);
  const faults = telegramFaults(page);
  if (rich === undefined) return faults;
  try {
    const seen = readRichMessage({ blocks: rich, skip_entity_detection: true }, (what) => faults.push(what));
    if (!seen.text.isWellFormed()) faults.push("half a character");
  } catch (error) {
    faults.push(String(error));
  }
  return faults;
}

/** What Slack would refuse, or could ping with. */
function slackFaults(page: Page): string[] {
  const { text, blocks } = parseSlackBody(page.body);
  const faults: string[] = [];
  if (text.length > 3_768) faults.push(`too long: ${text.length}`);
  if (blocks.length === 0) faults.push("no blocks");
  for (const part of [text, ...blocks.map((block) => block.text.text)]) {
    if (!part.isWellFormed()) faults.push("half a character");
    const bare = part.replace(/<(?:https?:|mailto:)[^<>\s|]+(?:\|[^<>\n]+)?>/g, "").replace(/^>/gm, "");
    if (/[<>]/.test(bare)) faults.push(`unescaped: ${/.{0,20}[<>].{0,20}/.exec(bare)?.[0]}`);
    if (/&(?!amp;|lt;|gt;)/.test(part)) faults.push("unescaped ampersand");
    if (/@(?:channel|here|everyone)\b/i.test(part)) faults.push("a ping");
  }
  for (const block of blocks) if (block.text.text.length > 2_900) faults.push("section too long");
  return faults;
}

/** Renders a reply that grows by random steps, and says where a frozen page changed. */
function grow(
  renderer: ReplyRenderer,
  text: string,
  maxStep: number,
  seed: number,
): { pages: readonly Page[]; changes: string[] } {
  const random = seeded(seed);
  const changes: string[] = [];
  let before: readonly Page[] = [];
  for (let end = 0; end < text.length; ) {
    end = Math.min(text.length, end + 1 + Math.floor(random() * maxStep));
    const pages = renderer.render(text.slice(0, end), "preview");
    before.slice(0, -1).forEach((page, index) => {
      if (pages[index] !== page) changes.push(`page ${index} at ${end}`);
    });
    before = pages;
  }
  const pages = renderer.render(text, "final");
  before.slice(0, -1).forEach((page, index) => {
    if (pages[index] !== page) changes.push(`page ${index} at the end`);
  });
  return { pages, changes };
}

/** The letters and digits a person reads, in order; what a table repeats on each page is left out. */
function letters(pages: readonly Page[]): string {
  return lettersOf(pages.map(({ plain }) => plain).join("\n"));
}

function lettersOf(text: string): string {
  return text.replace(/^\s*Name +\| Amount.*$/gm, "").replace(/[^\p{L}\p{N}]/gu, "");
}

/** The same of the whole reply on one endless page. */
function allLetters(text: string, tableColumns: number): string {
  const blocks = toBlocks(text, { offset: 0, heal: false, ordinal: undefined, tables: true });
  const pieces = layout(blocks, { tableColumns });
  return lettersOf(
    pieces.map((piece) => (piece.kind === "code" ? piece.text : runsText(piece.runs))).join("\n"),
  );
}

describe.each(platforms)("on %s", (_name, create, faults, tableColumns) => {
  test.each(Object.keys({ ...wellFormed, ...hostile }))(
    "every page keeps the platform's rules: %s",
    (key) => {
      const text = { ...wellFormed, ...hostile }[key] ?? "";
      const pages = create().render(text, "final");
      expect(pages.flatMap(faults)).toEqual([]);
    },
  );

  test.each(Object.keys(wellFormed))("a reply that grows keeps its pages and loses nothing: %s", (key) => {
    const text = wellFormed[key] ?? "";
    const { pages, changes } = grow(create(), text, 160, key.length);
    expect(changes).toEqual([]);
    expect(pages.flatMap(faults)).toEqual([]);
    expect(letters(pages)).toBe(letters(create().render(text, "final")));
    expect(letters(pages)).toBe(allLetters(text, tableColumns));
  });

  test("no hostile reply costs seconds: parsing stays linear", () => {
    const slow = Object.entries(hostile).filter(([, text]) => {
      const before = process.threadCpuUsage();
      create().render(text, "final");
      const { user, system } = process.threadCpuUsage(before);
      // Ten times the bound that bench/format.ts measures, for code that is not compiled yet.
      return (user + system) / 1_000 > (500 * Math.max(text.length, 40_000)) / 40_000;
    });
    expect(slow.map(([key]) => key)).toEqual([]);
  });

  test.each(Object.keys(hostile))("a hostile reply that grows keeps its pages: %s", (key) => {
    const text = (hostile[key] ?? "").slice(0, 24_000);
    const { pages, changes } = grow(create(), text, 1_200, key.length);
    expect(changes).toEqual([]);
    expect(pages.flatMap(faults)).toEqual([]);
  });
});
