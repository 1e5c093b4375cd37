/** A worker dies while an answer leaves a topic that is gone: another one brings it into the chat, whole and once. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { wordsOf } from "../world/growing.ts";
import { seesPart } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const text = numberedText(900);

test.concurrent.for([
  ["before the new place is noted", "redirect-reply", "before"],
  ["after the new place is noted", "redirect-reply", "after"],
  ["after the first page there is recorded", "record-page", "after"],
] as const)("a worker killed %s leaves one whole answer in the chat", async ([, script, when]) => {
  await using world = await worlds.withGateway({ platforms: ["telegram"] });
  const victim = await world.start("worker");
  world.model.answerWith(text);
  world.model.hold(0);
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const forum = world.telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = world.telegram.places.createTopic(forum, ada, "Cats");
  new TelegramPerson(world.telegram, ada, forum, threadId).says("Hello");
  await world.model.hasReceived(1);
  world.telegram.places.losesTopic(forum, threadId);
  const reached = victim.proxy.darkAt(isCallOf(script), when);
  world.model.release();
  await world.within(60_000, `${when} ${script}`, reached);
  await victim.process.kill();
  await world.start("worker");
  const everywhere = new TelegramPerson(world.telegram, ada, forum);
  await seesPart(everywhere, "word900");
  await world.isQuiet(120_000);
  expect(wordsOf(everywhere.answers())).toEqual(text.split(" "));
  expect(everywhere.answers()[0]?.startsWith(words.topicGone)).toBe(true);
});
