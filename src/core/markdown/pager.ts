/**
 * Turns a growing Markdown text into pages. A page that is full is frozen and never looked at again;
 * only what follows is parsed, so that a call costs what the last page costs.
 */

import type { Page } from "../platform/page.ts";
import { plainBlocks, toBlocks } from "./blocks.ts";
import { bestCut } from "./cuts.ts";
import { type Resumption, resumption } from "./resume.ts";
import { sanitised } from "./sanitise.ts";
import { sliced } from "./slice.ts";
import type { Block } from "./tree.ts";

/** What a platform adds: how blocks look there, and how much of them fits on a page. */
export interface PageFormat<Rendered> {
  render(blocks: readonly Block[]): Rendered;
  /** 1 = the page is full. Grows with the blocks. */
  fill(rendered: Rendered): number;
  /** Undefined when a person would see nothing. @param growing more text may follow on this page */
  toPage(rendered: Rendered, growing: boolean): Page | undefined;
}

export interface Pager {
  /** See `ReplyRenderer.render` in `../platform.ts`. */
  render(markdown: string, state: "preview" | "final"): readonly Page[];
}

/** How much of the source is parsed at once, beyond the start of the page; doubled while that does not fill a page. */
const windowUtf16 = 16_000;
const maxWindowUtf16 = 32_000;
/** Where a page usually overflows: looking so far first saves laying out the rest of the window. */
const nearUtf16 = 5_000;
/** A page does not end this close to the window's end, where the markup may look different from what it is. */
const windowEdgeUtf16 = 1_000;

interface Parsed {
  readonly blocks: readonly Block[];
  /** Source offset up to which was parsed. */
  readonly end: number;
}

export function createPager<Rendered>(format: PageFormat<Rendered>): Pager {
  let pager = new GrowingPager(format);
  return {
    render(markdown, state) {
      if (!pager.continues(markdown)) pager = new GrowingPager(format);
      return pager.render(markdown, state);
    },
  };
}

class GrowingPager<Rendered> {
  readonly #format: PageFormat<Rendered>;
  readonly #frozen: Page[] = [];
  /** What came in, and the same cleaned: all offsets are into the clean text. */
  #raw = "";
  #source = "";
  /** Offset at which the page after the frozen ones begins. */
  #from = 0;
  #resumption: Resumption = { base: 0, opening: "", ordinal: undefined };
  #last: { readonly state: "preview" | "final"; readonly pages: readonly Page[] } | undefined;

  constructor(format: PageFormat<Rendered>) {
    this.#format = format;
  }

  /** True when `markdown` is what was rendered before, or more of it. */
  continues(markdown: string): boolean {
    return markdown.startsWith(this.#raw);
  }

  render(markdown: string, state: "preview" | "final"): readonly Page[] {
    if (this.#last?.state === state && markdown.length === this.#raw.length) return this.#last.pages;
    this.#grow(markdown, state);
    const page = this.#safeLastPage(state);
    const pages = page ? [...this.#frozen, page] : [...this.#frozen];
    this.#last = { state, pages };
    return pages;
  }

  #grow(markdown: string, state: "preview" | "final"): void {
    // Half of a surrogate pair waits for its other half.
    const isHalf = state === "preview" && /[\ud800-\udbff]$/.test(markdown);
    const known = isHalf ? markdown.slice(0, -1) : markdown;
    this.#source += sanitised(known.slice(this.#raw.length), this.#source);
    this.#raw = known;
  }

  #safeLastPage(state: "preview" | "final"): Page | undefined {
    try {
      return this.#lastPage(state, false);
    } catch {
      // A fault in a renderer of ours must not cost the reader the reply: without markup there is little to go wrong.
      return this.#lastPage(state, true);
    }
  }

  /** Freezes pages while the text overflows, and renders the rest. */
  #lastPage(state: "preview" | "final", isAlwaysPlain: boolean): Page | undefined {
    let size = windowUtf16;
    let isPlain = isAlwaysPlain;
    for (;;) {
      const parsed = this.#parse(size, state, isPlain);
      const isWhole = parsed.end === this.#source.length;
      const rest = this.#freeze(parsed, isWhole);
      if (rest.kind === "fits" && isWhole) return this.#toLastPage(rest.rendered, state);
      if (rest.kind === "too-large") {
        // Nothing of it can be cut smaller: once more as plain text, and if even that fails without the piece.
        if (isPlain) this.#skip(parsed.end);
        isPlain = isAlwaysPlain || !isPlain;
      } else {
        isPlain = isAlwaysPlain;
        if (rest.kind === "cut-off" || rest.frozen > 0) size = windowUtf16;
        else if (size < maxWindowUtf16) size *= 2;
        else this.#freezeAll(parsed);
      }
    }
  }

