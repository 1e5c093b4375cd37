/** Cuts a long text into messages, as Telegram's apps do before they send it. */

/** Apps count UTF-16 code units, the server code points. */
const limitUtf16 = 4_096;
/** How far back an app looks for a good place. */
const lookBackUtf16 = 300;

/**
 * At a line's end, else a sentence's, else a word's, within the last 300 characters; else where the limit falls, but
 * never within a surrogate pair. The space at the cut is lost: the server trims every message.
 */
export function cutText(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let left = text.trim(); left !== ""; ) {
    const end = left.length <= limitUtf16 ? left.length : placeToCut(left);
    pieces.push(left.slice(0, end).trimEnd());
    left = left.slice(end).trimStart();
  }
  return pieces;
}

function placeToCut(text: string): number {
  const from = limitUtf16 - lookBackUtf16;
  const tail = text.slice(from, limitUtf16);
  for (const end of [/[\s\S]*\n/, /[\s\S]*[.!?](?=\s)/, /[\s\S]*\s/]) {
    const found = end.exec(tail)?.[0];
    if (found !== undefined) return from + found.length;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(limitUtf16 - 1));
  return splitsPair ? limitUtf16 - 1 : limitUtf16;
}
