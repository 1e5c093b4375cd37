/** Inline tokens → inline tree: links checked, images turned into text, every leaf with its place in the source. */

import type { Token } from "markdown-it";
import { allowedUrl, trueHost } from "./links.ts";
import { inlineTokens } from "./parser.ts";
import { sanitised } from "./sanitise.ts";
import { type Inline, inlineText, type Styled } from "./tree.ts";

/** Turns a position in a block's inline text into an offset in the source. */
export type ToSource = (position: number) => number;

/** Styles inside more styles than this are left out: four are all that there are. */
const maxDepth = 16;

interface Frame {
  readonly token: Token | undefined;
  readonly children: Inline[];
  /** The link is an image: `!` stood before it. */
  readonly image: boolean;
}

/** Parses the inline text of one block. Text that is mostly marks is no writing and stays as it is. */
export function toInlines(content: string, toSource: ToSource): Inline[] {
  if (isMostlyMarks(content)) return literalInlines(content, toSource);
  const builder = new InlineBuilder(content, toSource);
  for (const token of inlineTokens(content)) builder.add(token);
  return builder.end();
}

/** Real replies stay far below; what is above makes thousands of styles of one letter each, at great cost. */
const maxMarkShare = 0.45;
const marks = new Set([..."*_~`[]<&\\!"].map((mark) => mark.charCodeAt(0)));

function isMostlyMarks(content: string): boolean {
  if (content.length < 1_000) return false;
  let count = 0;
  for (let index = 0; index < content.length; index += 1)
    if (marks.has(content.charCodeAt(index))) count += 1;
  return count > content.length * maxMarkShare;
}

/** Every line of `content` as it is. */
export function literalInlines(content: string, toSource: ToSource): Inline[] {
  const inlines: Inline[] = [];
  for (const { 0: text, index } of content.matchAll(/[^\n]+/g)) {
    const at = toSource(index);
    if (inlines.length > 0) inlines.push({ kind: "break", at: at - 1, end: at });
    inlines.push({ kind: "text", text, at, end: at + text.length });
  }
  return inlines;
}

class InlineBuilder {
  readonly #content: string;
  readonly #toSource: ToSource;
  readonly #frames: Frame[] = [{ token: undefined, children: [], image: false }];
  /** Styles that were opened deeper than {@link maxDepth} and have no frame. */
  #ignored = 0;
  /** Delimiters of one run carry the same position: the next one begins where the last ended. */
  #run = { position: -1, end: 0 };

  constructor(content: string, toSource: ToSource) {
    this.#content = content;
    this.#toSource = toSource;
  }

  add(token: Token): void {
    const position = this.#positionOf(token);
    switch (token.type) {
      case "text":
      case "text_special":
        this.#addText(token, position);
        return;
      case "code_inline":
        this.#addCode(token, position);
        return;
      case "softbreak":
      case "hardbreak":
        this.#children.push({
          kind: "break",
          at: this.#toSource(position),
          end: this.#toSource(position) + 1,
        });
        return;
      case "link_open":
        this.#frames.push({ token, children: [], image: this.#takeImageMark() });
        return;
      case "link_close":
        this.#closeLink(position);
        return;
      default:
        this.#addStyle(token);
        return;
    }
  }

  end(): Inline[] {
    while (this.#frames.length > 1) this.#closeStyle();
    return this.#children;
  }

  get #children(): Inline[] {
    return this.#frames.at(-1)?.children ?? [];
  }

  #positionOf(token: Token): number {
    const noted = typeof token.meta?.at === "number" ? token.meta.at : 0;
    if (token.info === "verbatim" || !isDelimiter(token)) return noted;
    const position = noted === this.#run.position ? this.#run.end : noted;
    this.#run = { position: noted, end: position + (token.content || token.markup).length };
    return position;
  }

  #addText(token: Token, position: number): void {
    const at = this.#toSource(position);
    if (token.type === "text_special") {
      const text = sanitised(token.content, "x");
      this.#push(text, at, at + Math.max(token.markup.length, 1));
    } else this.#push(token.content, at, at + token.content.length);
  }

  #push(text: string, at: number, end: number): void {
    if (text === "") return;
    const last = this.#children.at(-1);
    const joins =
      last?.kind === "text" &&
      last.end === at &&
      isVerbatim(last.text, last.at, last.end) &&
      isVerbatim(text, at, end);
    if (joins) this.#children.splice(-1, 1, { kind: "text", text: last.text + text, at: last.at, end });
    else this.#children.push({ kind: "text", text, at, end });
  }

  #addCode(token: Token, position: number): void {
    const inner = position + token.markup.length;
    const isPadded = !this.#content.startsWith(token.content.slice(0, 1), inner);
    const start = isPadded ? inner + 1 : inner;
    this.#children.push({
      kind: "code",
      text: token.content,
      at: this.#toSource(start),
      end: this.#toSource(start + token.content.length),
    });
  }

  #addStyle(token: Token): void {
    if (token.nesting === 1 && this.#frames.length > maxDepth) this.#ignored += 1;
    else if (token.nesting === 1) this.#frames.push({ token, children: [], image: false });
    else if (token.nesting === -1 && this.#ignored > 0) this.#ignored -= 1;
    else if (token.nesting === -1) this.#closeStyle();
  }

  #closeStyle(): void {
    const frame = this.#frames.length > 1 ? this.#frames.pop() : undefined;
    if (!frame) return;
    const kind = styles.get(frame.token?.tag ?? "");
    if (kind === undefined) this.#children.push(...frame.children);
    else if (frame.children.length > 0) {
      this.#children.push({ kind, markup: frame.token?.markup ?? "", children: frame.children });
    }
  }

  #takeImageMark(): boolean {
    const last = this.#children.at(-1);
    if (last?.kind !== "text" || !last.text.endsWith("!") || last.end - last.at !== last.text.length)
      return false;
    this.#children.pop();
    this.#push(last.text.slice(0, -1), last.at, last.end - 1);
    return true;
  }

  #closeLink(position: number): void {
    const frame = this.#frames.length > 1 ? this.#frames.pop() : undefined;
    if (!frame) return;
    const url = allowedUrl(String(frame.token?.attrGet("href") ?? ""));
    const at = this.#toSource(position);
    const label = inlineText(frame.children);
    if (url === undefined) this.#children.push(...frame.children);
    else if (frame.image) {
      this.#children.push(...frame.children);
      this.#push(label.trim() === "" ? url : ` (${url})`, at, at + 1);
    } else if (label.trim() === "") this.#push(url, at, at + 1);
    else {
      this.#children.push({ kind: "link", url, children: frame.children });
      const host = trueHost(label, url);
      if (host !== undefined) this.#push(` (${host})`, at, at + 1);
    }
  }
}

const styles = new Map<string, Styled["kind"]>([
  ["strong", "strong"],
  ["em", "emphasis"],
  ["s", "strike"],
]);

function isDelimiter(token: Token): boolean {
  return token.type === "text" || styles.has(token.tag);
}

function isVerbatim(text: string, at: number, end: number): boolean {
  return text.length === end - at;
}
