/** What a conversation is called where a platform lists them: the first words of its first question. Pure. */

/** Longer ones are cut off by most lists; what people see as one character may be many code units. */
const longest = { characters: 60, utf16: 180 } as const;

/** Control and direction-changing characters, invisible tags, every kind of space. */
const blank = /[\p{Cc}\p{Z}\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]+/gu;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** @returns one line of at most 60 characters, ending at a word where there is one; "" when nothing is readable */
export function toTitle(question: string): string {
  // Only the beginning can be shown, however long the text is.
  const plain = question.slice(0, 1_000).toWellFormed().replace(blank, " ").trim();
  const beginning = firstCharacters(plain);
  if (beginning === plain) return plain;
  const space = beginning.lastIndexOf(" ");
  return `${space > beginning.length / 2 ? beginning.slice(0, space) : beginning}…`;
}

function firstCharacters(text: string): string {
  let [taken, characters] = ["", 0];
  for (const { segment } of graphemes.segment(text)) {
    characters += 1;
    if (characters > longest.characters || taken.length + segment.length > longest.utf16) return taken;
    taken += segment;
  }
  return taken;
}
