/**
 * The small tree between Markdown and the platforms: all that a reply may contain, nothing that could harm.
 * Every leaf knows where in the source it stands, so that a page can end at any place and the next go on there.
 */

/** Where a leaf stands in the source, in UTF-16 units. When `end - at` equals the text's length, they map one to one. */
interface Leaf {
  readonly at: number;
  readonly end: number;
}

export interface TextLeaf extends Leaf {
  readonly kind: "text";
  readonly text: string;
}

export interface CodeLeaf extends Leaf {
  readonly kind: "code";
  readonly text: string;
}

export interface BreakLeaf extends Leaf {
  readonly kind: "break";
}

export interface Styled {
  readonly kind: "strong" | "emphasis" | "strike";
  /** The delimiter as written, to open the style again where a paragraph is taken up in its middle. */
  readonly markup: string;
  readonly children: readonly Inline[];
}

/** A link that passed: http, https or mailto. */
export interface Link {
  readonly kind: "link";
  readonly url: string;
  readonly children: readonly Inline[];
}

export type Inline = TextLeaf | CodeLeaf | BreakLeaf | Styled | Link;

export interface Paragraph {
  readonly kind: "paragraph";
  /** Source offset of the block's first line, as in all blocks. */
  readonly at: number;
  readonly inlines: readonly Inline[];
}

export interface Heading {
  readonly kind: "heading";
  readonly at: number;
  readonly level: number;
  readonly inlines: readonly Inline[];
}

export interface CodeLine {
  readonly at: number;
  readonly text: string;
}

export interface CodeBlock {
  readonly kind: "code-block";
  readonly at: number;
  readonly language: string | undefined;
  /** The opening fence's line, to open the block again where it is taken up in its middle. */
  readonly opening: string;
  readonly lines: readonly CodeLine[];
}

export type Alignment = "left" | "center" | "right";
export type Cell = readonly Inline[];

export interface Row {
  readonly at: number;
  readonly cells: readonly Cell[];
}

export interface Table {
  readonly kind: "table";
  readonly at: number;
  /** Header and delimiter lines as written, to open the table again where it is taken up in its middle. */
  readonly opening: string;
  readonly align: readonly Alignment[];
  readonly header: readonly Cell[];
  readonly rows: readonly Row[];
}

export interface Rule {
  readonly kind: "rule";
  readonly at: number;
}

export interface Item {
  readonly at: number;
  /** Its number in an ordered list. */
  readonly ordinal: number;
  /** A task's box; undefined for an ordinary item. */
  readonly checked: boolean | undefined;
  /** True when its beginning stands on an earlier page. */
  readonly continued: boolean;
  readonly blocks: readonly Block[];
}

export interface List {
  readonly kind: "list";
  readonly at: number;
  readonly ordered: boolean;
  readonly items: readonly Item[];
}

export interface Quote {
  readonly kind: "quote";
  readonly at: number;
  readonly blocks: readonly Block[];
}

export type Block = Paragraph | Heading | CodeBlock | Table | Rule | List | Quote;

/** Where `inline` begins in the source; undefined when it holds nothing. */
export function inlineStart(inline: Inline): number | undefined {
  if ("at" in inline) return inline.at;
  for (const child of inline.children) {
    const at = inlineStart(child);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** Where the first leaf of `block` stands; the block's own place when it has none. */
export function blockStart(block: Block): number {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return block.inlines.map(inlineStart).find((at) => at !== undefined) ?? block.at;
    case "code-block":
      return block.lines[0]?.at ?? block.at;
    case "list":
      return block.items[0] ? itemStart(block.items[0]) : block.at;
    case "quote":
      return block.blocks[0] ? blockStart(block.blocks[0]) : block.at;
    case "table":
      return block.rows[0]?.at ?? block.at;
    case "rule":
      return block.at;
    default:
      return block satisfies never;
  }
}

/** Where the first leaf of `item` stands. */
export function itemStart(item: Item): number {
  return item.blocks[0] ? blockStart(item.blocks[0]) : item.at;
}

/** The text of inlines without markup. */
export function inlineText(inlines: readonly Inline[]): string {
  let text = "";
  for (const inline of inlines) {
    if (inline.kind === "break") text += "\n";
    else text += "children" in inline ? inlineText(inline.children) : inline.text;
  }
  return text;
}
