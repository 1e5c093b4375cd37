/**
 * Pieces of a reply → Slack's mrkdwn, and the same as plain text.
 *
 * mrkdwn has no escape for its own marks. So what the text itself contains is made harmless like this:
 * - `&`, `<`, `>` are escaped everywhere, code included: no `<!channel>`, no `<@U…>` can ever be one.
 * - `*`, `_`, `~` get a zero-width space on both sides where they could begin or end a style, and only there.
 * - a backtick outside of code becomes U+02CB, which looks the same: Slack pairs backticks across anything.
 * - `@channel` and its like get a word joiner behind the `@` (`chat.update` looks for names unless told not to).
 * - a style's own marks get a zero-width space outside where they touch other text, for Slack wants a boundary there.
 */

import type { Piece } from "../../core/markdown/layout.ts";
import { bareAddress } from "../../core/markdown/links.ts";
import { isSameLook, type Run, runsText } from "../../core/markdown/runs.ts";
import { lineRuns } from "./line-runs.ts";

const zeroWidthSpace = "\u200b";
const wordJoiner = "\u2060";
const modifierGrave = "\u02cb";

const broadcast = /@(?=(?:channel|here|everyone|group)\b)/gi;

/** Escapes the three characters that Slack escapes. */
function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The mrkdwn that shows `pieces`. */
export function toMrkdwn(pieces: readonly Piece[]): string {
  return joined(pieces, mrkdwnOf);
}

/** What a person reads there, without markup and escapes. */
export function toPlain(pieces: readonly Piece[]): string {
  return joined(pieces, (piece) => (piece.kind === "code" ? piece.text : runsText(piece.runs)));
}

function joined(pieces: readonly Piece[], toText: (piece: Piece) => string): string {
  return pieces
    .map((piece, index) => {
      const before = pieces[index - 1];
      if (before === undefined) return toText(piece);
      // Inside a quotation the empty line between two paragraphs is quoted as well.
      const isQuoted =
        piece.quote !== undefined &&
        piece.quote === before.quote &&
        piece.kind === "text" &&
        before.kind === "text";
      return `${isQuoted && piece.gap === 2 ? "\n>\n" : "\n".repeat(piece.gap)}${toText(piece)}`;
    })
    .join("");
}

function mrkdwnOf(piece: Piece): string {
  // Slack shows the `>` of a quoted code block as part of the code, so code stands outside of the quotation.
  if (piece.kind === "code") return codeBlock(piece.text);
  const lines = lineRuns(piece.runs).map(lineMrkdwn);
  return piece.quote === undefined
    ? lines.map(withoutQuoteMark).join("\n")
    : lines.map((line) => `> ${line}`).join("\n");
}

/** A line that begins with an escaped `>` would be a quotation. */
function withoutQuoteMark(line: string): string {
  return line.replace(/^(\s*)&gt;/, `$1${zeroWidthSpace}&gt;`);
}

function codeBlock(text: string): string {
  const safe = withoutBroadcasts(text).replaceAll("```", `\`${zeroWidthSpace}\`${zeroWidthSpace}\``);
  return `\`\`\`\n${escapeMrkdwn(safe)}\n\`\`\``;
}

function lineMrkdwn(runs: readonly Run[]): string {
  let line = "";
  let last = " ";
  let endsWithMark = false;
  for (const run of runs.flatMap(withSpaceOutside)) {
    const { text, isMarked } = runMrkdwn(run);
    const touches = !/\s/.test(last) && !/\s/.test(text.charAt(0));
    line += touches && (isMarked || endsWithMark) ? zeroWidthSpace + text : text;
    last = text.slice(-1);
    endsWithMark = isMarked;
  }
  return line;
}

/** White space at the edge of a style keeps Slack from seeing the style. */
function withSpaceOutside(run: Run): Run[] {
  const isPlain = !(run.bold || run.italic || run.strike || run.code);
  if (isPlain && run.url === undefined) return [run];
  const start = run.text.length - run.text.trimStart().length;
  const inner = run.text.trim();
  const before = run.text.slice(0, start);
  const after = run.text.slice(start + inner.length);
  const bare = { bold: false, italic: false, strike: false, code: false, url: undefined };
  const parts = [
    { ...bare, text: before },
    { ...run, text: inner },
    { ...bare, text: after },
  ];
  return parts.filter(({ text }) => text !== "").reduce<Run[]>(mergedPlain, []);
}

function mergedPlain(runs: Run[], run: Run): Run[] {
  const last = runs.at(-1);
  return last && isSameLook(last, run)
    ? [...runs.slice(0, -1), { ...last, text: last.text + run.text }]
    : [...runs, run];
}

function runMrkdwn(run: Run): { text: string; isMarked: boolean } {
  if (run.code)
    return { text: `\`${escapeMrkdwn(withoutBackticks(withoutBroadcasts(run.text)))}\``, isMarked: true };
  const label = run.url === undefined ? withLinks(run.text) : linked(run.url, run.text);
  const marks = `${run.bold ? "*" : ""}${run.italic ? "_" : ""}${run.strike ? "~" : ""}`;
  if (marks === "") return { text: label, isMarked: false };
  return { text: marks + label + [...marks].reverse().join(""), isMarked: true };
}

const needsCare = /[&<>@`*_~]|https?:/;

/** A bare address becomes an explicit link: Slack is told not to look for them, and its `_` must stay untouched. */
function withLinks(text: string): string {
  if (!needsCare.test(text)) return text;
  let out = "";
  let end = 0;
  for (const { 0: url, index } of text.matchAll(bareAddress)) {
    out += `${literal(text.slice(end, index))}<${escapedUrl(url)}>`;
    end = index + url.length;
  }
  return out + literal(text.slice(end));
}

function linked(url: string, label: string): string {
  // The first bar ends the address; one in the label would be taken for it by some clients.
  return `<${escapedUrl(url)}|${literal(label).replaceAll("|", "¦")}>`;
}

function escapedUrl(url: string): string {
  return url.replaceAll("<", "%3C").replaceAll(">", "%3E").replaceAll("|", "%7C").replaceAll("&", "&amp;");
}

/** Text that shows as it is. */
function literal(text: string): string {
  return escapeMrkdwn(withoutStyleMarks(withoutBackticks(withoutBroadcasts(text))));
}

function withoutBroadcasts(text: string): string {
  return text.includes("@") ? text.replace(broadcast, `@${wordJoiner}`) : text;
}

function withoutBackticks(text: string): string {
  return text.replaceAll("`", modifierGrave);
}

const guardedMarks = new Map(
  [..."*_~"].map((mark) => [mark.charCodeAt(0), zeroWidthSpace + mark + zeroWidthSpace]),
);
const nonAsciiWord = /[\p{L}\p{N}]/u;

/** A mark between two letters or two spaces styles nothing and stays untouched: `snake_case`, `5 * 3`. */
function withoutStyleMarks(text: string): string {
  let out = "";
  let end = 0;
  for (let index = 0; index < text.length; index += 1) {
    const mark = guardedMarks.get(text.charCodeAt(index));
    if (mark === undefined) continue;
    const before = characterKind(text, index - 1);
    if (before !== "other" && before === characterKind(text, index + 1)) continue;
    out += text.slice(end, index) + mark;
    end = index + 1;
  }
  return end === 0 ? text : out + text.slice(end);
}

function characterKind(text: string, index: number): "word" | "space" | "other" {
  const unit = text.charCodeAt(index);
  if (unit === 32 || unit === 10 || unit === 9) return "space";
  if ((unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57)) return "word";
  return unit > 127 && nonAsciiWord.test(text.charAt(index)) ? "word" : "other";
}
