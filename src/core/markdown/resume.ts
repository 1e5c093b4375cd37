/** Where parsing goes on after a page was frozen, so that what lies before need not be read again. */

import { type Block, blockStart, type CodeBlock, type Inline, inlineStart } from "./tree.ts";

export interface Resumption {
  /** Source offset from which is parsed. */
  readonly base: number;
  /** Put before the source from there: opens again what the cut has closed. */
  readonly opening: string;
  /** Number of the first item, when the cut lies in an ordered list. */
  readonly ordinal: number | undefined;
}

/** How far parsing may begin before the cut; a longer block is taken up at the cut, without its surroundings. */
const maxLookBack = 16_000;

/**
 * @param blocks the blocks that were cut at `from`
 * @param current how they were parsed; kept when there is no better place to begin
 */
export function resumption(blocks: readonly Block[], from: number, current: Resumption): Resumption {
  const block = blocks.findLast(({ at }) => at <= from);
  const inside = block && (from <= blockStart(block) ? plainly(block.at) : insideBlock(block, from));
  // A block that was itself taken up in its middle seems to begin before the base: its beginning is not to be had.
  const found = inside && inside.base >= current.base ? inside : current;
  if (from - found.base <= maxLookBack) return found;
  const code = codeAround(blocks, from);
  return code ? { ...plainly(from), opening: code.opening.replace(/^.*?(?=```|~~~)/, "") } : plainly(from);
}

function plainly(base: number): Resumption {
  return { base, opening: "", ordinal: undefined };
}

function insideBlock(block: Block, from: number): Resumption | undefined {
  switch (block.kind) {
    case "code-block":
      return { base: from, opening: block.opening, ordinal: undefined };
    case "table": {
      const row = block.rows.findLast(({ at }) => at <= from);
      return row && { base: row.at, opening: block.opening, ordinal: undefined };
    }
    case "list": {
      const item = block.items.findLast(({ at }) => at <= from);
      return item && { base: item.at, opening: "", ordinal: block.ordered ? item.ordinal : undefined };
    }
    case "paragraph":
      return insideParagraph(block.inlines, from) ?? plainly(block.at);
    case "quote":
      return plainly(block.blocks.findLast(({ at }) => at <= from)?.at ?? block.at);
    case "heading":
    case "rule":
      return plainly(block.at);
    default:
      return block satisfies never;
  }
}

/** The code block that goes on at `from`, however deep it lies. */
function codeAround(blocks: readonly Block[], from: number): CodeBlock | undefined {
  const block = blocks.findLast(({ at }) => at <= from);
  switch (block?.kind) {
    case "code-block":
      return block;
    case "quote":
      return codeAround(block.blocks, from);
    case "list":
      return codeAround(block.items.findLast(({ at }) => at <= from)?.blocks ?? [], from);
    default:
      return undefined;
  }
}

/** Opens the styles again; the full stop in front keeps the text from looking like the start of another block. */
function insideParagraph(inlines: readonly Inline[], from: number): Resumption | undefined {
  const markers = openMarkers(inlines, from);
  return markers && { base: from, opening: `.${markers.join("")}`, ordinal: undefined };
}

/** The delimiters of the styles around the first leaf at or after `from`; undefined inside a link, which cannot be reopened. */
function openMarkers(inlines: readonly Inline[], from: number): string[] | undefined {
  const inline = inlines.find((candidate) => end(candidate) > from);
  if (inline === undefined || !("children" in inline)) return [];
  const start = inlineStart(inline);
  if (start === undefined || start >= from) return [];
  if (inline.kind === "link") return undefined;
  const inner = openMarkers(inline.children, from);
  return inner ? [inline.markup, ...inner] : undefined;
}

function end(inline: Inline): number {
  return "children" in inline ? Math.max(0, ...inline.children.map(end)) : inline.end;
}
