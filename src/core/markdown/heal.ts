/**
 * Completes the inline markup that a growing text has only begun, so that a preview shows no stray markup.
 * Only the end is touched: every position before it keeps its meaning. Linear in the text.
 */

interface Opener {
  readonly marker: string;
  readonly at: number;
  length: number;
}

/** Markup that is open for longer than this was probably never meant as such; `[` and a backtick stand alone too. */
const reachUtf16 = { emphasis: 1_000, other: 300, address: 2_100 };

function reach(marker: string): number {
  return /[*_~]/.test(marker) ? reachUtf16.emphasis : reachUtf16.other;
}

/** The same text with its open emphasis, code and links closed and its dangling markers taken off. */
export function healed(content: string): string {
  const scan = scanned(withoutPartialTable(content));
  let text = scan.text.replace(/(?:\\|(?<!~)~|<)$/, "");
  const openers = scan.openers.filter(({ marker, at }) => text.length - at <= reach(marker));
  for (;;) {
    text = text.trimEnd();
    const last = openers.at(-1);
    if (last === undefined || last.at + last.length < text.length) break;
    openers.pop();
    text = text.slice(0, last.at);
  }
  const closers = openers.reverse().map(closer);
  return text + closers.join("");
}

function closer({ marker, length }: Opener): string {
  return marker === "[" ? "]()" : marker === "<" ? ">" : marker.repeat(length);
}

/** A table's header is held back until its delimiter line tells that it is one; so are single list and rule marks. */
function withoutPartialTable(content: string): string {
  const lines = content.split("\n");
  if ((lines.at(-1)?.length ?? 0) > reachUtf16.other) return content;
  const last = lines.at(-1)?.trim() ?? "";
  const previous = lines.at(-2)?.trim() ?? "";
  if (/^\|[\s|:-]*$|^:?-[\s|:-]*$/.test(last) && previous.startsWith("|")) lines.length -= 2;
  else if (/^(?:\||[-+*=]{1,2}$|\d{1,9}[.)]$|#{1,6}$)/.test(last)) lines.length -= 1;
  return lines.join("\n");
}

/** Walks over the text as the parser would and returns what is still open at its end. */
function scanned(content: string): { text: string; openers: Opener[] } {
  const openers: Opener[] = [];
  const runs = lastBacktickRuns(content);
  const special = /\\[\s\S]|`+|\*+|_+|~~+|!?\[|\]\(?|<(?=https?:)/g;
  for (let match = special.exec(content); match; match = special.exec(content)) {
    const [found] = match;
    const at = match.index;
    const end = special.lastIndex;
    if (found.startsWith("`")) {
      const close = (runs.get(found.length) ?? -1) >= end ? closingRun(content, end, found.length) : -1;
      if (close < 0 && content.length - at <= reachUtf16.other)
        return { text: withoutPartialRun(content, end, "`"), openers: [...openers, opener("`", at, found)] };
      if (close >= 0) special.lastIndex = close;
    } else if (found.endsWith("[")) openers.push({ marker: "[", at, length: found.length });
    else if (found.startsWith("]")) {
      const isInBrackets = openers.some(({ marker }) => marker === "[");
      // An address may follow at once.
      if (found === "]" && end === content.length && isInBrackets)
        return { text: content.slice(0, at), openers };
      const isLink = found === "](" && isInBrackets;
      const close = isLink ? content.indexOf(")", end) : at;
      // The address is left out until it is whole.
      if (close < 0 && isPartialAddress(content.slice(end))) return { text: content.slice(0, at), openers };
      popBracket(openers);
      if (close >= 0) special.lastIndex = close + 1;
    } else if (found === "<") {
      const close = content.slice(end).search(/[\s>]/);
      if (close < 0) return { text: content, openers: [...openers, opener("<", at, found)] };
    } else if (/^[*_~]/.test(found)) delimiter(content, found, at, openers);
  }
  return { text: content, openers };
}

function isPartialAddress(text: string): boolean {
  return text.length <= reachUtf16.address && /^\S*(?:\s+["'][^\n]*)?$/.test(text);
}

function opener(marker: string, at: number, found: string): Opener {
  return { marker, at, length: found.length };
}

function popBracket(openers: Opener[]): void {
  const index = openers.findLastIndex(({ marker }) => marker === "[");
  if (index >= 0) openers.length = index;
}

/** Letters and digits of scripts that put spaces between words. */
const inWord = /[[\p{L}\p{N}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]]/v;

function delimiter(content: string, found: string, at: number, openers: Opener[]): void {
  const before = content.charAt(at - 1);
  const after = content.charAt(at + found.length);
  const marker = found.charAt(0);
  let length = found.length;
  const isInWord = inWord.test(before) && inWord.test(after);
  if (isInWord && marker === "_") return;
  if (/\S/.test(before)) {
    for (let top = openers.at(-1); length > 0 && top?.marker === marker; top = openers.at(-1)) {
      const closed = Math.min(top.length, length);
      top.length -= closed;
      length -= closed;
      if (top.length === 0) openers.pop();
    }
  }
  // `5*3` and `2**8` are arithmetic far more often than the beginning of emphasis inside a word.
  const opens = !isInWord && (after === "" || /\S/.test(after));
  if (length > 0 && opens && (marker !== "~" || length === 2)) openers.push({ marker, at, length });
}

function lastBacktickRuns(content: string): Map<number, number> {
  return new Map([...content.matchAll(/`+/g)].map((run) => [run[0].length, run.index]));
}

/** Where the next run of exactly `length` backticks ends; the caller knows that there is one. */
function closingRun(content: string, from: number, length: number): number {
  const run = /`+/g;
  run.lastIndex = from;
  for (let match = run.exec(content); match; match = run.exec(content)) {
    if (match[0].length === length) return run.lastIndex;
  }
  return -1;
}

/** The text without a closing run that has only begun. */
function withoutPartialRun(content: string, from: number, marker: string): string {
  let end = content.length;
  while (end > from && content.charAt(end - 1) === marker) end -= 1;
  return content.slice(0, end);
}
