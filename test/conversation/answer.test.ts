import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { readsUpTo, wordsOf } from "../world/growing.ts";
import { known } from "../world/known.ts";
import { sees, seesPart } from "../world/person.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

/** The words of a numbered text, whatever stands between them. */
test.concurrent.for(platforms)(
  "an answer that is finished at once is one message, never edited, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    person.says("Hello");
    await sees(person, answerToText("Hello"));
    await world.isQuiet();
    expect(person.looks().map((looks) => looks.length)).toEqual([1]);
  },
);

test.concurrent.for(platforms)(
  "an answer grows by edits of one message and ends formatted on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const text = `**First** ${numberedText(60)}\n\n- one\n- two`;
    world.model.answerWith(text);
    world.model.hold(20);
    const person = world.person(platform);
    person.says("Hello");
    await seesPart(person, "word19");
    world.model.hold(40);
    await seesPart(person, "word39");
    world.model.release();
    await seesPart(person, "two");
    await world.isQuiet();
    const [looks = [], ...others] = person.looks();
    expect(others).toEqual([]);
    expect(looks.length).toBeGreaterThanOrEqual(3);
    expect(looks.map(({ text: seen }) => seen.length)).toEqual(
      looks.map(({ text: seen }) => seen.length).toSorted((a, b) => a - b),
    );
    expect(isBold(world, platform, "First")).toBe(true);
  },
);

function isBold(world: World, platform: (typeof platforms)[number], word: string): boolean {
  if (platform === "slack")
    return JSON.stringify(world.slack.callsOf("chat.update").at(-1)?.payload).includes(`*${word}*`);
  const shown = world.telegram.callsOf("editMessageText").at(-1)?.payload as
    | {
        readonly text: string;
        readonly entities: readonly {
          readonly type: string;
          readonly offset: number;
          readonly length: number;
        }[];
      }
    | undefined;
  const bold = shown?.entities.find(({ type }) => type === "bold");
  return bold !== undefined && shown?.text.slice(bold.offset, bold.offset + bold.length) === word;
}

test.concurrent.for(platforms)("a pause between tokens shows all that has come on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  const person = world.person(platform);
  await readsUpTo(world, person, numberedText(60), 10);
  world.model.hold(23);
  await seesPart(person, "word23");
  world.model.release();
  await sees(person, numberedText(60));
});

test.concurrent.for(platforms)(
  "a long answer has each word once, in order, over few pages on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const words = 1_100;
    world.model.answerWith(numberedText(words));
    world.model.hold(500);
    const person = world.person(platform);
    person.says("Hello");
    await seesPart(person, "word400");
    world.model.hold(900);
    await seesPart(person, "word800");
    world.model.release();
    await seesPart(person, `word${words}`);
    await world.isQuiet();
    expect(person.answers().length).toBe(3);
    expect(wordsOf(person.answers())).toEqual(wordsOf([numberedText(words)]));
  },
);

test.concurrent.for(platforms)(
  "a refused last edit is made up for after the wait, and nothing is called before on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    await readsUpTo(world, person, numberedText(40), 20);
    limitNextEdit(world, platform);
    world.model.release();
    await sees(person, numberedText(40));
    await world.isQuiet();
    const edits = editsOf(world, platform);
    expect(edits.map(({ status }) => status)).toEqual([429, 200]);
    const [refused, repeated] = edits;
    const refusedAt = known(refused).atMs;
    expect(known(repeated).atMs - refusedAt).toBeGreaterThanOrEqual(1_000);
    const between = callsOf(world, platform).filter(
      ({ atMs }) => atMs > refusedAt && atMs < refusedAt + 1_000,
    );
    expect(between.map(({ method }) => method)).toEqual([]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent("a refused edit holds back every edit of its Slack workspace until the time is over", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const [ada, bob] = [world.slackPerson(), world.slackPerson()];
  await readsUpTo(world, ada, numberedText(60), 20);
  // Half a pace apart, so that Bob's next edit is due while the refusal of Ada's lasts.
  await sleep(600);
  bob.says("Hello");
  await seesPart(bob, "word20");
  limitNextEdit(world, "slack");
  world.model.hold(40);
  await Promise.all([ada, bob].map((person) => seesPart(person, "word40")));
  const edits = editsOf(world, "slack").map(({ status, atMs }) => ({ status, atMs }));
  expect(edits.map(({ status }) => status)).toEqual([429, 200, 200]);
  const [refused, next] = edits;
  expect(known(next).atMs - known(refused).atMs).toBeGreaterThanOrEqual(1_000);
  world.model.release();
  await Promise.all([ada, bob].map((person) => sees(person, numberedText(60))));
});

test.concurrent("a refused edit in one Telegram chat holds back no other chat", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const [ada, bob] = [world.telegramPerson(), world.telegramPerson()];
  world.model.answerWith(numberedText(60));
  world.model.hold(20);
  for (const person of [ada, bob]) person.says("Hello");
  await Promise.all([ada, bob].map((person) => seesPart(person, "word20")));
  world.telegram.inject(
    { kind: "limit", retryAfterS: 3 },
    { method: "editMessageText", chatId: ada.chat.id },
  );
  world.model.release();
  await sees(bob, numberedText(60));
  expect(ada.answers()).toEqual([numberedText(20)]);
  await sees(ada, numberedText(60));
});

function limitNextEdit(world: World, platform: (typeof platforms)[number]): void {
  if (platform === "slack") world.slack.faults.next("chat.update", { kind: "limited", retryAfterS: 1 });
  else world.telegram.inject({ kind: "limit", retryAfterS: 1 }, { method: "editMessageText" });
}

function callsOf(world: World, platform: (typeof platforms)[number]) {
  return (platform === "slack" ? world.slack.calls : world.telegram.calls).filter(
    ({ method }) => method !== "getUpdates",
  );
}

function editsOf(world: World, platform: (typeof platforms)[number]) {
  return callsOf(world, platform).filter(
    ({ method }) => method === "chat.update" || method === "editMessageText",
  );
}

test.concurrent('an edit whose answer was lost is repeated, and Telegram\'s "not modified" ends the turn well', async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  await readsUpTo(world, person, numberedText(40), 20);
  world.telegram.inject({ kind: "apply-then-reset" }, { method: "editMessageText" });
  world.model.release();
  await sees(person, numberedText(40));
  await world.isQuiet();
  const answers = editsOf(world, "telegram").map(({ answer }) => JSON.stringify(answer));
  expect(answers.at(1)).toContain("message is not modified");
  expect(world.model.received()).toBe(1);
});
