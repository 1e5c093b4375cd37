/** Markdown source → blocks of the tree, with offsets into the source. */

import type { Token } from "markdown-it";
import { healed } from "./heal.ts";
import { literalInlines, type ToSource, toInlines } from "./inlines.ts";
import { blockTokens } from "./parser.ts";
import type {
  Alignment,
  Block,
  Cell,
  CodeBlock,
  CodeLine,
  Inline,
  Item,
  List,
  Paragraph,
  Row,
  Table,
} from "./tree.ts";

export interface ParseOptions {
  /** Source offset of the first character; negative when words were put in front. */
  readonly offset: number;
  /** The text is not finished: what is open at its end is closed, what is dangling is left out. */
  readonly heal: boolean;
  /** Number of the first item when the text begins inside an ordered list. */
  readonly ordinal: number | undefined;
  /** False where a table's row fits on no page: its source is shown then. */
  readonly tables: boolean;
}

/**
 * Parses a piece of Markdown.
 * @throws Error when it cannot be parsed without loss; {@link plainBlocks} always can
 */
export function toBlocks(src: string, options: ParseOptions): Block[] {
  return new BlockBuilder(src, options).build();
}

/** The source itself, line for line, as paragraphs without any markup. */
export function plainBlocks(src: string, offset: number): Block[] {
  return [...src.matchAll(/[^\n]+(?:\n(?!\s*\n)[^\n]+)*/g)].map(({ 0: paragraph, index }) => ({
    kind: "paragraph",
    at: offset + index,
    inlines: literalInlines(paragraph, (position) => offset + index + position),
  }));
}

/** Slack's own tables end at 20 columns. */
const maxColumns = 24;

class BlockBuilder {
  readonly #src: string;
  readonly #options: ParseOptions;
  readonly #tokens: readonly Token[];
  readonly #lines: readonly string[];
  /** Offset of each line in `src`. */
  readonly #starts: number[] = [];
  /** The token that is still being written, if the text is not finished. */
  readonly #open: Token | undefined;
  #index = 0;

  constructor(src: string, options: ParseOptions) {
    this.#src = src;
    this.#options = options;
    this.#tokens = blockTokens(src, options);
    this.#lines = src.split("\n");
    let start = 0;
    for (const line of this.#lines) {
      this.#starts.push(start);
      start += line.length + 1;
    }
    this.#open = options.heal ? this.#tokens.findLast(hasContent) : undefined;
  }

  build(): Block[] {
    const blocks = this.#blocks();
    const [first] = blocks;
    if (first?.kind !== "list" || this.#options.ordinal === undefined) return blocks;
    const { ordinal } = this.#options;
    const items = first.items.map((item, index) => ({ ...item, ordinal: ordinal + index }));
    return [{ ...first, items }, ...blocks.slice(1)];
  }

  /** The blocks up to the end of the container that is open now. */
  #blocks(): Block[] {
    const blocks: Block[] = [];
    for (let token = this.#next(); token && token.nesting >= 0; token = this.#next()) {
      const block = this.#block(token);
      if (block) blocks.push(block);
    }
    return blocks;
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#index];
    this.#index += 1;
    return token;
  }

