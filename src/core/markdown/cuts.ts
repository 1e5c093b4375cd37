/** Where a page may end, and which of these places is the best. */

import { sliced } from "./slice.ts";
import { type Block, type CodeBlock, type Inline, type Item, inlineText } from "./tree.ts";

/** A place to end a page: everything before source offset `at` stays. The lower the cost, the better it reads. */
interface Cut {
  readonly at: number;
  readonly cost: number;
}

/** How much a cut at each kind of place hurts. */
const cost = {
  block: 0,
  item: 1,
  blankCodeLine: 2,
  line: 3,
  sentence: 4,
  word: 5,
  /** Inside a link, inline code or a heading, or between a heading or a lead-in and what it announces. */
  bound: 6,
};

/** Pages are filled at least so far before a better reading break counts. */
const leastFill = 0.8;

/** How full a page is with these blocks: above 1 they do not fit. */
export type Fill = (blocks: readonly Block[]) => number;

/**
 * Chooses where the page ends whose blocks begin at `from` and do not fit.
 * @param filled `fill(blocks)`, above 1
 * @returns a source offset above `from`; undefined when not even the smallest piece fits
 */
export function bestCut(
  blocks: readonly Block[],
  from: number,
  fill: Fill,
  filled: number,
): number | undefined {
  const search = { blocks, from, fill, filled };
  const cuts = ascending(blockCuts(blocks, 0), from);
  const last = lastFitting(cuts, search);
  const fitting = cuts[last.index];
  if (fitting === undefined || last.fill < leastFill) {
    return characterCut(search, fitting?.at ?? from, cuts[last.index + 1]?.at) ?? fitting?.at;
  }
  // How full a page is grows with the source nearly evenly: close enough, and it costs no rendering.
  const start = Math.max(from, cuts[0]?.at ?? from);
  const enough = start + ((fitting.at - start) * leastFill) / last.fill;
  const good = cuts.slice(0, last.index + 1).filter(({ at }) => at >= enough);
  return good.reduce((best, cut) => (cut.cost <= best.cost ? cut : best), fitting).at;
}

interface Search {
  readonly blocks: readonly Block[];
  readonly from: number;
  readonly fill: Fill;
  readonly filled: number;
}

/** A word, a line or a row is larger than what is left of the page: cut it between two characters. */
function characterCut(search: Search, from: number, to: number | undefined): number | undefined {
  const pieces = verbatimPieces(sliced(search.blocks, from, to ?? Number.POSITIVE_INFINITY));
  const ends = pieces.map(({ text, at }) => ({ at: at + text.length, cost: cost.bound }));
  // The last one cannot fit: what ends there is too long.
  const whole = lastFitting(ends.slice(0, -1), search).index;
  const piece = pieces[whole + 1];
  if (piece === undefined) return ends[whole]?.at;
  const cuts = ascending(graphemeCuts(piece), from);
  const found = cuts[lastFitting(cuts, search).index] ?? ends[whole];
  if (found) return found.at;
  // One "character" of thousands of joined emoji: nobody can read it, so it is cut between its code points.
  const points = ascending(codePointCuts(piece), from);
  return points[lastFitting(points, search).index]?.at;
}

/** A page as full as this is full: looking for the very last character that fits costs more than it gives. */
const fullEnough = 0.97;
/** So many guesses by proportion, then halves: growth that is not even must not cost more than a search by halves. */
const guesses = 6;

/** The last cut before which everything fits, found with few renderings; index -1 when there is none. */
function lastFitting(
  cuts: readonly Cut[],
  { blocks, from, fill, filled }: Search,
): { readonly index: number; readonly fill: number } {
  const start = Math.max(from, (cuts[0]?.at ?? 0) - 1);
  let low = { index: -1, at: start, fill: 0 };
  let high = { index: cuts.length, at: (cuts.at(-1)?.at ?? start) + 1, fill: filled };
  for (let round = 0; high.index - low.index > 1 && low.fill < fullEnough; round += 1) {
    const share = round < guesses ? (fullEnough + 0.02 - low.fill) / (high.fill - low.fill) : 0.5;
    const guess =
      round < guesses ? indexAt(cuts, low.at + share * (high.at - low.at)) : (low.index + high.index) >> 1;
    const index = Math.min(Math.max(guess, low.index + 1), high.index - 1);
    const at = cuts[index]?.at ?? high.at;
    const probe = { index, at, fill: fill(sliced(blocks, from, at)) };
    if (probe.fill <= 1) low = probe;
    else high = probe;
  }
  return low;
}

