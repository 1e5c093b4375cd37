/**
 * Pieces of a reply → the Markdown that Slack's streams take, which has dangers of its own: it may call people, and the
 * stream methods have no switch for previews of links. So what is not plain prose is made harmless:
 * - `<` is separated from what would make it a mention or an address, `@channel` and its like are cut by a word joiner;
 * - addresses, and whatever looks like a host, are cut likewise; a link shows its label only;
 * - what the text itself contains of Markdown's marks is escaped.
 *
 * Everything is decided by what stands before, never by what follows: of a text that grows, what was sent stays right.
 */

import type { Piece } from "../../core/markdown/layout.ts";
import type { Run } from "../../core/markdown/runs.ts";
import { lineRuns } from "./line-runs.ts";

/** A page as a stream shows it. */
export interface StreamText {
  readonly markdown: string;
  /**
   * True when Slack surely shows it as it is meant: prose, styles and code. What had to be made harmless, and what the
   * dialect may show otherwise, takes its final form by an edit.
   */
  readonly exact: boolean;
}

const zeroWidthSpace = "\u200b";
const wordJoiner = "\u2060";
const noBreakSpace = "\u00a0";
const modifierGrave = "\u02cb";

/** @param growing the last style or code block stays open: what follows may belong to it */
export function toStreamText(pieces: readonly Piece[], growing: boolean): StreamText {
  const writer = new StreamWriter();
  for (const [index, piece] of pieces.entries()) {
    writer.gap(piece, pieces[index - 1]);
    writer.piece(piece, growing && index === pieces.length - 1);
  }
  const markdown = growing ? settled(writer.text) : writer.text;
  return { markdown, exact: writer.exact };
}

/** A last word that is still being written may yet turn out to be markup; a long one is a text without spaces. */
const wordUtf16 = 24;

function settled(text: string): string {
  const word = new RegExp(`\\S{1,${wordUtf16}}$`).exec(text)?.[0] ?? "";
  const rest = text.slice(0, text.length - word.length).trimEnd();
  return rest === "" || /\S$/.test(text.slice(0, text.length - word.length)) ? text : rest;
}

class StreamWriter {
  text = "";
  exact = true;

  gap(piece: Piece, before: Piece | undefined): void {
    if (before === undefined) return;
    const isQuoted = piece.quote !== undefined && piece.quote === before.quote && piece.kind === "text";
    if (isQuoted && before.kind === "text") this.text += piece.gap === 2 ? "\n>\n" : this.#lineBreak();
    else if (piece.gap === 2 || piece.kind === "code" || before.kind === "code")
      this.text += "\n".repeat(piece.gap);
    else this.text += this.#lineBreak();
  }

  piece(piece: Piece, open: boolean): void {
    if (piece.kind === "code") this.#code(piece.text, open);
    else this.#lines(piece.runs, piece.quote === undefined ? "" : "> ", open);
  }

  #lineBreak(): string {
    this.exact = false;
    return "  \n";
  }

  #code(text: string, open: boolean): void {
    const safe = this.#changed(text, codeTraps);
    this.text += `\`\`\`\n${safe}${open ? "" : "\n```"}`;
  }

  #lines(runs: readonly Run[], mark: string, open: boolean): void {
    if (mark !== "") this.exact = false;
    const lines = lineRuns(runs);
    for (const [index, line] of lines.entries()) {
      if (index > 0) this.text += this.#lineBreak();
      this.text += mark;
      this.#line(line, open && index === lines.length - 1);
    }
  }

  #line(runs: readonly Run[], open: boolean): void {
    let last: Run | undefined;
    for (const [index, run] of runs.entries()) {
      this.#run(run, last, open && index === runs.length - 1);
      if (run.text.trim() !== "") last = run;
    }
  }

  /** White space at its edges stands outside of a style, or the style would not be seen. */
  #run(run: Run, last: Run | undefined, open: boolean): void {
    const inner = run.text.trim();
    const start = run.text.indexOf(inner);
    const before = run.text.slice(0, start);
    if (last === undefined && before !== "") this.exact = false;
    this.text += last === undefined ? before.replaceAll(" ", noBreakSpace) : before;
    if (inner === "") return;
    if (run.url !== undefined) this.exact = false;
    const marks = marksOf(run);
    if (last !== undefined && before === "") this.#join(last, run);
    const prose = () => this.#prose(inner, last === undefined && marks === "");
    this.text += marks + (run.code ? this.#inlineCode(inner) : prose());
    if (!open) this.text += [...marks].reverse().join("") + run.text.slice(start + inner.length);
  }

  /** Two looks touch. A mark between a word and a sign may not be taken for one. */
  #join(last: Run, next: Run): void {
    const [closes, opens] = [marksOf(last) !== "", marksOf(next) !== ""];
    const [isAfterWord, isBeforeWord] = [/[\p{L}\p{N}]$/u.test(last.text), /^[\p{L}\p{N}]/u.test(next.text)];
    if (/\s$/.test(last.text)) return;
    if (closes && opens) this.text += zeroWidthSpace;
    const isDoubtful = (closes && !isAfterWord && isBeforeWord) || (opens && isAfterWord && !isBeforeWord);
    if (isDoubtful || (closes && opens)) this.exact = false;
  }

  #inlineCode(text: string): string {
    return this.#changed(text, codeTraps).replaceAll("`", () => {
      this.exact = false;
      return modifierGrave;
    });
  }

  #prose(text: string, isLineStart: boolean): string {
    const safe = this.#changed(text, proseTraps);
    return isLineStart ? this.#changed(safe, lineStartTraps) : safe;
  }

  #changed(text: string, traps: readonly Trap[]): string {
    let safe = text;
    for (const { trap, harmless } of traps) safe = safe.replace(trap, harmless);
    if (safe !== text) this.exact = false;
    return safe;
  }
}

function marksOf(run: Run): string {
  if (run.code) return "`";
  return `${run.bold ? "**" : ""}${run.italic ? "*" : ""}${run.strike ? "~~" : ""}`;
}

/** What must not be sent as it stands. `trap` looks back, never ahead. */
interface Trap {
  readonly trap: RegExp;
  readonly harmless: string;
}

/** The last letter of each is what makes it a call. */
const broadcast = /(?<=@(?:channe|her|everyon|grou))(?=[lep])/gi;

const calls: readonly Trap[] = [
  { trap: /(?<=<)(?=[@!#])/g, harmless: zeroWidthSpace },
  { trap: broadcast, harmless: wordJoiner },
];

const codeTraps: readonly Trap[] = [...calls, { trap: /(?<=``)(?=`)/g, harmless: zeroWidthSpace }];

const proseTraps: readonly Trap[] = [
  { trap: /[\\*_~`[\]|]/g, harmless: "\\$&" },
  { trap: /(?<=[<&])/g, harmless: zeroWidthSpace },
  { trap: broadcast, harmless: wordJoiner },
  { trap: /(?<=[:/])(?=\/)|(?<=\bwww)(?=\.)/gi, harmless: wordJoiner },
  { trap: /(?<=[\p{L}\p{N}]\.)(?=[\p{L}\p{N}])/gu, harmless: wordJoiner },
];

const lineStartTraps: readonly Trap[] = [
  { trap: /^(?=[#>+=-])/, harmless: "\\" },
  { trap: /^(\d{1,9})(?=[.)])/, harmless: "$1\\" },
];
