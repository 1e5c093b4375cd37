/** A button under an answer stops it while it grows: seen, pressed by whom, and gone at the end. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { placeAdminsField } from "../../src/core/standing.ts";
import { words } from "../../src/core/words.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { buttonsOf, keyboards } from "../world/buttons.ts";
import { readsUpTo } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { platforms } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

const text = numberedText(60);

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

test.concurrent.for(platforms)(
  "when all words are there, the end of the stream takes nothing away but it, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    world.model.answerWith(text);
    world.model.hold(60);
    person.says("Hello");
    await seesPart(person, "word60");
    expect(person.answers()).toEqual([text]);
    expect(buttonsOf(world, person)).toContain(words.stopButton);
    world.model.release();
    await world.isQuiet();
    expect(buttonsOf(world, person)).not.toContain(words.stopButton);
    expect(person.answers()).toEqual([text]);
  },
);

test.concurrent.for(platforms)("it goes when the answer breaks off, on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  const person = world.person(platform);
  world.model.answerWith({ text, fault: faults.reset({ tokens: 30 }) });
  world.model.hold(20);
  person.says("Hello");
  await seesPart(person, "word20");
  expect(buttonsOf(world, person)).toContain(words.stopButton);
  world.model.release();
  await seesPart(person, "[interrupted");
  await world.isQuiet();
  expect(buttonsOf(world, person)).not.toContain(words.stopButton);
});

test.concurrent.for(platforms)("it goes with the page that becomes full, on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  const person = world.person(platform);
  world.model.answerWith(numberedText(900));
  world.model.hold(880);
  person.says("Hello");
  await seesPart(person, "word880");
  expect(person.answers().length).toBeGreaterThan(1);
  expect(buttonsOf(world, person).split(words.stopButton)).toHaveLength(2);
  world.model.release();
  await seesPart(person, "word900");
  await world.isQuiet();
  expect(buttonsOf(world, person)).not.toContain(words.stopButton);
});

test.concurrent("an answer that has to leave its topic has it in the chat as long as it grows", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const { telegram } = world;
  const ada = telegram.createUser({ firstName: "Ada" });
  const chat = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const topic = telegram.places.createTopic(chat, ada, "Cats");
  const [cats, everywhere] = [topic, undefined].map(
    (place) => new TelegramPerson(telegram, ada, chat, place),
  );
  if (cats === undefined || everywhere === undefined) throw new Error("There are two places");
  world.model.answerWith(text);
  world.model.hold(20);
  cats.says("Hello");
  await seesPart(cats, "word20");
  await world.hasRecorded(1);
  telegram.places.losesTopic(chat, topic);
  world.model.release();
  await seesPart(everywhere, "word60");
  await world.isQuiet();
  expect(keyboards(everywhere)).toEqual([]);
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

test.concurrent.for(platforms)(
  "a page that is shown as plain text has it as well, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    const refused = platform === "telegram" ? "sendMessage" : "chat.postMessage";
    if (platform === "telegram") {
      const unformattable = { code: 400, description: "Bad Request: can't parse entities: no" };
      world.telegram.inject({ kind: "refuse", ...unformattable }, { method: refused });
    } else world.slack.faults.next(refused, { kind: "error", code: "invalid_blocks" });
    await readsUpTo(world, person, text, 20);
    expect(buttonsOf(world, person)).toContain(words.stopButton);
    world.model.release();
    await sees(person, text);
    await world.isQuiet();
    expect(buttonsOf(world, person)).not.toContain(words.stopButton);
  },
);

test.concurrent.for(platforms)(
  "where %s's own way of growing is refused, it stands under what is edited instead",
  async (platform) => {
    const native = {
      telegram: { TELEGRAM_STREAMING: "draft" },
      slack: { SLACK_STREAMING: "native" },
    } as const;
    const variables = native[platform];
    await using world = await startWorld({ platforms: [platform], variables });
    const person = world.person(platform);
    if (platform === "telegram") {
      const refusal = { code: 400, description: "Bad Request: TEXTDRAFT_PEER_INVALID" };
      world.telegram.inject({ kind: "refuse", ...refusal }, { method: "sendMessageDraft" });
    } else {
      world.slack.faults.next("chat.startStream", { kind: "error", code: "missing_scope" });
    }
    await readsUpTo(world, person, text, 20);
    expect(buttonsOf(world, person)).toContain(words.stopButton);
    world.model.release();
    await sees(person, text);
    await world.isQuiet();
    expect(buttonsOf(world, person)).not.toContain(words.stopButton);
  },
);

test.concurrent("on Slack, too, somebody else's press stops nothing and says why", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack } = world;
  const [ann, bob] = [slack.createUser({ name: "Ann" }), slack.createUser({ name: "Bob" })];
  const channel = slack.createChannel("general", [ann, bob]);
  world.model.answerWith(text);
  world.model.hold(20);
  slack.says(ann, channel, "@parley Hello");
  const pages = () =>
    slack.workspace.messages.filter(({ user, ephemeralTo }) => user === slack.botUserId && !ephemeralTo);
  await slack.until(() => pages().some((page) => JSON.stringify(page.states.at(-1)).includes("word20")));
  const [page] = pages();
  if (page === undefined) throw new Error("There is no page");
  await slack.interactions.presses(bob.id, page, words.stopButton);
  const told = () => slack.workspace.messages.filter(({ ephemeralTo }) => ephemeralTo === bob.id);
  await slack.until(() => told().some((one) => JSON.stringify(one).includes(words.notYours)));
  world.model.release();
  await slack.until(() => JSON.stringify(pages()[0]?.states.at(-1)).includes("word60"));
  await world.isQuiet();
  expect(JSON.stringify(pages())).not.toContain("[stopped]");
});

test.concurrent.for(["an admin of the bot", "the group's own admin"] as const)(
  "pressed by %s, it stops somebody else's answer, and the alert is no refusal",
  async (who) => {
    await using world = await startWorld({ platforms: ["telegram"] });
    const { telegram, control } = world;
    const [ada, ben] = [telegram.createUser({ firstName: "Ada" }), telegram.createUser({ firstName: "Ben" })];
    const chat = telegram.createGroup({ title: "E", members: [ada, ben] });
    const person = new TelegramPerson(telegram, ada, chat);
    const keys = createKeys();
    if (who === "an admin of the bot") await control.hset(keys.admins, `telegram:${ben.id}`, '"admin"');
    else {
      await control.hset(keys.admins, placeAdminsField, "true");
      telegram.places.appoints(ben, chat);
    }
    await streams(world, person);
    const pressed = press(world, person, ben);
    await seesPart(person, "[stopped]");
    await world.isQuiet();
    await telegram.until(() => telegram.presses.answers.some(({ query }) => query === pressed));
    expect(telegram.presses.answers.find(({ query }) => query === pressed)?.text ?? "").toBe("");
    expect(person.answers()).toHaveLength(1);
  },
);

test.concurrent("on Slack an admin of the bot, and the workspace's own, stop anybody's answer", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack, control } = world;
  const [ann, bob, cy] = [
    slack.createUser({ name: "Ann" }),
    slack.createUser({ name: "Bob" }),
    slack.createUser({ name: "Cy" }),
  ];
  const keys = createKeys();
  await control.hset(keys.admins, `slack:${slack.teamId}/${bob.id}`, '"admin"', placeAdminsField, "true");
  slack.workspace.changeUser(cy.id, { role: "admin" });
  const channel = slack.createChannel("general", [ann, bob, cy]);
  for (const boss of [bob, cy]) {
    const person = new SlackPerson(slack, ann, channel);
    world.model.answerWith(text);
    world.model.hold(20);
    person.says("Hello");
    await seesPart(person, "word20");
    await person.presses(words.stopButton, boss);
    await seesPart(person, "[stopped]");
    world.model.release();
    await world.isQuiet();
    expect(person.answers()).toHaveLength(1);
  }
});

test.concurrent("on Slack it is a button as well", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack } = world;
  const person = world.slackPerson();
  await readsUpTo(world, person, text, 20);
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