/** Index of the last cut at or before `at`. */
function indexAt(cuts: readonly Cut[], at: number): number {
  let low = -1;
  let high = cuts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((cuts[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle;
    else high = middle;
  }
  return low;
}

function ascending(cuts: readonly Cut[], from: number): Cut[] {
  return cuts.filter((cut) => cut.at > from).sort((a, b) => a.at - b.at || a.cost - b.cost);
}

function blockCuts(blocks: readonly Block[], depth: number): Cut[] {
  return blocks.flatMap((block, index) => {
    const inner = innerCuts(block, depth);
    const previous = blocks[index - 1];
    if (previous === undefined) return inner;
    return [
      { at: block.at, cost: announces(previous) ? cost.bound : depth === 0 ? cost.block : cost.item },
      ...inner,
    ];
  });
}

/** A heading, or "as follows:", belongs to what comes next. */
function announces(block: Block): boolean {
  return (
    block.kind === "heading" ||
    (block.kind === "paragraph" && /[:：]\s*$/.test(inlineText(block.inlines.slice(-1))))
  );
}

function innerCuts(block: Block, depth: number): Cut[] {
  switch (block.kind) {
    case "paragraph":
      return inlineCuts(block.inlines, cost.word);
    case "heading":
      return inlineCuts(block.inlines, cost.bound);
    case "code-block":
      return codeCuts(block);
    case "table":
      return block.rows.slice(1).map(({ at }) => ({ at, cost: cost.line }));
    case "list":
      return block.items.flatMap((item, index) => itemCuts(item, index, depth));
    case "quote":
      return blockCuts(block.blocks, depth + 1);
    case "rule":
      return [];
    default:
      return block satisfies never;
  }
}

function itemCuts(item: Item, index: number, depth: number): Cut[] {
  const inner = blockCuts(item.blocks, depth + 1);
  return index === 0
    ? inner
    : [{ at: item.at, cost: depth === 0 ? cost.item : cost.blankCodeLine }, ...inner];
}

function codeCuts(block: CodeBlock): Cut[] {
  return block.lines.flatMap(({ at, text }, index) => {
    const before = block.lines[index - 1];
    const start =
      before === undefined ? [] : [{ at, cost: before.text.trim() === "" ? cost.blankCodeLine : cost.line }];
    return text.length < 200 ? start : [...start, ...wordCuts(text, at, cost.bound)];
  });
}

function inlineCuts(inlines: readonly Inline[], wordCost: number): Cut[] {
  return inlines.flatMap((inline) => {
    switch (inline.kind) {
      case "break":
        return [{ at: inline.end, cost: Math.max(cost.line, wordCost - 2) }];
      case "text":
        return wordCuts(isVerbatim(inline) ? inline.text : "", inline.at, wordCost);
      case "code":
        return wordCuts(isVerbatim(inline) ? inline.text : "", inline.at, cost.bound);
      case "link":
        return inlineCuts(inline.children, cost.bound);
      default:
        return inlineCuts(inline.children, wordCost);
    }
  });
}

const gaps = /(?<sentence>[.!?…][)"'”’\]]*\s+|[。！？]+)|\s+/gu;

/** The places behind white space; behind the end of a sentence they cost one less. */
function wordCuts(text: string, at: number, wordCost: number): Cut[] {
  return [...text.matchAll(gaps)].map((gap) => ({
    at: at + gap.index + gap[0].length,
    cost: wordCost === cost.word && gap.groups?.sentence !== undefined ? cost.sentence : wordCost,
  }));
}

interface Piece {
  readonly text: string;
  readonly at: number;
}

function isVerbatim(leaf: { readonly text: string; readonly at: number; readonly end: number }): boolean {
  return leaf.text.length === leaf.end - leaf.at;
}

/** All texts that may be cut at any character. */
function verbatimPieces(blocks: readonly Block[]): Piece[] {
  return blocks.flatMap((block): readonly Piece[] => {
    switch (block.kind) {
      case "paragraph":
      case "heading":
        return verbatimLeaves(block.inlines);
      case "code-block":
        return block.lines;
      case "quote":
        return verbatimPieces(block.blocks);
      case "list":
        return block.items.flatMap((item) => verbatimPieces(item.blocks));
      default:
        return [];
    }
  });
}

function verbatimLeaves(inlines: readonly Inline[]): Piece[] {
  return inlines.flatMap((inline): readonly Piece[] => {
    if (inline.kind === "break") return [];
    if ("children" in inline) return verbatimLeaves(inline.children);
    return isVerbatim(inline) ? [inline] : [];
  });
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
/** More than fits on a page of any platform, so that a long text is not segmented whole. */
const window = 8_192;

function graphemeCuts({ text, at }: Piece): Cut[] {
  const segments = [...segmenter.segment(text.slice(0, window))];
  // The last segment may be cut off by the window itself.
  return segments.slice(0, text.length > window ? -1 : undefined).map(({ index, segment }) => ({
    at: at + index + segment.length,
    cost: cost.bound,
  }));
}

function codePointCuts({ text, at }: Piece): Cut[] {
  let end = at;
  return [...text.slice(0, window)].map((point) => {
    end += point.length;
    return { at: end, cost: cost.bound };
  });
}
