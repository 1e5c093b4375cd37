/** A part of a tree: what stands between two offsets of the source, in the containers it stands in. */

import {
  type Block,
  type CodeLine,
  type Inline,
  type Item,
  inlineStart,
  itemStart,
  type List,
  type Table,
} from "./tree.ts";

/** Keeps what begins at or after `from` and before `to`. */
export function sliced(blocks: readonly Block[], from: number, to: number): Block[] {
  return blocks.map((block) => slicedBlock(block, from, to)).filter((block) => block !== undefined);
}

function slicedBlock(block: Block, from: number, to: number): Block | undefined {
  switch (block.kind) {
    case "paragraph":
    case "heading": {
      const inlines = slicedInlines(block.inlines, from, to);
      return inlines.length > 0 ? { ...block, inlines } : undefined;
    }
    case "code-block": {
      const lines = block.lines.flatMap((line) => slicedLine(line, from, to));
      return lines.length > 0 ? { ...block, lines } : undefined;
    }
    case "quote": {
      const inner = sliced(block.blocks, from, to);
      return inner.length > 0 ? { ...block, blocks: inner } : undefined;
    }
    case "table":
      return slicedTable(block, from, to);
    case "list":
      return slicedList(block, from, to);
    case "rule":
      return isWithin(block.at, from, to) ? block : undefined;
    default:
      return block satisfies never;
  }
}

function isWithin(at: number, from: number, to: number): boolean {
  return at >= from && at < to;
}

/** The header stands on every page that shows a row. */
function slicedTable(table: Table, from: number, to: number): Table | undefined {
  const rows = table.rows.filter((row) => isWithin(row.at, from, to));
  return rows.length > 0 || isWithin(table.at, from, to) ? { ...table, rows } : undefined;
}

function slicedList(list: List, from: number, to: number): List | undefined {
  const items = list.items.map((item) => slicedItem(item, from, to)).filter((item) => item !== undefined);
  return items.length > 0 ? { ...list, items } : undefined;
}

function slicedItem(item: Item, from: number, to: number): Item | undefined {
  const start = itemStart(item);
  if (item.blocks.length === 0) return isWithin(item.at, from, to) ? item : undefined;
  const blocks = sliced(item.blocks, from, to);
  return blocks.length > 0 ? { ...item, blocks, continued: item.continued || start < from } : undefined;
}

function slicedLine(line: CodeLine, from: number, to: number): CodeLine[] {
  if (line.at >= to || (line.at < from && line.at + line.text.length <= from)) return [];
  const start = Math.max(0, from - line.at);
  return [{ at: line.at + start, text: line.text.slice(start, Math.max(0, to - line.at)) }];
}

function slicedInlines(inlines: readonly Inline[], from: number, to: number): Inline[] {
  const kept = inlines.flatMap((inline) => slicedInline(inline, from, to));
  // A line break at a page's edge breaks nothing.
  const first = kept.findIndex((inline) => inline.kind !== "break");
  const last = kept.findLastIndex((inline) => inline.kind !== "break");
  return first < 0 ? [] : kept.slice(first, last + 1);
}

function slicedInline(inline: Inline, from: number, to: number): Inline[] {
  if (inline.kind === "break") return isWithin(inline.at, from, to) ? [inline] : [];
  if ("children" in inline) {
    const start = inlineStart(inline);
    if (start === undefined || start >= to) return [];
    const children = slicedInlines(inline.children, from, to);
    return children.length > 0 ? [{ ...inline, children }] : [];
  }
  if (isWithin(inline.at, from, to) && inline.end <= to) return [inline];
  if (inline.end - inline.at !== inline.text.length) return isWithin(inline.at, from, to) ? [inline] : [];
  const start = Math.max(0, from - inline.at);
  const text = inline.text.slice(start, Math.max(0, to - inline.at));
  return text === ""
    ? []
    : [{ ...inline, text, at: inline.at + start, end: inline.at + start + text.length }];
}
