/** The beginning of a text that is too long to be shown. Pure. */

/** The text, or as much of it as `mostUtf16` code units hold and "…": never half of a surrogate pair, which no platform takes. */
export function beginningOf(text: string, mostUtf16: number): string {
  if (text.length <= mostUtf16) return text;
  return `${text.slice(0, mostUtf16).replace(/[\ud800-\udbff]$/, "")}…`;
}