  #block(token: Token): Block | undefined {
    const at = this.#lineStart(token.map?.[0] ?? 0);
    switch (token.type) {
      case "paragraph_open":
        return { kind: "paragraph", at, inlines: this.#inlines(token) };
      case "heading_open":
        return { kind: "heading", at, level: Number(token.tag.slice(1)), inlines: this.#inlines(token) };
      case "fence":
        return this.#code(token, at);
      case "hr":
        return { kind: "rule", at };
      case "blockquote_open":
        return { kind: "quote", at, blocks: this.#blocks() };
      case "bullet_list_open":
      case "ordered_list_open":
        return this.#list(token, at);
      case "table_open":
        return this.#table(token, at);
      default:
        throw new Error(`The parser made a token that nobody asked for: ${token.type}.`);
    }
  }

  /** The inline token behind `opening`, and the closing one. */
  #inlines(opening: Token): Inline[] {
    const inline = this.#next();
    this.#next();
    if (!inline) return [];
    const content = inline === this.#open ? healed(inline.content) : inline.content;
    return toInlines(content, this.#positions(opening, inline.content));
  }

  /**
   * Inline text is the block's lines without what containers put before them: each is the end of a source line.
   * A heading's text also lacks the marks behind it.
   */
  #positions(opening: Token, content: string): ToSource {
    const first = opening.map?.[0] ?? 0;
    const shifts: { from: number; shift: number }[] = [];
    let from = 0;
    for (const [index, line] of content.split("\n").entries()) {
      const source = this.#lines[first + index] ?? "";
      const found = source.lastIndexOf(line);
      const column = found >= 0 ? found : Math.max(0, source.trimEnd().length - line.length);
      shifts.push({ from, shift: this.#lineStart(first + index) + column - from });
      from += line.length + 1;
    }
    let index = 0;
    return (position) => {
      while (index > 0 && (shifts[index]?.from ?? 0) > position) index -= 1;
      while ((shifts[index + 1]?.from ?? Number.POSITIVE_INFINITY) <= position) index += 1;
      return position + (shifts[index]?.shift ?? 0);
    };
  }

  #lineStart(line: number): number {
    return (this.#starts[line] ?? this.#src.length) + this.#options.offset;
  }

  #code(token: Token, at: number): CodeBlock {
    const first = token.map?.[0] ?? 0;
    const texts = token.content === "" ? [] : token.content.replace(/\n$/, "").split("\n");
    if (token === this.#open && isPartialFence(texts.at(-1), token.markup)) texts.pop();
    const lines = texts.map((text, index): CodeLine => {
      const source = this.#lines[first + 1 + index] ?? "";
      return { text, at: this.#lineStart(first + 1 + index) + Math.max(0, source.length - text.length) };
    });
    const language = /^[\p{L}\p{N}+#.-]{1,32}/u.exec(token.info.trim())?.[0];
    return { kind: "code-block", at, language, opening: `${this.#lines[first] ?? "```"}\n`, lines };
  }

  #list(token: Token, at: number): List {
    const ordered = token.type === "ordered_list_open";
    let ordinal = ordered ? Number(token.attrGet("start") ?? 1) : 1;
    const items: Item[] = [];
    for (let next = this.#next(); next?.type === "list_item_open"; next = this.#next()) {
      const itemAt = this.#lineStart(next.map?.[0] ?? 0);
      const blocks = this.#blocks();
      // An item without content says nothing; in a growing text it is the beginning of something not known yet.
      if (blocks.length > 0) items.push({ at: itemAt, ordinal, continued: false, ...task(blocks) });
      ordinal += 1;
    }
    return { kind: "list", at, ordered, items };
  }

  #table(token: Token, at: number): Table | Paragraph {
    const [first, end] = token.map ?? [0, 0];
    const opening = `${this.#lines[first] ?? ""}\n${this.#lines[first + 1] ?? ""}\n`;
    if ((this.#lines[first + 1] ?? "").split("|").length > maxColumns) return this.#literal(at, first, end);
    const align: Alignment[] = [];
    const rows: Row[] = [];
    let cells: Cell[] = [];
    let rowAt = at;
    for (let next = this.#next(); next && next.type !== "table_close"; next = this.#next()) {
      if (next.type === "tr_open") {
        cells = [];
        rowAt = this.#lineStart(next.map?.[0] ?? 0);
      } else if (next.type === "tr_close") rows.push({ at: rowAt, cells });
      else if (next.type === "th_open") align.push(alignmentOf(next));
      else if (next.type === "inline") cells.push(this.#cell(next, rowAt));
    }
    const [header, ...body] = rows;
    return { kind: "table", at, opening, align, header: header?.cells ?? [], rows: body.filter(hasText) };
  }

  /** A table that nobody could read, as it was written. */
  #literal(at: number, first: number, end: number): Paragraph {
    for (let next = this.#next(); next && next.type !== "table_close"; ) next = this.#next();
    const inlines = literalInlines(this.#lines.slice(first, end).join("\n"), (position) => at + position);
    return { kind: "paragraph", at, inlines };
  }

  /** A row is shown whole or not at all, so that its cells need no places of their own. */
  #cell(inline: Token, rowAt: number): Cell {
    const content = inline === this.#open ? healed(inline.content) : inline.content;
    return toInlines(content.replace(/<br\s*\/?>/gi, "\n"), () => rowAt);
  }
}

/** Tokens whose text may be unfinished; a table's row is filled up with empty cells behind the one being written. */
function hasContent(token: Token): boolean {
  return token.content !== "" || token.type === "list_item_open" || token.type === "fence";
}

function hasText(row: Row): boolean {
  return row.cells.some((cell) => cell.length > 0);
}

function alignmentOf(token: Token): Alignment {
  const style = String(token.attrGet("style") ?? "");
  return style.endsWith("right") ? "right" : style.endsWith("center") ? "center" : "left";
}

function isPartialFence(line: string | undefined, markup: string): boolean {
  const text = line?.trim() ?? "";
  return text !== "" && text === markup.charAt(0).repeat(text.length);
}

/** Takes the box off a task's text: `[x] done`. */
function task(blocks: readonly Block[]): Pick<Item, "blocks" | "checked"> {
  const [first, ...rest] = blocks;
  const leaf = first?.kind === "paragraph" ? first.inlines[0] : undefined;
  if (first?.kind !== "paragraph" || leaf?.kind !== "text") return { blocks, checked: undefined };
  const box = /^\[([ xX])\](?:\s+|$)/.exec(leaf.text);
  if (!box) return { blocks, checked: undefined };
  const text = { ...leaf, text: leaf.text.slice(box[0].length), at: leaf.at + box[0].length };
  const inlines = [...(text.text === "" ? [] : [text]), ...first.inlines.slice(1)];
  return { checked: box[1] !== " ", blocks: [{ ...first, inlines }, ...rest] };
}
