/** Message entities: checked and mended as TDLib's `fix_formatted_text` does, and found in what people type. */

import { z } from "zod";
import { badRequest } from "./bot-api-error.ts";

/** One span of formatting; offsets and lengths in UTF-16 code units. */
export const entitySchema = z.looseObject({
  type: z.string(),
  offset: z.number().int(),
  length: z.number().int(),
  url: z.string().optional(),
  language: z.string().optional(),
});

/** One span of formatting, as the Bot API writes it. */
export type Entity = Readonly<z.output<typeof entitySchema>>;

/** A text with its formatting, as it is stored and shown. */
export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
  /** The blocks of a rich message, whose text and entities are what a person sees of it. */
  readonly rich?: readonly unknown[];
}

/** Text limits in Unicode code points, counted after parsing [platform-facts A2]. */
export const textLimits = { message: 4096, caption: 1024, rawBytes: 32_768 } as const;

/**
 * Applies the platform's rules to a text and its entities: control characters, offsets, surrogate pairs, trimming.
 * @param problem told of what Telegram mends in silence (crossing or wrongly nested entities)
 * @throws BotApiError with the platform's own words
 */
export function fixFormattedText(given: FormattedText, problem: (what: string) => void): FormattedText {
  for (const entity of given.entities) checkSpan(given.text, entity);
  const cleaned = trim(cleanCharacters(given));
  const entities = cleaned.entities.filter((entity) => entity.length > 0).sort(outermostFirst);
  return { text: cleaned.text, entities: dropMisnested(entities, problem) };
}

/** Mentions, commands and addresses in a text that a person typed; what a client would mark. */
export function findEntities(text: string): Entity[] {
  const found: Entity[] = [];
  const patterns = [
    ["mention", /(?<![\w@/])@[a-z]\w{2,31}/gi],
    ["bot_command", /(?<![\w/@])\/\w{1,64}(?:@\w{3,32})?(?![\w@/])/g],
    ["url", /https?:\/\/[^\s]+/g],
  ] as const;
  for (const [type, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      found.push({ type, offset: match.index, length: match[0].length });
    }
  }
  return found.sort(outermostFirst);
}

const literal = new Set(["code", "pre", "text_link", "url"]);

/** The names in a bot's text that the server makes mentions of, so that their owners are told [TD:MessageEntity.cpp]. */
export function findMentions({ text, entities }: FormattedText): string[] {
  const addresses = [...text.matchAll(/https?:\/\/[^\s]+/g)].map(({ 0: address, index }) => ({
    type: "url",
    offset: index,
    length: address.length,
  }));
  const covered = [...entities, ...addresses].filter(({ type }) => literal.has(type));
  const isCovered = (at: number) =>
    covered.some(({ offset, length }) => offset <= at && at < offset + length);
  const found = text.matchAll(/(?<=^|\W)@\w{2,32}(?!\w)/g);
  return [...found].flatMap(({ 0: name, index }) => (isCovered(index) ? [] : [name]));
}

function checkSpan(text: string, { offset, length }: Entity): void {
  if (offset < 0 || offset > 1_000_000) throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (length < 0 || length > 1_000_000) throw badRequest(`receive an entity with incorrect length ${length}`);
  if (length === 0) return;
  const end = offset + length;
  if (offset > text.length)
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
  if (end > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    );
  }
  if (cutsSymbol(text, offset)) {
    throw badRequest(
      `entity begins in a middle of a UTF-16 symbol at byte offset ${byteOffset(text, offset)}`,
    );
  }
  if (cutsSymbol(text, end)) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${byteOffset(text, end)}`,
    );
  }
}

function cutsSymbol(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
}

function byteOffset(text: string, at: number): number {
  return Buffer.byteLength(text.slice(0, at));
}

/** Carriage returns go; other control characters, tabs included, become spaces [TD:td/telegram/MessageEntity.cpp]. */
function cleanCharacters({ text, entities }: FormattedText): FormattedText {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this line is about
  const spaced = text.replace(/[\0-\x09\x0b\x0c\x0e-\x1f]/g, " ");
  if (!spaced.includes("\r")) return { text: spaced, entities };
  const shift = (at: number) => at - (spaced.slice(0, at).match(/\r/g)?.length ?? 0);
  return { text: spaced.replaceAll("\r", ""), entities: entities.map((entity) => moved(entity, shift)) };
}

/** White space at both ends goes, at the start only as far as the first entity. */
function trim({ text, entities }: FormattedText): FormattedText {
  const firstEntity = Math.min(text.length, ...entities.map((entity) => entity.offset));
  const leading = Math.min(text.length - text.trimStart().length, firstEntity);
  const trimmed = text.trimEnd().slice(leading);
  const shift = (at: number) => Math.min(Math.max(at - leading, 0), trimmed.length);
  return { text: trimmed, entities: entities.map((entity) => moved(entity, shift)) };
}

function moved(entity: Entity, shift: (at: number) => number): Entity {
  const offset = shift(entity.offset);
  return { ...entity, offset, length: shift(entity.offset + entity.length) - offset };
}

function outermostFirst(a: Entity, b: Entity): number {
  return a.offset - b.offset || b.length - a.length;
}

const splittable = new Set(["bold", "italic", "underline", "strikethrough", "spoiler"]);
const quotes = new Set(["blockquote", "expandable_blockquote"]);
const code = new Set(["code", "pre"]);

/** Leaves out what nests against the rules [platform-facts A8]; the platform splits or drops it without a word. */
function dropMisnested(sorted: readonly Entity[], problem: (what: string) => void): Entity[] {
  const kept: Entity[] = [];
  const open: Entity[] = [];
  for (const entity of sorted) {
    while (open.length > 0 && end(open.at(-1)) <= entity.offset) open.pop();
    const fault = open.map((outer) => misnesting(outer, entity)).find((found) => found !== undefined);
    if (fault !== undefined) {
      problem(`${fault} at UTF-16 offset ${entity.offset}`);
      continue;
    }
    kept.push(entity);
    open.push(entity);
  }
  return kept;
}

function misnesting(outer: Entity, inner: Entity): string | undefined {
  const pair = `${inner.type} in ${outer.type}`;
  if (end(inner) > end(outer)) return `crossing entities: ${pair}`;
  if (code.has(outer.type) || (code.has(inner.type) && splittable.has(outer.type)))
    return `forbidden nesting: ${pair}`;
  if (splittable.has(outer.type) || splittable.has(inner.type)) return undefined;
  if (quotes.has(outer.type) !== quotes.has(inner.type)) return undefined;
  return `forbidden nesting: ${pair}`;
}

function end(entity: Entity | undefined): number {
  return entity === undefined ? 0 : entity.offset + entity.length;
}
