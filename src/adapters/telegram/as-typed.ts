/** A text as its author typed it: apps turn the marks around words into entities, and take the marks away. Pure. */

import type { TelegramEntity } from "./update.ts";

/** The marks of Telegram's apps, before and after [Telegram Desktop and mobile apps: text formatting]. */
const marks: ReadonlyMap<string, string> = new Map([
  ["bold", "**"],
  ["italic", "__"],
  ["strikethrough", "~~"],
  ["spoiler", "||"],
  ["code", "`"],
]);

/** Puts back the marks of those formats that can be typed; what else is formatted keeps its text. */
export function asTyped(text: string, entities: readonly TelegramEntity[]): string {
  const inserts = entities.flatMap((entity, index) => {
    const mark = marksOf(entity, text);
    if (mark === undefined) return [];
    const end = entity.offset + entity.length;
    // Around the same words the entity that comes first is the outer one.
    return [
      { at: entity.offset, rank: index, text: mark[0] },
      { at: end, rank: -1 - index, text: mark[1] },
    ];
  });
  let typed = text;
  // From the end on, so that places before stay where they are; at one place what ends stands before what begins.
  for (const insert of inserts.toSorted((a, b) => b.at - a.at || b.rank - a.rank)) {
    typed = typed.slice(0, insert.at) + insert.text + typed.slice(insert.at);
  }
  return typed;
}

function marksOf(entity: TelegramEntity, text: string): readonly [string, string] | undefined {
  const { type, language, url } = entity;
  const mark = marks.get(type);
  if (mark !== undefined) return [mark, mark];
  if (type === "pre") {
    const inner = text.slice(entity.offset, entity.offset + entity.length);
    return [`\`\`\`${language ?? ""}\n`, inner.endsWith("\n") ? "```" : "\n```"];
  }
  return type === "text_link" && url !== undefined ? ["[", `](${url})`] : undefined;
}
