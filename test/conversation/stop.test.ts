import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { readsUpTo } from "../world/growing.ts";
import { seesPart } from "../world/person.ts";
import { startWorld } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

test.concurrent.for(platforms)(
  "stopping ends the model's call, marks what there is and drops what waits on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    await readsUpTo(world, person, numberedText(60), 20);
    person.says("And then?");
    person.says("And after that?");
    person.says(platform === "telegram" ? "/stop" : "!stop");
    await world.model.hasAborted();
    await seesPart(person, "[stopped]");
    await seesPart(person, "dropped 2 of your messages");
    world.model.release();
    await world.isQuiet();
    expect(person.answers()).toHaveLength(2);
    expect(person.answers()[0]).toMatch(/^word1 .*word20\s+_?\[stopped\]_?$/s);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent("stopping before the first word leaves a mark and no silence", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  world.model.hold(0);
  const person = world.telegramPerson();
  person.says("Hello");
  await world.model.hasReceived(1);
  person.says("/stop");
  await seesPart(person, "[stopped]");
  await world.isQuiet();
  expect(person.answers()).toHaveLength(2);
});

test.concurrent("Slack's own stop button stops as well", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const person = world.slackPerson();
  await readsUpTo(world, person, numberedText(60), 20);
  world.slack.pressesStop(person.user, person.channel, person.thread ?? "");
  await world.model.hasAborted();
  await seesPart(person, "[stopped]");
});

test.concurrent("nobody stops another one's answer in a group", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const [ann, bob] = [world.slack.createUser({ name: "Ann" }), world.slack.createUser({ name: "Bob" })];
  const channel = world.slack.createChannel("general", [ann, bob]);
  world.model.answerWith(numberedText(60));
  world.model.hold(20);
  const thread = world.slack.says(ann, channel, "@parley count");
  const answers = () => world.slack.answers(channel, thread);
  await world.slack.until(() => answers().some((text) => text.includes("word20")));
  world.slack.says(bob, channel, "@parley !stop", { thread });
  await world.slack.until(() => answers().some((text) => text.includes("somebody else's")));
  world.model.release();
  await world.slack.until(() => answers().some((text) => text.includes("word60")));
  expect(answers().join()).not.toContain("[stopped]");
});

test.concurrent("stopping when nothing runs says so", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  person.says("/stop");
  await seesPart(person, "Nothing is running here.");
});
