/** Puts a line of the bot's own under a reply that may have stopped anywhere in its markup. */

import { blockTokens } from "./parser.ts";

/**
 * `markdown` with `mark` as a paragraph of its own. A fence that is still open is closed first, so that the mark
 * does not become code. Everything else ends by itself: styles at an empty line, lists and quotations, and the
 * fences inside them, at a line that is not theirs.
 */
export function marked(markdown: string, mark: string): string {
  const text = markdown.trimEnd();
  return `${text}${closingFence(text)}\n\n${mark}`.trimStart();
}

function closingFence(text: string): string {
  try {
    // A fence inside a list or a quotation is followed by the token that ends those.
    const last = blockTokens(text, { tables: true }).at(-1);
    if (last?.type !== "fence" || last.map === null) return "";
    const [first, end] = last.map;
    // The text does not end with a line's end, so only a closing line puts one behind the code.
    const isClosed = last.content === "" ? end - first > 1 : last.content.endsWith("\n");
    return isClosed ? "" : `\n${last.markup}`;
  } catch {
    // Nested too deep to be parsed: it is shown as plain text, where a fence closes nothing.
    return "";
  }
}
