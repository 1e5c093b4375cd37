/**
 * Rich messages: blocks with headings, lists and tables of their own [Bot API 10.2, InputRichMessage]. Read with the
 * documented limits; what a person sees of one is kept as a text with entities beside its blocks.
 */

import { z } from "zod";
import { badRequest } from "./bot-api-error.ts";
import type { Entity, FormattedText } from "./entities.ts";

/** [core.telegram.org/bots/api, Rich Message Limits] */
export const richLimits = { characters: 32_768, blocks: 500, levels: 16, columns: 20 } as const;

const messageSchema = z.looseObject({
  blocks: z.array(z.unknown()).optional(),
  html: z.string().optional(),
  markdown: z.string().optional(),
  skip_entity_detection: z.boolean().default(false),
});

/**
 * Reads a `rich_message`.
 * @param problem told of what the real server would do beside: look for names, fetch media, parse a text
 * @throws BotApiError in the server's words where they are known [openclaw#94179, opencrabs#651], else in its manner
 */
export function readRichMessage(given: unknown, problem: (what: string) => void): FormattedText {
  const parsed = messageSchema.safeParse(typeof given === "string" ? JSON.parse(given) : given);
  if (!parsed.success) throw badRequest("can't parse InputRichMessage: Object expected");
  const { blocks, html, markdown, skip_entity_detection: isLiteral } = parsed.data;
  if (html !== undefined || markdown !== undefined) problem("a rich message was parsed from text");
  if (blocks === undefined || blocks.length === 0) throw badRequest("RICH_MESSAGE_CONTENT_REQUIRED");
  const reader = new BlockReader(problem);
  reader.blocks(blocks, 0);
  const { text, entities } = reader.read();
  if (text.trim() === "") throw badRequest("RICH_MESSAGE_CONTENT_REQUIRED");
  if (!isLiteral) problem("a rich message is looked through for names and addresses");
  return { rich: blocks, text, entities };
}

/** The same as a `RichMessage`, in which lists bear their labels. */
export function toWireRich(blocks: readonly unknown[]): unknown {
  return { blocks: blocks.map(toWireBlock) };
}

function toWireBlock(given: unknown): unknown {
  const block = fieldsOf(given);
  const inner = Array.isArray(block.blocks) ? { blocks: block.blocks.map(toWireBlock) } : {};
  const items = Array.isArray(block.items) ? { items: block.items.map(toWireItem) } : {};
  return { ...block, ...inner, ...items };
}

function toWireItem(given: unknown): unknown {
  const item = fieldsOf(given);
  const blocks = Array.isArray(item.blocks) ? item.blocks.map(toWireBlock) : [];
  return { ...item, blocks, label: item.value === undefined ? "•" : `${item.value}.` };
}

type Fields = Readonly<Record<string, unknown>>;

const media = new Set([
  "animation",
  "audio",
  "document",
  "photo",
  "video",
  "voice_note",
  "collage",
  "slideshow",
]);
const styles = new Set(["bold", "italic", "underline", "strikethrough", "spoiler", "code"]);

/** Walks the blocks, counts, and writes down what is to be seen. */
class BlockReader {
  #text = "";
  readonly #entities: Entity[] = [];
  readonly #problem: (what: string) => void;
  #characters = 0;
  #blocks = 0;

  constructor(problem: (what: string) => void) {
    this.#problem = problem;
  }

  read(): FormattedText {
    return { text: this.#text, entities: this.#entities.filter(({ length }) => length > 0) };
  }

  /** @param depth how many blocks and formats are around */
  blocks(given: unknown, depth: number, gap = "\n\n"): void {
    if (!Array.isArray(given)) throw unreadable('Can\'t find field "blocks"');
    for (const [index, block] of given.entries()) {
      if (index > 0) this.#text += gap;
      this.#block(fieldsOf(block), depth);
    }
  }

  #block(block: Fields, depth: number): void {
    this.#count(1, depth);
    switch (block.type) {
      case "paragraph":
      case "footer":
        this.#richText(needed(block, "text"), depth);
        return;
      case "heading":
        if (![1, 2, 3, 4, 5, 6].includes(Number(block.size))) throw unreadable('Can\'t find field "size"');
        this.#marked("bold", () => this.#richText(needed(block, "text"), depth));
        return;
      case "pre":
        this.#marked("pre", () => this.#richText(needed(block, "text"), depth), block);
        return;
      case "divider":
        this.#text += "──────────";
        return;
      case "blockquote":
        this.#marked("blockquote", () => this.blocks(block.blocks, depth + 1));
        return;
      case "list":
        this.#list(block, depth);
        return;
      case "table":
        this.#table(block, depth);
        return;
      default:
        if (!media.has(String(block.type))) throw unreadable("Unsupported type specified");
        this.#problem(`a rich message carries media: ${block.type}`);
    }
  }

