import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { offerOwnership } from "../../src/queue/conversation-store.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText, startWorld } from "../world/world.ts";

const closed = { platforms: ["telegram"], variables: { ALLOW: "telegram:4242" } } as const;

test.concurrent("a stranger is told once a day which id to allow", async () => {
  await using world = await startWorld(closed);
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, `I do not know you yet. Ask the operator to allow telegram:${person.user.id}.`);
  person.says("Hello?");
  person.says("/help");
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(world.model.received()).toBe(0);
});

test.concurrent("a group that is not allowed hears of it only when it addresses the bot", async () => {
  await using world = await startWorld({ ...closed, telegram: { canReadAllGroupMessages: true } });
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const group = world.telegram.createGroup({ title: "Friends", members: [ada] });
  const person = new TelegramPerson(world.telegram, ada, group);
  world.telegram.says(ada, group, "Hello everybody");
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await world.isQuiet();
  expect(person.answers()).toEqual([]);
  person.says("hello?");
  await seesPart(person, `telegram:${group.id}`);
});

test.concurrent("whoever sends the one-time code is the owner and is answered from then on", async () => {
  await using world = await startWorld(closed);
  const code = await offerOwnership(world.control, createKeys());
  const [owner, late] = [world.telegramPerson(), world.telegramPerson()];
  owner.says(`/start ${code}`);
  await seesPart(owner, "You are the owner now");
  owner.says("Hello");
  await seesPart(owner, answerToText("Hello"));
  late.says(`/start ${code}`);
  await seesPart(late, "I do not know you yet");
});

test.concurrent("guests and strangers of a Slack workspace are not answered, members are", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack, model } = world;
  const guest = slack.createUser({ name: "Gus", guest: true });
  const stranger = slack.createUser({ name: "Sam", stranger: true });
  const channel = slack.createChannel("shared", [guest, stranger]);
  for (const refused of [guest, stranger]) {
    const thread = slack.says(refused, channel, "@parley Hello");
    await slack.until(() => slack.answers(channel, thread).length === 1);
    expect(slack.answers(channel, thread)[0]).toContain(`slack:${slack.teamId}/${refused.id}`);
  }
  expect(model.received()).toBe(0);
  const member = world.slackPerson("Mia");
  member.says("Hello");
  await sees(member, answerToText("Hello"));
});

test.concurrent.for([
  ["voice", "a voice message"],
  ["photo", "a photo"],
  ["sticker", "a sticker"],
] as const)("a %s gets a sentence that it cannot be read yet", async ([kind, name]) => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  person.sends(kind);
  await sees(person, words.unsupported(name));
  expect(world.model.received()).toBe(0);
});

test.concurrent("a picture with a question is answered, and the model knows of the picture", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  person.sends("photo", "What is this?");
  await seesPart(person, "What is this?");
  expect(world.model.requests[0]?.messages.at(-1)?.content).toContain(
    "[attached: a photo, which you cannot see]",
  );
});

test.concurrent("an image alone on Slack gets a sentence as well", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const ann = world.slack.createUser({ name: "Ann" });
  const dm = world.slack.createDm(ann);
  const thread = world.slack.says(ann, dm, "", { files: [{ name: "cat.png", mimetype: "image/png" }] });
  await world.slack.until(() => world.slack.answers(dm, thread).includes(words.unsupported("an image")));
  expect(world.model.received()).toBe(0);
});
