/** What goes wrong with running workers, as scenarios that run with shrunk and with true timing alike. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { type Person, sees, seesPart } from "./person.ts";
import { createRandom } from "./random.ts";
import type { Member, World } from "./world.ts";

/** What the model says when it is asked for the first time, and when it is asked again: they share no word. */
export const firstText = numberedText(30);
export const secondText = numberedText(35).replaceAll("word", "other");
/** What a run says when a newer one has its turn: then it has had its chance to do harm. */
const fencedLine = "a newer run has the turn";
/** How much of it is visible when things go wrong. */
const shownTokens = 12;

/** Lets people ask, until the first words of each answer are visible and recorded. Later calls give the second text. */
export async function streamTo(world: World, people: readonly Person[]): Promise<void> {
  const lastCall = world.model.received() + people.length;
  world.model.answerWith(({ number }) => (number <= lastCall ? firstText : secondText));
  world.model.hold(shownTokens);
  for (const person of people) person.says("Hello");
  await Promise.all(people.map((person) => seesPart(person, `word${shownTokens}`)));
  await world.hasRecorded(people.length);
}

/** The same, but the first answers go on slowly for a long while, whatever happens to those who wait for them. */
async function streamSlowlyTo(world: World, people: readonly Person[]): Promise<void> {
  const lastCall = world.model.received() + people.length;
  const slow = { text: numberedText(2_000), pace: { firstTokenMs: 0, tokenMs: 40 } };
  world.model.answerWith(({ number }) => (number <= lastCall ? slow : secondText));
  for (const person of people) person.says("Hello");
  await Promise.all(people.map((person) => seesPart(person, "word5")));
  await world.hasRecorded(people.length);
}

/** Everybody has one answer, this one, now and when all is quiet. */
export async function allSee(world: World, people: readonly Person[], text: string): Promise<void> {
  await Promise.all(people.map((person) => sees(person, text)));
  await world.isQuiet(120_000);
  expect(people.map((person) => person.answers())).toEqual(people.map(() => [text]));
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
  await allSee(world, people, secondText);
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
  await allSee(world, people, secondText);
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
  await streamSlowlyTo(world, people);
  await world.start("worker");
  const callsBefore = world.model.received();
  frozen.process.freeze();
  const thawAt = performance.now() + forMs;
  await Promise.all(people.map((person) => sees(person, secondText)));
  await world.turnsAreOver();
  await sleep(Math.max(0, thawAt - performance.now()));
  frozen.process.thaw();
  await world.within(60_000, "fenced", frozen.process.hasLogged(fencedLine, people.length));
  await worksAgain(world, people[0] as Person);
  await world.isQuiet();
  expect(people.slice(1).map((person) => person.answers())).toEqual(people.slice(1).map(() => [secondText]));
  expect(people[0]?.answers()).toEqual([secondText, "Again."]);
  expect(world.model.received() - callsBefore).toBe(people.length + 1);
}

/** A worker is cut off from Redis in the midst of answers, nobody tells it; another one answers; then the network heals. */
export async function cutOffAndHeal(world: World, cut: Member, people: readonly Person[]): Promise<void> {
  await streamSlowlyTo(world, people);
  await world.start("worker");
  const callsBefore = world.model.received();
  cut.proxy.blackhole();
  await Promise.all(people.map((person) => sees(person, secondText)));
  await world.turnsAreOver();
  cut.proxy.heal();
  await world.within(60_000, "fenced", cut.process.hasLogged(fencedLine, people.length));
  await worksAgain(world, people[0] as Person);
  await world.isQuiet();
  expect(people.slice(1).map((person) => person.answers())).toEqual(people.slice(1).map(() => [secondText]));
  expect(people[0]?.answers()).toEqual([secondText, "Again."]);
  expect(world.model.received() - callsBefore).toBe(people.length + 1);
}

/** A worker's connections stay half open for good: another one answers, the worker ends itself. */
export async function halfOpen(world: World, cut: Member, people: readonly Person[]): Promise<void> {
  await streamTo(world, people);
  await world.start("worker");
  cut.proxy.blackhole();
  world.model.release();
  await allSee(world, people, secondText);
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
  world.model.hold(shownTokens + 5);
  await sleep(forMs);
  await world.redis.start();
  // Long enough for others to take the turns, if they could.
  const { lockMs, reconnectGraceMs, yieldMs } = world.timing;
  await sleep(lockMs + reconnectGraceMs + 2 * yieldMs);
  world.model.release();
  await Promise.all([allSee(world, people, firstText), allSee(world, late, secondText)]);
  // Those who hold a turn go on with it: only the late ones' are new.
  expect(world.model.received() - callsBefore).toBe(late.length);
}

async function worksAgain(world: World, person: Person): Promise<void> {
  world.model.answerWith("Again.");
  person.says("Still there?");
  await sees(person, secondText, "Again.");
}

/** How random kills go. */
export interface RandomKills {
  readonly seed: number;
  readonly kills: number;
  /** The longest time between two kills, in ms. */
  readonly gapMs: number;
  /** People on each platform, and questions of each, asked all at once. */
  readonly people: number;
  readonly questions: number;
}

/** Two workers answer slowly; one after another is killed at a random instant. @returns how many were killed */
export async function killAtRandom(world: World, plan: RandomKills): Promise<number> {
  const random = createRandom(plan.seed);
  const answer = (question: string) => `${question}: ${numberedText(40)}`;
  world.model.answerWith(({ messages }) => answer(messages.at(-1)?.content ?? ""), {
    firstTokenMs: 20,
    tokenMs: 20,
  });
  const workers = [await world.start("worker"), await world.start("worker")];
  const onTelegram = Array.from({ length: plan.people }, () => world.telegramPerson());
  const onSlack = Array.from({ length: plan.people }, () => world.slackPerson());
  const questions = Array.from({ length: plan.questions }, (_, index) => `question ${index + 1}`);
  const [first = "", ...later] = questions;
  for (const person of [...onTelegram, ...onSlack]) person.says(first);
  // What arrives over two sockets in one instant has no order yet; what waits behind an answer has.
  await world.model.hasReceived(plan.people * 2);
  for (const question of later) for (const person of [...onTelegram, ...onSlack]) person.says(question);
  for (let killed = 0; killed < plan.kills; killed += 1) {
    await sleep(random() * plan.gapMs);
    // A fourth run would apologise, as it should.
    await world.triesAreBelow(3);
    const [victim] = workers.splice(random() < 0.5 ? 0 : 1, 1);
    await victim?.process.kill();
    workers.push(await world.start("worker"));
  }
  await Promise.all(
    [...onTelegram, ...onSlack].map((person) => seesPart(person, answer(questions.at(-1) ?? ""), 60_000)),
  );
  await world.isQuiet(60_000);
  const whole = questions.map(answer);
  for (const person of onSlack) expect(person.answers()).toEqual(whole);
  for (const person of onTelegram) expect(withoutCopies(person.answers(), whole)).toEqual(whole);
  return plan.kills;
}

/** The answers without what each mark "(sent again)" allows: the mark, and at most one message before it that it replaces. */
function withoutCopies(answers: readonly string[], whole: readonly string[]): readonly string[] {
  const kept: string[] = [];
  const mark = `${words.sentAgain}\n`;
  for (const answer of answers) {
    if (!answer.startsWith(mark)) {
      kept.push(answer);
      continue;
    }
    const text = answer.slice(mark.length);
    // A message already stands in its place: the copy, or the fragment, that the mark speaks of.
    if (kept.length > whole.indexOf(text)) kept.pop();
    kept.push(text);
  }
  return kept;
}
