/** What tests of gateways end with. */

import { expect } from "vitest";
import { type Person, sees } from "./person.ts";
import { answerToText, type World } from "./world.ts";

/** Every question of everybody is answered once, in order, now and when all is quiet. */
export async function everyAnswerOnce(
  world: World,
  people: readonly Person[],
  questions: readonly string[],
): Promise<void> {
  await Promise.all(people.map((person) => sees(person, ...questions.map(answerToText))));
  await world.isQuiet();
  expect(people.map((person) => person.answers())).toEqual(people.map(() => questions.map(answerToText)));
  expect(world.model.received()).toBe(people.length * questions.length);
}
