/** An answer that has come as far as a word and stands there: where most of what goes wrong begins. */

import { type Person, seesPart } from "./person.ts";
import type { World } from "./world.ts";

/** Says "Hello" and reads `text`, which is numbered, up to this word; there the model holds on until it is released. */
export async function readsUpTo(world: World, person: Person, text: string, word: number): Promise<void> {
  world.model.answerWith(text);
  world.model.hold(word);
  person.says("Hello");
  await seesPart(person, `word${word}`);
}

/** The numbered words that these texts hold, in their order. */
export function wordsOf(texts: readonly string[]): readonly string[] {
  return texts.join(" ").match(/[a-z]+\d+/g) ?? [];
}
