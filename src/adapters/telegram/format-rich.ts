/**
 * A reply as blocks of a rich message: headings, lists and tables that Telegram draws itself. Blocks are data and so,
 * like entities, cannot fail to parse. Names are not looked for in them, media is never part of them, and links only
 * where they are said to be: nobody is called and nothing is fetched [platform-facts A7].
 */

import type { InputRichMessageWithoutUpload, RichBlockTableCell, RichText } from "grammy/types";
import { layout } from "../../core/markdown/layout.ts";
import { bareAddress } from "../../core/markdown/links.ts";
import { type Run, runsText, toRuns } from "../../core/markdown/runs.ts";
import { isBlank } from "../../core/markdown/sanitise.ts";
import { alignedTable, cellText } from "../../core/markdown/table-text.ts";
import type { Block, Cell, CodeBlock, Item, List, Table } from "../../core/markdown/tree.ts";
import { richLimits } from "./limits.ts";

/** One block, of which none can carry a file. */
export type RichBlock = NonNullable<InputRichMessageWithoutUpload["blocks"]>[number];

type RichItem = Extract<RichBlock, { readonly type: "list" }>["items"][number];

/** A reply, or a part of it, as blocks. */
export interface RichBody {
  readonly blocks: readonly RichBlock[];
  /** How many blocks Telegram counts, those within others included. */
  readonly count: number;
  /** False: something in it is not shown rightly by rich messages, and the classic form has to be taken. */
  readonly isFaithful: boolean;
}

/** The rich form of `source`. */
export function toRichBody(source: readonly Block[]): RichBody {
  const writer = new RichWriter();
  const blocks = writer.blocks(source, 0);
  return { blocks, count: writer.count, isFaithful: writer.isFaithful && blocks.length > 0 };
}

/** Looks of text within text: link, bold, italic, strike; code has no other. */
const inlineLevels = 4;

class RichWriter {
  count = 0;
  isFaithful = true;