  #list(block: Fields, depth: number): void {
    if (!Array.isArray(block.items)) throw unreadable('Can\'t find field "items"');
    if (block.items.length === 0) throw badRequest("RICH_MESSAGE_CONTENT_REQUIRED");
    for (const [index, given] of block.items.entries()) {
      const item = fieldsOf(given);
      this.#count(1, depth + 1);
      if (index > 0) this.#text += "\n";
      const box = item.has_checkbox === true ? (item.is_checked === true ? "☑ " : "☐ ") : undefined;
      this.#text += box ?? (item.value === undefined ? "• " : `${item.value}. `);
      if (Array.isArray(item.blocks) && item.blocks.length === 0)
        throw badRequest("RICH_MESSAGE_CONTENT_REQUIRED");
      this.blocks(item.blocks, depth + 2, "\n");
    }
  }

  /** Shown as a row a line, cells apart by bars. */
  #table(block: Fields, depth: number): void {
    if (!Array.isArray(block.cells)) throw unreadable('Can\'t find field "cells"');
    for (const [index, row] of block.cells.entries()) {
      if (!Array.isArray(row)) throw unreadable("Table row must be an Array");
      if (row.length > richLimits.columns) throw badRequest("RICH_MESSAGE_TABLE_COLUMNS_TOO_MUCH");
      this.#count(1, depth + 1);
      if (index > 0) this.#text += "\n";
      for (const [column, given] of row.entries()) {
        const cell = fieldsOf(given);
        if (column > 0) this.#text += " | ";
        needed(cell, "align");
        needed(cell, "valign");
        if (cell.text !== undefined) this.#richText(cell.text, depth + 1);
      }
    }
  }

  /** A `RichText`: a string, a list of such, or one with a format. */
  #richText(given: unknown, depth: number): void {
    if (typeof given === "string") {
      this.#characters += [...given].length;
      if (this.#characters > richLimits.characters) throw badRequest("RICH_MESSAGE_TOO_LONG");
      this.#text += given;
    } else if (Array.isArray(given)) for (const part of given) this.#richText(part, depth);
    else this.#formatted(fieldsOf(given), depth + 1);
  }

  #formatted(part: Fields, depth: number): void {
    this.#count(0, depth);
    const inner = () => this.#richText(needed(part, "text"), depth);
    const type = String(part.type);
    if (type === "url") this.#marked("text_link", inner, { url: checkedUrl(part) });
    else if (styles.has(type)) this.#marked(type, inner);
    else throw unreadable("Unsupported rich text type");
  }

  #marked(type: string, write: () => void, more: Fields = {}): void {
    const offset = this.#text.length;
    write();
    const length = this.#text.length - offset;
    const { url, language } = more;
    this.#entities.push({
      type,
      offset,
      length,
      ...(typeof url === "string" ? { url } : {}),
      ...(typeof language === "string" ? { language } : {}),
    });
  }

  #count(blocks: number, depth: number): void {
    this.#blocks += blocks;
    if (this.#blocks > richLimits.blocks) throw badRequest("RICH_MESSAGE_BLOCKS_TOO_MUCH");
    if (depth > richLimits.levels) throw badRequest("RICH_MESSAGE_NESTING_TOO_DEEP");
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw unreadable("Object expected");
  return value as Fields;
}

function needed(fields: Fields, name: string): unknown {
  const value = fields[name];
  if (value === undefined || value === "") throw unreadable(`Can't find field "${name}"`);
  return value;
}

function checkedUrl(part: Fields): string {
  const url = String(needed(part, "url"));
  if (!/^https?:\/\/[^\s/]/.test(url)) throw badRequest("RICH_MESSAGE_URL_INVALID");
  return url;
}

function unreadable(what: string): Error {
  return badRequest(`can't parse InputRichBlock: ${what}`);
}
