/**
 * The Markdown parser: markdown-it without what only documents need, and with positions on inline tokens.
 * Chosen by measurement: a reply of 2,000 characters takes mdast ten times as long, 10,000 of `_*a` take it 0.8 s
 * (marked as well), and both overflow the stack on deep quotations.
 */

import MarkdownIt, { type StateInline, type Token } from "markdown-it";

/** Deeper nesting is not parsed; the caller falls back to plain text, for markdown-it drops what lies deeper. */
const maxNesting = 40;

const md = new MarkdownIt("default", { html: false, linkify: false, typographer: false, maxNesting });
// Indented code, underlined headings and references change what stands before or far behind them: wrong for a
// text that grows. An image is a link behind an exclamation mark and becomes text. HTML stays literal text.
md.disable(["code", "lheading", "reference", "html_block", "html_inline", "image"]);
// Merging fragments would lose their positions.
md.inline.ruler2.disable("fragments_join");
md.inline.ruler.after("text", "bare_address", bareAddress);
md.validateLink = () => true;
md.normalizeLink = (url) => url;

/** Notes on every token where in the inline text it begins, and lets emphasis stand beside Chinese and Japanese. */
class PositionedState extends md.inline.State {
  override push(type: string, tag: string, nesting: -1 | 0 | 1): Token {
    const token = super.push(type, tag, nesting);
    token.meta = { at: this.pos };
    return token;
  }

  override pushPending(): Token {
    const at = pendingStart(this.src, this.pos, this.pending);
    const token = super.pushPending();
    token.meta = { at };
    token.info = "verbatim";
    return token;
  }

  override scanDelims(start: number, canSplitWord: boolean) {
    const scanned = super.scanDelims(start, canSplitWord);
    if (!canSplitWord) return scanned;
    const before = this.src.charAt(start - 1);
    const after = this.src.charAt(start + scanned.length);
    // CommonMark wants a space between `**」` and a letter; languages without spaces have none (commonmark-spec#650).
    const opens = unspaced.test(before) && /\S/.test(after);
    const closes = unspaced.test(after) && /\S/.test(before);
    return { ...scanned, can_open: scanned.can_open || opens, can_close: scanned.can_close || closes };
  }
}
md.inline.State = PositionedState;

const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff01-\uff60]/u;

const restOfAddress = /:\/\/[^\s<>"`|[\]()\\]*[^\s<>"`|[\]()\\.,:;!?'*_~]/y;

/** A bare address is text, and so is every `_` and `*` in it. Stands where the scheme has been read: at its colon. */
function bareAddress(state: StateInline, silent: boolean): boolean {
  if (state.src.charCodeAt(state.pos) !== 58) return false;
  if (!/(?:^|[^\p{L}\p{N}])https?$/u.test(state.src.slice(Math.max(0, state.pos - 6), state.pos)))
    return false;
  restOfAddress.lastIndex = state.pos;
  const rest = restOfAddress.exec(state.src)?.[0].slice(0, state.posMax - state.pos);
  if (rest === undefined) return false;
  if (!silent) state.pending += rest;
  state.pos += rest.length;
  return true;
}

/** The text before a token ends at the token, but for the spaces and the bracket that the parser has skipped. */
function pendingStart(src: string, pos: number, pending: string): number {
  for (let end = pos; end >= pending.length; end -= 1) {
    if (src.startsWith(pending, end - pending.length)) return end - pending.length;
    if (!" [".includes(src.charAt(end - 1))) break;
  }
  return Math.max(0, pos - pending.length);
}

export class NestingTooDeep extends Error {
  override readonly name = "NestingTooDeep";
}

/**
 * The block tokens of `src`, inline tokens unparsed.
 * @throws NestingTooDeep when a part would be lost
 */
export function blockTokens(src: string, options: { readonly tables: boolean }): Token[] {
  const tokens: Token[] = [];
  if (options.tables) md.block.parse(src, md, {}, tokens);
  else withoutTables(() => md.block.parse(src, md, {}, tokens));
  if (tokens.some((token) => token.level >= maxNesting - 1)) {
    throw new NestingTooDeep(`Nested ${maxNesting - 1} levels deep or more.`);
  }
  return tokens;
}

function withoutTables(parse: () => void): void {
  md.block.ruler.disable("table");
  try {
    parse();
  } finally {
    md.block.ruler.enable("table");
  }
}

/** The inline tokens of a block's `content`. `token.meta.at` is where each begins in it. */
export function inlineTokens(content: string): Token[] {
  const tokens: Token[] = [];
  md.inline.parse(content, md, {}, tokens);
  return tokens;
}
