/** What people see who asked while the bot was away. */

import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { sees } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import type { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText, startWorld, type World, type WorldOptions } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

/** Says something of an hour ago that the platform brings only now; the `number` tells Slack's messages apart. */
function saidLongAgo(world: World, person: TelegramPerson | SlackPerson, text: string, number = 0): void {
  const seconds = Math.floor(Date.now() / 1_000) - 3_600;
  if (person instanceof SlackPerson) {
    person.says(text, `${seconds}.${String(number).padStart(6, "0")}`);
  } else {
    world.telegram.says(person.user, person.chat, text, { fields: { date: seconds } });
  }
}

/** What people write is accepted, and nobody answers it before {@link comesBack}. */
function startAway(options: WorldOptions): Promise<World> {
  return startWorld({ ...options, variables: { ROLE: "gateway", ...options.variables } });
}

/** Everything that was said, `count` messages, is there when the bot is. */
async function comesBack(world: World, count: number): Promise<void> {
  await world.hasWaiting(count);
  await world.startInside({ ROLE: "worker" });
}

/** What people had said to the model the last time: what stands in a row is one message to it. */
function told(world: World): string | undefined {
  return world.model.requests.at(-1)?.messages.at(-1)?.content;
}

test.concurrent.for(platforms)(
  "a late question on %s is asked about; asked again it is answered, and the model knows what it was",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    world.model.answerWith("A countess.");
    const person = world.person(platform);
    saidLongAgo(world, person, "Who was Ada?");
    await sees(person, words.away(1));
    await world.isQuiet();
    expect(world.model.received()).toBe(0);
    person.says("Yes, please");
    await sees(person, words.away(1), "A countess.");
    expect(told(world)).toBe("Who was Ada?\n\nYes, please");
  },
);

test.concurrent.for(platforms)(
  "several late questions on %s get one sentence that says how many, and what is late afterwards is answered",
  async (platform) => {
    await using world = await startAway({ platforms: [platform] });
    world.model.answerWith("Four.");
    const person = world.person(platform);
    for (const number of [1, 2, 3]) saidLongAgo(world, person, `Question ${number}`, number);
    await comesBack(world, 3);
    await sees(person, words.away(3));
    await world.isQuiet();
    expect(world.model.received()).toBe(0);
    saidLongAgo(world, person, "Question 4", 4);
    await sees(person, words.away(3), "Four.");
    expect(told(world)).toBe("Question 1\n\nQuestion 2\n\nQuestion 3\n\nQuestion 4");
  },
);

test.concurrent.for(platforms)(
  "with LATE_MESSAGES=answer a late question on %s is answered",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform], variables: { LATE_MESSAGES: "answer" } });
    const person = world.person(platform);
    saidLongAgo(world, person, "Who was Ada?");
    await sees(person, answerToText("Who was Ada?"));
  },
);

test.concurrent("a stranger's late questions get what a stranger always gets, once", async () => {
  await using world = await startAway({ platforms: ["telegram"], variables: { ALLOW: "telegram:1" } });
  const person = world.telegramPerson();
  saidLongAgo(world, person, "Who was Ada?");
  saidLongAgo(world, person, "And Bob?");
  await comesBack(world, 2);
  await sees(person, `I do not know you yet. Ask the operator to allow telegram:${person.user.id}.`);
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
});

test.concurrent("among late questions a guest's is neither counted nor remembered", async () => {
  await using world = await startAway({ platforms: ["slack"] });
  const member = world.slack.createUser({ name: "Ann" });
  const guest = world.slack.workspace.addUser({ name: "Gus", guest: true });
  const channel = world.slack.createChannel("general", [member, guest]);
  const ann = new SlackPerson(world.slack, member, channel);
  const gus = new SlackPerson(world.slack, guest, channel);
  saidLongAgo(world, ann, "Who was Ada?", 1);
  gus.thread = ann.thread;
  saidLongAgo(world, gus, "@parley a guest's secret", 2);
  saidLongAgo(world, ann, "@parley and Bob?", 3);
  await comesBack(world, 3);
  await sees(ann, words.away(2));
  ann.says("@parley Both, please");
  await world.model.hasReceived(1);
  await world.isQuiet();
  expect(told(world)).toBe("Ann: Who was Ada?\n\nAnn: and Bob?\n\nAnn: Both, please");
});
