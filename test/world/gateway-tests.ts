/** What tests of gateways begin and end with. */

import { afterAll, beforeAll, expect } from "vitest";
import { type Person, sees } from "./person.ts";
import { ProcessPool } from "./processes.ts";
import { answerToText, startWorld, type World, type WorldOptions } from "./world.ts";

/** Starts a pool of processes before a file's tests and ends it after them. */
export function createGatewayTests(): {
  /** A world with its worker in this process, so that only gateways are at risk. */
  readonly startWorker: (options?: WorldOptions) => Promise<World>;
} {
  let pool: ProcessPool;
  beforeAll(() => {
    pool = new ProcessPool(2);
  });
  afterAll(() => pool[Symbol.asyncDispose]());
  return {
    startWorker: async (options = {}) => {
      const world = await startWorld({ processes: pool, ...options });
      await world.startInside({ ROLE: "worker" });
      return world;
    },
  };
}

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
