/** Blocks → pieces: what a chat can show one below the other. Adapters only put them into their platform's form. */

import { plainLook, type Run, runsText, toRuns } from "./runs.ts";
import { isBlank } from "./sanitise.ts";
import { alignedTable, cellText } from "./table-text.ts";
import type { Block, CodeBlock, Heading, Item, List, Paragraph, Row, Table } from "./tree.ts";

interface Placed {
  /** Line ends before it: 1 = on the next line, 2 = after an empty line. Does not count for the first piece. */
  readonly gap: 1 | 2;
  /** Pieces with the same number stand in one quotation; undefined outside of any. */
  readonly quote: number | undefined;
}

/** Text with looks. Begins and ends with something visible, unless it is only an item's mark. */
export interface TextPiece extends Placed {
  readonly kind: "text";
  readonly runs: readonly Run[];
}

/** Text in a fixed-width font, as it stands. */
export interface CodePiece extends Placed {
  readonly kind: "code";
  readonly text: string;
  readonly language: string | undefined;
}

export type Piece = TextPiece | CodePiece;

export interface LayoutOptions {
  /** Widest table that stays readable, in characters of a fixed-width font. */
  readonly tableColumns: number;
}

const indentStep = "   ";
const bullets = ["•", "◦", "▪"];
const ruleLine = "──────────";

/** The pieces of `blocks`, in order. Blocks without anything visible leave none. */
export function layout(blocks: readonly Block[], options: LayoutOptions): Piece[] {
  const writer = new Writer(options);
  writer.blocks(blocks, { indent: "", lead: "", gap: 2, quote: undefined, depth: 0 });
  return writer.pieces;
}

interface Place extends Placed {
  /** Put before every line; `lead` before the first line instead. */
  readonly indent: string;
  readonly lead: string;
  /** How many lists are around. */
  readonly depth: number;
}

class Writer {
  readonly pieces: Piece[] = [];
  readonly #options: LayoutOptions;
  #quotes = 0;

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  /** The first block takes the place's lead and gap, the others follow below. */
  blocks(blocks: readonly Block[], place: Place): void {
    let next = place;
    for (const block of blocks) {
      this.#block(block, next);
      next = { ...place, lead: place.indent, gap: place.depth > 0 ? 1 : 2 };
    }
  }

  #block(block: Block, place: Place): void {
    switch (block.kind) {
      case "paragraph":
      case "heading":
        this.#text(textRuns(block), place);
        return;
      case "rule":
        this.#text([{ ...plainLook, text: ruleLine }], place);
        return;
      case "code-block":
        this.#code(codeText(block), block.language, place);
        return;
      case "table":
        this.#table(block, place);
        return;
      case "list":
        this.#list(block, place);
        return;
      case "quote":
        this.#quote(block.blocks, place);
        return;
      default:
        block satisfies never;
    }
  }

  #text(runs: readonly Run[], place: Place): void {
    const text = trimmed(runs);
    if (text.length === 0) {
      this.#mark(place);
      return;
    }
    const lines = text.map((run) => ({ ...run, text: run.text.replaceAll("\n", `\n${place.indent}`) }));
    const lead = place.lead === "" ? [] : [{ ...plainLook, text: place.lead }];
    this.pieces.push({ kind: "text", gap: place.gap, quote: place.quote, runs: [...lead, ...lines] });
  }

  /** An item's mark that stands alone, before a block that cannot stand beside it. */
  #mark(place: Place): void {
    const text = place.lead.trimEnd();
    if (text === "") return;
    this.pieces.push({ kind: "text", gap: place.gap, quote: place.quote, runs: [{ ...plainLook, text }] });
  }

  #code(text: string, language: string | undefined, place: Place): void {
    this.#mark(place);
    const gap = place.lead.trim() === "" ? place.gap : 1;
    if (!isBlank(text)) this.pieces.push({ kind: "code", gap, quote: place.quote, text, language });
  }

  #table(table: Table, place: Place): void {
    const text = alignedTable(table, this.#options.tableColumns);
    if (text !== undefined) {
      this.#code(text, undefined, place);
      return;
    }
    if (table.rows.length === 0) {
      this.#text(joined(table.header.map(boldRuns), " | "), place);
      return;
    }
    this.#mark(place);
    for (const [index, row] of table.rows.entries()) {
      const gap = index === 0 && place.lead.trim() === "" ? place.gap : 1;
      this.#text(recordRuns(table, row), {
        ...place,
        gap,
        lead: `${place.indent}• `,
        indent: place.indent + indentStep,
      });
    }
  }

  #list(list: List, place: Place): void {
    // A list that is the first thing in an item stands below the item's mark.
    if (place.lead !== place.indent) this.#mark(place);
    let gap = place.lead === place.indent ? place.gap : 1;
    for (const item of list.items) {
      this.#item(item, list.ordered, { ...place, gap });
      gap = 1;
    }
  }

  #item(item: Item, ordered: boolean, place: Place): void {
    const indent = place.indent + indentStep;
    const lead = item.continued ? indent : `${place.indent}${itemMark(item, ordered, place.depth)} `;
    const inner = { ...place, indent, lead, depth: place.depth + 1 };
    if (item.blocks.length === 0) this.#mark(inner);
    else this.blocks(item.blocks, inner);
  }

  #quote(blocks: readonly Block[], place: Place): void {
    if (place.lead !== place.indent) this.#mark(place);
    const gap = place.lead === place.indent ? place.gap : 1;
    if (place.quote === undefined) this.#quotes += 1;
    this.blocks(blocks, { ...place, gap, lead: place.indent, quote: place.quote ?? this.#quotes });
  }
}

