/** A table as aligned text for a fixed-width font; wide characters count as two. */

import stringWidth from "string-width";
import type { Alignment, Cell, Table } from "./tree.ts";
import { inlineText } from "./tree.ts";

const between = " | ";

/**
 * @param maxColumns width of the place where it is shown, in characters of a fixed-width font
 * @returns undefined when the table does not fit or holds links, which fixed-width text cannot show
 */
export function alignedTable(table: Table, maxColumns: number): string | undefined {
  const rows = [table.header, ...table.rows.map(({ cells }) => cells)];
  if (rows.some((cells) => cells.some(hasLink))) return undefined;
  const texts = rows.map((cells) => cells.map(cellText));
  const measured = texts.map((cells) => cells.map((text) => ({ text, width: widthOf(text) })));
  const widths = table.header.map((_, column) =>
    Math.max(1, ...measured.map((cells) => cells[column]?.width ?? 0)),
  );
  if (widths.reduce((sum, width) => sum + width + between.length, -between.length) > maxColumns)
    return undefined;
  const lines = measured.map((cells) =>
    widths
      .map((width, column) => padded(cells[column], width, table.align[column]))
      .join(between)
      .trimEnd(),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("-+-");
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** A cell's text on one line. */
export function cellText(cell: Cell): string {
  return inlineText(cell).replace(/\s+/g, " ").trim();
}

function hasLink(cell: Cell): boolean {
  return cell.some((inline) => inline.kind === "link" || ("children" in inline && hasLink(inline.children)));
}

function padded(
  cell: { readonly text: string; readonly width: number } | undefined,
  width: number,
  align: Alignment | undefined,
): string {
  const room = width - (cell?.width ?? 0);
  const before = align === "right" ? room : align === "center" ? room >> 1 : 0;
  return " ".repeat(before) + (cell?.text ?? "") + " ".repeat(room - before);
}
