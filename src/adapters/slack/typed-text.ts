/** Slack's markup as its author typed it, for texts that have to arrive unchanged. Pure. */

import { unescapeText } from "./markup.ts";

/** Links as they were typed, channels by their names; a person stays the id that Slack made of the name. */
export function asTyped(text: string): string {
  const pieces = text.split(/<([^<>]*)>/);
  return unescapeText(pieces.map((piece, index) => (index % 2 === 0 ? piece : tagAsTyped(piece))).join(""));
}

function tagAsTyped(tag: string): string {
  const bar = tag.indexOf("|");
  const target = bar < 0 ? tag : tag.slice(0, bar);
  const label = bar < 0 ? "" : tag.slice(bar + 1);
  if (target.startsWith("#") && label !== "") return `#${label}`;
  if (target.startsWith("@") || target.startsWith("#")) return `<${tag}>`;
  if (target.startsWith("!")) return label === "" ? `@${target.slice(1)}` : label;
  if (label === "" || label === target) return target;
  // Slack made a link of a word: `example.org` was typed.
  const isBare = ["http://", "https://", "mailto:", "tel:"].some((scheme) => target === scheme + label);
  return isBare ? label : `[${label}](${target})`;
}