  /** @param depth how many blocks are around */
  blocks(source: readonly Block[], depth: number): RichBlock[] {
    return source.flatMap((block) => this.#block(block, depth));
  }

  #block(block: Block, depth: number): RichBlock[] {
    if (depth > richLimits.levels - inlineLevels - 2) return this.#flat(block);
    switch (block.kind) {
      case "paragraph":
        return this.#shown(this.#text(toRuns(block.inlines)), (text) => ({ type: "paragraph", text }));
      case "heading":
        return this.#shown(this.#text(toRuns(block.inlines)), (text) => ({
          type: "heading",
          text,
          size: headingSize(block.level),
        }));
      case "code-block":
        return this.#code(codeText(block), block.language);
      case "rule":
        return this.#counted([{ type: "divider" }]);
      case "quote": {
        const blocks = this.blocks(block.blocks, depth + 1);
        return blocks.length > 0 ? this.#counted([{ type: "blockquote", blocks }]) : [];
      }
      case "list":
        return this.#list(block, depth);
      case "table":
        return this.#table(block);
      default:
        return block satisfies never;
    }
  }

  /** What is nested deeper than Telegram takes, as the lines that the classic form has. */
  #flat(block: Block): RichBlock[] {
    const pieces = layout([block], { tableColumns: 0 });
    return pieces.flatMap((piece) =>
      piece.kind === "code"
        ? this.#code(piece.text, piece.language)
        : this.#shown(this.#text(piece.runs), (text) => ({ type: "paragraph", text })),
    );
  }

  #shown(text: RichText | undefined, toBlock: (text: RichText) => RichBlock): RichBlock[] {
    return text === undefined ? [] : this.#counted([toBlock(text)]);
  }

  #counted(blocks: RichBlock[]): RichBlock[] {
    this.count += blocks.length;
    return blocks;
  }

  #code(text: string, language: string | undefined): RichBlock[] {
    if (isBlank(text)) return [];
    return this.#counted([
      { type: "pre", text: withoutTabs(text), ...(language === undefined ? {} : { language }) },
    ]);
  }

  /** An item that goes on from the page before has no mark of its own: it stands before the list. */
  #list(list: List, depth: number): RichBlock[] {
    const [first, ...rest] = list.items;
    const goesOn = first?.continued === true ? this.blocks(first.blocks, depth) : [];
    const items = (first?.continued === true ? rest : list.items).map((item) =>
      this.#item(item, list.ordered, depth),
    );
    if (items.length === 0) return goesOn;
    this.count += items.length;
    return [...goesOn, ...this.#counted([{ type: "list", items }])];
  }

  #item(item: Item, ordered: boolean, depth: number): RichItem {
    const blocks = this.blocks(item.blocks, depth + 2);
    // Telegram takes no empty item, and a no-break space is the least there is.
    if (blocks.length === 0) blocks.push(...this.#counted([{ type: "paragraph", text: "\u00a0" }]));
    return {
      blocks,
      ...(item.checked === undefined ? {} : { has_checkbox: true }),
      ...(item.checked === true ? { is_checked: true } : {}),
      ...(ordered ? { value: item.ordinal, type: "1" } : {}),
    };
  }

  #table(table: Table): RichBlock[] {
    const columns = table.header.length;
    if (columns > richLimits.columns) return this.#code(wideTable(table), undefined);
    const rows = [table.header, ...table.rows.map(({ cells }) => cells)];
    const cells = rows.map((row, index) =>
      Array.from({ length: columns }, (_, column) =>
        this.#cell(row[column] ?? [], table, column, index === 0),
      ),
    );
    if (!cells.some((row) => row.some(({ text }) => text !== undefined))) return [];
    this.count += cells.length;
    return this.#counted([{ type: "table", cells, is_bordered: true, is_striped: true }]);
  }

  #cell(cell: Cell, { align }: Table, column: number, isHeader: boolean): RichBlockTableCell {
    const runs = toRuns(cell).map((run) => ({ ...run, text: run.text.replace(/\s*\n\s*/g, " ") }));
    const text = this.#text(runs);
    return {
      align: align[column] ?? "left",
      valign: "middle",
      ...(text === undefined ? {} : { text }),
      ...(isHeader ? { is_header: true } : {}),
    };
  }

  /** @returns undefined when nothing is visible */
  #text(runs: readonly Run[]): RichText | undefined {
    if (isBlank(runsText(runs))) return undefined;
    const parts = runs.flatMap((run) => this.#run(run));
    return parts.length === 1 ? parts[0] : parts;
  }

  #run(run: Run): RichText[] {
    const text = withoutTabs(run.text);
    if (run.code) return [{ type: "code", text }];
    if (run.url !== undefined) return this.#link(run.url, { ...run, text });
    const parts: RichText[] = [];
    let end = 0;
    for (const { 0: address, index } of text.matchAll(bareAddress)) {
      if (index > end) parts.push(styled(run, text.slice(end, index)));
      parts.push(...this.#link(address, { ...run, text: address }));
      end = index + address.length;
    }
    if (end < text.length) parts.push(styled(run, text.slice(end)));
    return parts;
  }

  #link(url: string, run: Run): RichText[] {
    // Rich messages take few forms of e-mail addresses, and refuse the whole message for another (openclaw#96376).
    if (url.startsWith("mailto:")) return [styled(run, withAddress(run.text, url))];
    // Their links arrive with `&amp;` for `&`, and so lead elsewhere (openclaw#123230).
    if (url.includes("&")) this.isFaithful = false;
    return [{ type: "url", text: styled(run, run.text), url }];
  }
}

function styled({ bold, italic, strike }: Run, text: string): RichText {
  let part: RichText = text;
  if (strike) part = { type: "strikethrough", text: part };
  if (italic) part = { type: "italic", text: part };
  if (bold) part = { type: "bold", text: part };
  return part;
}

function withAddress(label: string, url: string): string {
  const address = new URL(url).pathname;
  return label.includes(address) ? label : `${label} (${address})`;
}

function headingSize(level: number): 1 | 2 | 3 | 4 | 5 | 6 {
  return ([1, 2, 3, 4, 5, 6] as const)[level - 1] ?? 6;
}

function codeText({ lines }: CodeBlock): string {
  return lines.map(({ text }) => text).join("\n");
}

/** More columns than a rich table has, in a fixed-width font. */
function wideTable(table: Table): string {
  const rows = [table.header, ...table.rows.map(({ cells }) => cells)];
  return (
    alignedTable(table, Number.POSITIVE_INFINITY) ??
    rows.map((cells) => cells.map(cellText).join(" | ")).join("\n")
  );
}

/** A tab may show as one space, which would undo indentation. */
function withoutTabs(text: string): string {
  return text.includes("\t") ? text.replaceAll("\t", "    ") : text;
}
