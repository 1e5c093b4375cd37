/** Counts and cuts by tokens. An estimate for budgets: the encoding is that of OpenAI's models since GPT-4o, other models differ by some percent. */

import { countTokens as count } from "gpt-tokenizer/encoding/o200k_base";

/** What the API adds per message, and once for the answer's beginning (OpenAI's cookbook; platform-facts C8). */
export const overheadTokens = { perMessage: 4, perRequest: 3 } as const;

/**
 * Text is counted in slices of at most this many UTF-16 code units: the encoder's cost grows with the square of an
 * unbroken run (measured: 40,000 emoji 2.6 s whole, 4 ms in slices).
 */
const sliceUtf16 = 256;

/** What is counted exactly: 0.2 s for the worst text. Beyond it, the rest is taken to be like the beginning. */
const exactUtf16 = 100_000;

/** `<|endoftext|>` and the like are text here: people may write about them. */
const asText = { disallowedSpecial: new Set<string>() };

/** Tokens of `text`. Bounded: about 0.2 s for the worst text of any length, 3 µs per 100 characters of a usual one. */
export function countTokens(text: string): number {
  if (text.length > exactUtf16) {
    const counted = countTokens(text.slice(0, exactUtf16));
    return Math.ceil((counted * text.length) / exactUtf16);
  }
  let tokens = 0;
  for (let start = 0; start < text.length; ) {
    const end = sliceEnd(text, start);
    tokens += count(text.slice(start, end), asText);
    start = end;
  }
  return tokens;
}

/**
 * The longest beginning of `text` with at most `maxTokens` tokens that does not end inside a grapheme.
 * @returns the whole text when it fits; "" when not even its first grapheme does
 */
export function cutToTokens(text: string, maxTokens: number): string {
  let room = maxTokens;
  for (let start = 0; start < text.length; ) {
    const end = sliceEnd(text, start);
    const tokens = count(text.slice(start, end), asText);
    if (tokens > room)
      return text.slice(0, graphemeStart(text, start + fitting(text.slice(start, end), room)));
    room -= tokens;
    start = end;
  }
  return text;
}

/** Prefers to slice before a space: there the encoder would separate anyway, so that slices count exactly. */
function sliceEnd(text: string, start: number): number {
  const end = start + sliceUtf16;
  if (end >= text.length) return text.length;
  const space = text.lastIndexOf(" ", end);
  if (space > start) return space;
  return isLowSurrogate(text.charCodeAt(end)) ? end + 1 : end;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** How many code units of a slice fit into `maxTokens`. */
function fitting(slice: string, maxTokens: number): number {
  let fits = 0;
  let above = slice.length + 1;
  while (above - fits > 1) {
    const middle = (fits + above) >> 1;
    if (count(slice.slice(0, middle), asText) <= maxTokens) fits = middle;
    else above = middle;
  }
  return fits;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** How far back a grapheme's beginning is looked for; only a hostile text has longer ones. */
const graphemeUtf16 = 1_000;

/** The beginning of the grapheme that `index` lies in; `index` itself when it is a beginning. */
function graphemeStart(text: string, index: number): number {
  const from = Math.max(0, index - graphemeUtf16);
  const window = text.slice(from, index + graphemeUtf16);
  const grapheme = graphemes.segment(window).containing(index - from);
  return grapheme === undefined ? index : from + grapheme.index;
}