  #toLastPage(rendered: Rendered, state: "preview" | "final"): Page | undefined {
    const growing = state === "preview";
    const page = this.#format.toPage(rendered, growing);
    return page && growing ? { ...page, growing } : page;
  }

  #parse(size: number, state: "preview" | "final", isPlain: boolean): Parsed {
    const { base, opening, ordinal } = this.#resumption;
    const end = Math.min(this.#source.length, this.#from + size);
    const heal = state === "preview" || end < this.#source.length;
    const src = opening + this.#source.slice(base, end);
    const offset = base - opening.length;
    const blocks = isPlain
      ? plainBlocks(src, offset)
      : safelyParsed(src, { offset, heal, ordinal, tables: true });
    return { blocks: sliced(blocks, this.#from, Number.POSITIVE_INFINITY), end };
  }

  /** Freezes every page that these blocks overfill. */
  #freeze(
    { blocks, end }: Parsed,
    isWhole: boolean,
  ):
    | { readonly kind: "fits"; readonly rendered: Rendered; readonly frozen: number }
    | { readonly kind: "too-large" }
    | { readonly kind: "cut-off" } {
    const fill = (part: readonly Block[]) => this.#format.fill(this.#format.render(part));
    let rest = blocks;
    for (let frozen = 0; ; frozen += 1) {
      const near = sliced(rest, this.#from, this.#from + nearUtf16);
      const nearFill = end - this.#from > nearUtf16 ? fill(near) : 0;
      const rendered = nearFill > 1 ? undefined : this.#format.render(rest);
      const filled = rendered === undefined ? nearFill : this.#format.fill(rendered);
      if (rendered !== undefined && filled <= 1) return { kind: "fits", rendered, frozen };
      const cut = bestCut(nearFill > 1 ? near : rest, this.#from, fill, filled);
      if (cut === undefined) return { kind: "too-large" };
      if (!isWhole && frozen > 0 && cut > end - windowEdgeUtf16) return { kind: "cut-off" };
      this.#freezePage(sliced(rest, this.#from, cut), rest, cut);
      rest = sliced(rest, cut, Number.POSITIVE_INFINITY);
    }
  }

  #freezePage(shown: readonly Block[], rest: readonly Block[], cut: number): void {
    const page = this.#format.toPage(this.#format.render(shown), false);
    if (page) this.#frozen.push(page);
    this.#resumption = resumption(rest, cut, this.#resumption);
    this.#from = cut;
  }

  /** Tens of thousands of characters of markup that show less than a page: what they show becomes one. */
  #freezeAll({ blocks, end }: Parsed): void {
    this.#freezePage(blocks, [], end);
    this.#skip(end);
  }

  #skip(to: number): void {
    this.#from = to;
    this.#resumption = { base: to, opening: "", ordinal: undefined };
  }
}

/** Never an exception: what the parser refuses is shown as it was written. */
function safelyParsed(src: string, options: Parameters<typeof toBlocks>[1]): Block[] {
  try {
    return toBlocks(src, options);
  } catch {
    // Nested beyond all sense, or a fault of the parser: the source is still a readable text.
    return plainBlocks(src, options.offset);
  }
}
