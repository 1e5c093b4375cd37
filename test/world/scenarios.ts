/** What goes wrong with running workers, as scenarios that run with shrunk and with true timing alike. */

import { expect } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { type Person, sees, seesPart } from "./person.ts";
import type { Member, World } from "./world.ts";

/** Of the answer that the scenarios are about. */
export const wholeText = numberedText(30);
/** How much of it is visible when things go wrong. */
const shownTokens = 12;

/** Lets people ask, until the first words of each answer are visible and recorded. */
export async function streamTo(world: World, people: readonly Person[]): Promise<void> {
  world.model.answerWith(wholeText);
  world.model.hold(shownTokens);
  for (const person of people) person.says("Hello");
  await Promise.all(people.map((person) => seesPart(person, `word${shownTokens}`)));
  await world.hasRecorded(people.length);
}

/** Everybody has one whole answer, now and when all is quiet. */
export async function allSeeWhole(world: World, people: readonly Person[]): Promise<void> {
  await Promise.all(people.map((person) => sees(person, wholeText)));
  await world.isQuiet(120_000);
  expect(people.map((person) => person.answers())).toEqual(people.map(() => [wholeText]));
}

/** kill -9 in the midst of answers; another worker goes on. @returns ms from the kill to the model's first new call */
export async function killMidStream(
  world: World,
  victim: Member,
  people: readonly Person[],
): Promise<number> {
  await streamTo(world, people);
  await world.start("worker");
  const callsBefore = world.model.received();
  const killedAt = Date.now();
  await victim.process.kill();
  world.model.release();
  const { atMs } = await world.model.hasReceived(callsBefore + 1);
  await allSeeWhole(world, people);
  expect(world.model.received() - callsBefore).toBe(people.length);
  return atMs - killedAt;
}

/** SIGTERM in the midst of answers. @returns ms from the end of the grace to the last new call of the model */
export async function handBack(
  world: World,
  leaving: Member,
  people: readonly Person[],
  graceMs: number,
): Promise<number> {
  await streamTo(world, people);
  await world.start("worker");
  const callsBefore = world.model.received();
  const toldAt = Date.now();
  const ended = leaving.process.terminate();
  const { atMs } = await world.model.hasReceived(callsBefore + people.length);
  world.model.release();
  await allSeeWhole(world, people);
  await ended;
  expect(leaving.process.exitCode).toBe(0);
  expect(world.model.received() - callsBefore).toBe(people.length);
  return atMs - toldAt - graceMs;
}

/** A worker is frozen in the midst of answers, another one answers, then it thaws. */
export async function freezeAndThaw(
  world: World,
  frozen: Member,
  people: readonly Person[],
  forMs: number,
): Promise<void> {
  await streamTo(world, people);
  await world.start("worker");
  const callsBefore = world.model.received();
  frozen.process.freeze();
  const thawAt = performance.now() + forMs;
  world.model.release();
  await Promise.all(people.map((person) => sees(person, wholeText)));
  await world.turnsAreOver();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, thawAt - performance.now())));
  frozen.process.thaw();
  await worksAgain(world, people[0] as Person);
  await world.isQuiet();
  expect(people.slice(1).map((person) => person.answers())).toEqual(people.slice(1).map(() => [wholeText]));
  expect(people[0]?.answers()).toEqual([wholeText, "Again."]);
  expect(world.model.received() - callsBefore).toBe(people.length + 1);
}

/** A worker is cut off from Redis in the midst of answers, nobody tells it; another one answers; then the network heals. */
export async function cutOffAndHeal(world: World, cut: Member, people: readonly Person[]): Promise<void> {
  await streamTo(world, people);
  await world.start("worker");
  const callsBefore = world.model.received();
  cut.proxy.blackhole();
  world.model.release();
  await Promise.all(people.map((person) => sees(person, wholeText)));
  await world.turnsAreOver();
  cut.proxy.heal();
  await worksAgain(world, people[0] as Person);
  await world.isQuiet();
  expect(people.slice(1).map((person) => person.answers())).toEqual(people.slice(1).map(() => [wholeText]));
  expect(people[0]?.answers()).toEqual([wholeText, "Again."]);
  expect(world.model.received() - callsBefore).toBe(people.length + 1);
}

/** A worker's connections stay half open for good: another one answers, the worker ends itself. */
export async function halfOpen(world: World, cut: Member, people: readonly Person[]): Promise<void> {
  await streamTo(world, people);
  await world.start("worker");
  cut.proxy.blackhole();
  world.model.release();
  await allSeeWhole(world, people);
  await cut.process.hasEnded();
  expect(cut.process.exitCode).toBe(3);
}

/** Redis dies in the midst of answers and comes back on its data; what is asked meanwhile is answered, too. */
export async function redisAway(
  world: World,
  people: readonly Person[],
  late: readonly Person[],
  forMs: number,
): Promise<void> {
  await streamTo(world, people);
  const callsBefore = world.model.received();
  await world.redis.kill();
  for (const person of late) person.says("Hello");
  world.model.release();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  await world.redis.start();
  await allSeeWhole(world, [...people, ...late]);
  // Those who hold a turn go on with it: only the late ones' are new.
  expect(world.model.received() - callsBefore).toBe(late.length);
}

async function worksAgain(world: World, person: Person): Promise<void> {
  world.model.answerWith("Again.");
  person.says("Still there?");
  await sees(person, wholeText, "Again.");
}
