/** Takes out of a text what deceives or floods: bidi overrides, tag characters, invisible characters, piled marks. */

/** More marks than this on one base are dropped; Vietnamese, Hebrew or Tibetan need at most four. */
const maxMarks = 8;

const suspicious = /[[\p{Cc}--[\n\t]]\p{Cf}\p{M}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/v;
const lineEnds = /[\v\f\u0085\u2028\u2029]/;
/** Joiners and direction marks that scripts and emoji need: kept singly, and only after something visible. */
const joiners = /[\u061c\u200c-\u200f]/;
const selectors = /[\ufe00-\ufe0f]/;
/** Format characters with a shape of their own, such as the Arabic year sign. */
const visibleFormat = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
const fillers = /[\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u{e0100}-\u{e01ef}]/u;
const mark = /\p{M}/u;
const control = /[\p{Cc}\p{Cf}]/u;
const visible = /[^[\s\u2800\p{Cf}\p{Cc}\ufe00-\ufe0f]]/v;

/**
 * Cleans `chunk`. Pure and local: looks back into `before`, never ahead, so that a growing text is cleaned piece by piece.
 * @param before what was cleaned already; `chunk` goes on there
 */
export function sanitised(chunk: string, before = ""): string {
  if (!suspicious.test(chunk)) return chunk;
  let out = "";
  let previous = lastCharacter(before);
  let marks = marksAtEnd(before);
  for (const character of chunk) {
    const kept = keep(character, previous, marks);
    if (kept === "") continue;
    marks = mark.test(kept) ? marks + 1 : 0;
    previous = kept;
    out += kept;
  }
  return out;
}

function keep(character: string, previous: string, marks: number): string {
  if (character === "\n" || character === "\t") return character;
  if (lineEnds.test(character)) return "\n";
  if (isLoneSurrogate(character)) return "\ufffd";
  if (joiners.test(character)) return joins(previous) ? character : "";
  if (selectors.test(character)) return joins(previous) && !mark.test(previous) ? character : "";
  if (fillers.test(character)) return "";
  if (control.test(character)) return visibleFormat.test(character) ? character : "";
  if (mark.test(character) && marks >= maxMarks) return "";
  return character;
}

function joins(previous: string): boolean {
  return previous !== "" && !/[\s\u061c\u200c-\u200f]/.test(previous);
}

function isLoneSurrogate(character: string): boolean {
  const unit = character.charCodeAt(0);
  return character.length === 1 && unit >= 0xd800 && unit <= 0xdfff;
}

function lastCharacter(text: string): string {
  return [...text.slice(-2)].at(-1) ?? "";
}

function marksAtEnd(text: string): number {
  const characters = [...text.slice(-2 * maxMarks)].reverse();
  const base = characters.findIndex((character) => !mark.test(character));
  return base < 0 ? Math.min(characters.length, maxMarks) : base;
}

/** True when a person would see nothing: white space, joiners and fillers only. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}
