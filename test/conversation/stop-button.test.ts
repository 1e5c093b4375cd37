/** A button under an answer stops it while it grows: seen, pressed by whom, and gone at the end. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

const text = numberedText(60);

/** The buttons under the bot's messages of a chat, as they stand. */
const keyboards = (person: TelegramPerson) => person.messages().flatMap(({ buttons }) => buttons ?? []);

async function streams(world: World, person: TelegramPerson): Promise<number> {
  world.model.answerWith(text);
  world.model.hold(20);
  const { id } = person.says("Hello");
  await seesPart(person, "word20");
  return id;
}

function press(world: World, person: TelegramPerson, by = person.user): string {
  const page = person.messages().at(-1);
  if (page === undefined) throw new Error("There is no page");
  const [question] = world.telegram.visible(person.chat).filter(({ from }) => from.id === person.user.id);
  return world.telegram.press(by, { chatId: person.chat.id, id: page.id }, `/stop ${question?.id}`);
}

test.concurrent("it stands under an answer that grows, and under no finished one", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  await streams(world, person);
  expect(JSON.stringify(keyboards(person))).toContain(words.stopButton);
  world.model.release();
  await sees(person, text);
  await world.isQuiet();
  expect(keyboards(person)).toEqual([]);
});

test.concurrent("pressed, it stops the answer, which keeps its words and says so", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  await streams(world, person);
  press(world, person);
  await seesPart(person, "[stopped]");
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(person.answers()[0]).toContain("word20");
  expect(keyboards(person)).toEqual([]);
});

test.concurrent("pressed by somebody else, it stops nothing and says why; after the end it says so", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const { telegram } = world;
  const [ada, ben] = ["Ada", "Ben"].map((firstName) => telegram.createUser({ firstName }));
  if (ada === undefined || ben === undefined) throw new Error("Two people were made");
  const person = new TelegramPerson(telegram, ada, telegram.createGroup({ title: "E", members: [ada, ben] }));
  await streams(world, person);
  const foreign = press(world, person, ben);
  await telegram.until(() => telegram.presses.answers.some(({ query }) => query === foreign));
  expect(telegram.presses.answers.find(({ query }) => query === foreign)?.text).toBe(words.notYours);
  world.model.release();
  await sees(person, text);
  await world.isQuiet();
  const late = press(world, person);
  await telegram.until(() => telegram.presses.answers.some(({ query }) => query === late));
  expect(telegram.presses.answers.find(({ query }) => query === late)?.text).toBe(words.staleButton);
  expect(person.answers()).toEqual([text]);
});

test.concurrent("on Slack it is a button as well, and somebody else's press is told to them alone", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack } = world;
  const person = world.slackPerson();
  world.model.answerWith(text);
  world.model.hold(20);
  person.says("Hello");
  await seesPart(person, "word20");
  const page = () => slack.workspace.messages.find(({ user }) => user === slack.botUserId);
  const message = page();
  if (message === undefined) throw new Error("There is no page");
  expect(JSON.stringify(message)).toContain('"actions"');
  await slack.interactions.presses(person.user.id, message, words.stopButton);
  await seesPart(person, "[stopped]");
  await world.isQuiet();
  expect(JSON.stringify(page()?.states.at(-1))).not.toContain('"actions"');
  expect(person.answers()).toHaveLength(1);
});
