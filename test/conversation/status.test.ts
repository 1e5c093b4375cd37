/** `/status`: what answers, what goes on, and why a message was answered or not. */

import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { seesPart } from "../world/person.ts";
import { platforms, reads, stage } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

const { fates } = words.status;

test.concurrent.for(platforms)("it says what answers and what goes on, on %s", async (platform) => {
  await using at = await stage(platform);
  const { world, owner } = at;
  at.commands(owner, "mode overlap queue");
  await reads(owner, "overlap (set in this chat): queue");
  world.model.answerWith("Fine.");
  owner.says("Hello");
  await seesPart(owner, "Fine.");
  await world.turnsAreOver();
  at.commands(owner, "status");
  await reads(owner, "model (as configured): test-model");
  await reads(owner, "overlap: set in this chat");
  await reads(owner, "now: nothing is running");
  const told = owner.answers().find((answer) => answer.includes("context")) ?? "";
  expect(told).toMatch(/about [1-9]\d* of [\d,]+ tokens/);
  world.model.hold(0);
  owner.says("One");
  await world.model.hasReceived(2);
  owner.says("Two");
  await world.hasWaiting(2);
  at.commands(owner, "status");
  await reads(owner, "now: I am answering you; one message waits");
  world.model.release();
});

/** Somebody in a group asks about messages by answering them. */
function inGroup(world: World) {
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const chat = world.telegram.createGroup({ title: "Engines", members: [ada] });
  const person = new TelegramPerson(world.telegram, ada, chat);
  const asksAbout = (message: { readonly id: number }) =>
    world.telegram.says(ada, chat, "/status", { replyTo: message.id });
  return { person, chat, ada, asksAbout };
}

const openTelegram = { platforms: ["telegram"], telegram: { canReadAllGroupMessages: true } } as const;

test.concurrent("asked about a message, it says why that was answered or not", async () => {
  await using world = await startWorld(openTelegram);
  const { person, chat, ada, asksAbout } = inGroup(world);
  const talk = world.telegram.says(ada, chat, "Nice weather");
  asksAbout(talk);
  await seesPart(person, fates.notAddressed);
  const first = person.says("One");
  await seesPart(person, "You said");
  await world.turnsAreOver();
  asksAbout(first);
  await seesPart(person, fates.answered);
  const own = person.messages().find(({ text }) => text.includes("You said"));
  asksAbout({ id: own?.id ?? 0 });
  await seesPart(person, fates.own);
  world.model.hold(0);
  const [second, third] = [person.says("Two"), person.says("Three")];
  await world.hasWaiting(2);
  await world.model.hasReceived(2);
  asksAbout(second);
  await seesPart(person, fates.running);
  asksAbout(third);
  await seesPart(person, fates.waiting(1));
  person.says("/stop");
  await seesPart(person, "Stopped, and dropped 1");
  world.model.release();
  await world.turnsAreOver();
  asksAbout(second);
  await seesPart(person, fates.stopped);
  asksAbout(third);
  await seesPart(person, fates.dropped);
});

test.concurrent("what became of a message outlives the process and a delivery again", async () => {
  await using world = await startWorld(openTelegram);
  const { person, chat, asksAbout } = inGroup(world);
  const first = person.says("One");
  await seesPart(person, "You said");
  await world.isQuiet();
  const seen = await world.control.keys(`${createKeys().prefix}:seen:*${first.id}`);
  expect(await Promise.all(seen.map((key) => world.control.get(key)))).toEqual(["=answered"]);
  expect(await world.control.ttl(seen[0] ?? "")).toBeGreaterThan(24 * 3600);
  await world.service?.[Symbol.asyncDispose]();
  await world.startInside();
  await world.isConnected();
  asksAbout(first);
  await seesPart(person, fates.answered);
  expect(world.telegram.visible(chat).filter(({ text }) => text.includes("You said"))).toHaveLength(1);
});

test.concurrent("on Slack a link says which message is meant", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const person = world.slackPerson();
  const ts = person.says("One");
  await seesPart(person, "You said One");
  await world.turnsAreOver();
  person.says(`!status <https://acme.slack.com/archives/${person.channel.id}/p${ts.replace(".", "")}>`);
  await seesPart(person, fates.answered);
});
