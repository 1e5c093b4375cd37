/** What people see who write more than is taken on. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { endlessPatience } from "../../src/core/patience.ts";
import { words } from "../../src/core/words.ts";
import { readsUpTo } from "../world/growing.ts";
import { becomesOwner } from "../world/owner.ts";
import { sees, seesPart } from "../world/person.ts";
import type { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

const limits = { ...endlessPatience, personPerMinute: 2 };
const tooFast = words.tooMuch["person-rate"](limits);

test.concurrent.for(["telegram", "slack"] as const)(
  "who writes too fast on %s is told so once while the model still answers, and what is within the limit is answered",
  async (platform) => {
    const variables = { PERSON_MESSAGES_PER_MINUTE: "2" };
    await using world = await startWorld({ platforms: [platform], variables });
    world.model.answerWith(({ messages }) => `Answer to ${messages.at(-1)?.content}`);
    world.model.hold(0);
    const [hasty, other] = [world.person(platform), world.person(platform)];
    for (const number of [1, 2, 3, 4, 5]) hasty.says(`Question ${number}`);
    await sees(hasty, tooFast);
    world.model.release();
    // Slack delivers in no order, so which two came first is open.
    await hasty.until(() => hasty.answers().filter((text) => text.startsWith("Answer")).length === 2);
    other.says("Hello");
    await sees(other, "Answer to Hello");
    await world.isQuiet();
    expect(hasty.answers()).toHaveLength(3);
    expect(world.model.received()).toBe(3);
  },
);

test.concurrent.for(["telegram", "slack"] as const)(
  "commands count as well on %s: beyond the limit one word is said, and /stop and the Stop button still work",
  async (platform) => {
    const variables = { PERSON_MESSAGES_PER_MINUTE: "3" };
    await using world = await startWorld({ platforms: [platform], variables });
    const person = world.person(platform);
    const mark = platform === "telegram" ? "/" : "!";
    const most = words.tooMuch["person-rate"]({ ...endlessPatience, personPerMinute: 3 });
    await readsUpTo(world, person, numberedText(60), 20);
    for (let number = 0; number < 5; number += 1) person.says(`${mark}help`);
    await seesPart(person, most);
    await pressesStop(world, person);
    await seesPart(person, "[stopped]");
    person.says(`${mark}stop`);
    await seesPart(person, words.nothingRuns);
    await world.isQuiet();
    expect(person.answers().filter((text) => text.includes("language model"))).toHaveLength(2);
    expect(person.answers()).toHaveLength(5);
  },
);

test.concurrent("who may not use the bot reads so once, however much they write, and nothing of a limit", async () => {
  const variables = { ALLOW: "telegram:4242", PERSON_MESSAGES_PER_MINUTE: "2" };
  await using world = await startWorld({ platforms: ["telegram"], variables });
  const stranger = world.telegramPerson();
  for (const text of ["one", "two", "three", "four", "/help"]) stranger.says(text);
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await seesPart(stranger, "I do not know you yet");
  await world.isQuiet();
  expect(stranger.answers()).toHaveLength(1);
});

test.concurrent("strangers in a group use up nothing of what those who may speak there can say", async () => {
  const variables = {
    ALLOW: "telegram:4242",
    PERSON_MESSAGES_PER_MINUTE: "0",
    CONVERSATION_MESSAGES_PER_MINUTE: "2",
  };
  await using world = await startWorld({ platforms: ["telegram"], variables });
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const sam = world.telegram.createUser({ firstName: "Sam" });
  const group = world.telegram.createGroup({ title: "Friends", members: [ada, sam] });
  await becomesOwner(world, new TelegramPerson(world.telegram, ada), "/");
  const [owner, stranger] = [ada, sam].map((user) => new TelegramPerson(world.telegram, user, group));
  for (const text of ["one", "two", "three", "four"]) {
    stranger?.says(text);
    await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
    await world.isQuiet();
  }
  owner?.says("Hello");
  await owner?.until(() => owner.answers().includes(answerToText("Ada: Hello")));
});

async function pressesStop(world: World, person: TelegramPerson | SlackPerson): Promise<void> {
  if ("channel" in person) return await person.presses(words.stopButton);
  const page = person.messages().find(({ buttons }) => buttons !== undefined);
  const [row] = page?.buttons ?? [];
  const [button] = row ?? [];
  if (page === undefined || button === undefined) throw new Error("There is no button");
  world.telegram.press(person.user, { chatId: person.chat.id, id: page.id }, button.data);
}