function itemMark(item: Item, ordered: boolean, depth: number): string {
  if (item.checked !== undefined) return item.checked ? "☑" : "☐";
  return ordered ? `${item.ordinal}.` : (bullets[Math.min(depth, bullets.length - 1)] ?? "•");
}

function textRuns(block: Paragraph | Heading): Run[] {
  return toRuns(block.inlines, { ...plainLook, bold: block.kind === "heading" });
}

function codeText(block: CodeBlock): string {
  const texts = block.lines.map(({ text }) => text);
  const first = texts.findIndex((text) => text.trim() !== "");
  const last = texts.findLastIndex((text) => text.trim() !== "");
  return first < 0 ? "" : texts.slice(first, last + 1).join("\n");
}

/** A row that does not fit beside the others: "Header: value", one below the other, the first in bold. */
function recordRuns(table: Table, row: Row): Run[] {
  const lines = row.cells.map((cell, column) => {
    const header = cellText(table.header[column] ?? []);
    const label = header === "" ? [] : [{ ...plainLook, text: `${header}: ` }];
    return [...label, ...onOneLine(toRuns(cell, { ...plainLook, bold: column === 0 }))];
  });
  return joined(
    lines.filter((line) => line.some(({ text }) => !isBlank(text))),
    "\n",
  );
}

function boldRuns(cell: Table["header"][number]): Run[] {
  return onOneLine(toRuns(cell, { ...plainLook, bold: true }));
}

function onOneLine(runs: readonly Run[]): Run[] {
  return runs.map((run) => ({ ...run, text: run.text.replace(/\s*\n\s*/g, " ") }));
}

function joined(parts: readonly (readonly Run[])[], separator: string): Run[] {
  return parts.flatMap((part, index) => (index === 0 ? part : [{ ...plainLook, text: separator }, ...part]));
}

/** Without white space at both ends; empty when nothing visible is left. */
function trimmed(runs: readonly Run[]): Run[] {
  if (isBlank(runsText(runs))) return [];
  const first = runs.findIndex(({ text }) => text.trim() !== "");
  const last = runs.findLastIndex(({ text }) => text.trim() !== "");
  return runs.slice(first, last + 1).map((run, index, { length }) => {
    const start = index === 0 && !run.code ? run.text.trimStart() : run.text;
    return { ...run, text: index === length - 1 && !run.code ? start.trimEnd() : start };
  });
}
