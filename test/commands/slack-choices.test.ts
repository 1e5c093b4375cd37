/** Commands by buttons, selects, forms, files and the app's home on Slack: what is seen, by whom, what the model is asked. */

import { describe, expect, test } from "vitest";
import { choosablesIn } from "../../simulator/slack/interactions.ts";
import { becomesOwner } from "../world/owner.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { asks, reads } from "../world/stage.ts";
import { startWorld, type WorldOptions } from "../world/world.ts";

/** An owner and somebody else, each in a direct message and both in a channel. */
async function colleagues(options: WorldOptions = {}) {
  const world = await startWorld({ platforms: ["slack"], ...options });
  const boss = world.slackPerson();
  await becomesOwner(world, boss, "!");
  const maya = world.slackPerson();
  const channel = world.slack.createChannel("general", [boss.user, maya.user]);
  const inChannel = (person: SlackPerson) => new SlackPerson(world.slack, person.user, channel);
  return { world, boss, maya, channel, bossInChannel: inChannel(boss), mayaInChannel: inChannel(maya) };
}

const plain = (text: string) => text.replace(/[*_`\u200b\u2060]/g, "");
const models = ["alpha-1", "beta-2", "gamma-3", "delta-4", "epsilon-5", "zeta-6", "test-model"];

describe.each(["socket", "http"] as const)("by %s", (slackBy) => {
  test("a model is chosen from a select, and the message changes in its place", async () => {
    const { world, bossInChannel } = await colleagues({ models, slackBy });
    await using _ = world;
    bossInChannel.says("!model");
    await reads(bossInChannel, "test-model (in use)");
    const before = bossInChannel.answers().length;
    expect(bossInChannel.choices().find(({ isChosen }) => isChosen)?.label).toBe("test-model");
    await bossInChannel.presses("gamma-3");
    await reads(bossInChannel, "model (set in this chat): gamma-3");
    expect(bossInChannel.answers()).toHaveLength(before);
    expect(await asks(world, bossInChannel, "@parley Hello")).toMatchObject({ model: "gamma-3" });
  });

  test("a system prompt is written into a form, exactly as it is", async () => {
    const { world, boss } = await colleagues({ slackBy });
    await using _ = world;
    const prompt = "reset\n/help & <b>`code`</b> {x} *y* https://example.org @parley";
    boss.says("!system");
    await reads(boss, "prompt (as configured)");
    await boss.presses("Write a new one");
    expect(world.slack.views.modals.get(boss.user.id)?.title).toBe("System prompt");
    await world.slack.interactions.submits(boss.user.id, prompt);
    expect(world.slack.views.modals.has(boss.user.id)).toBe(false);
    await boss.until(() => boss.asides().some((text) => text.includes("Changed")));
    expect((await asks(world, boss, "Hello")).messages[0]).toEqual({ role: "system", content: prompt });
  });
});

test("a slash command opens the form by itself, and says so in words where it cannot", async () => {
  const { world, boss } = await colleagues();
  await using _ = world;
  await boss.slashes("system set");
  await world.slack.interactions.submits(boss.user.id, "Be brief.");
  await boss.until(() =>
    boss.asides().some((text) => plain(text).includes("prompt (set in this chat): Be brief.")),
  );
  world.slack.faults.next("views.open", { kind: "error", code: "expired_trigger_id" });
  await boss.slashes("system set");
  await boss.until(() => boss.asides().some((text) => text.includes("The button opens a form")));
  await boss.presses("Write a new one");
  expect(world.slack.views.modals.size).toBe(1);
});

test("what the form cannot take is said beside its field, at once", async () => {
  const { world, boss } = await colleagues();
  await using _ = world;
  await boss.slashes("system set");
  await world.slack.interactions.submits(boss.user.id, "a\u0000b");
  const { errors } = world.slack.views.modals.get(boss.user.id) ?? {};
  expect(Object.values(errors ?? {})).toEqual([
    "This takes a text of 1 to 32,768 bytes without control characters.",
  ]);
  await world.slack.interactions.submits(boss.user.id, "Be kind.");
  expect(world.slack.views.modals.size).toBe(0);
  await boss.until(() => boss.asides().some((text) => text.includes("Be kind.")));
  expect((await asks(world, boss, "Hello")).messages[0]?.content).toBe("Be kind.");
});

test("whoever may not change it writes the form in vain, and only they are told", async () => {
  const { world, maya, mayaInChannel, bossInChannel } = await colleagues();
  await using _ = world;
  bossInChannel.says("!params");
  await reads(bossInChannel, "not set");
  const before = bossInChannel.answers();
  mayaInChannel.thread = bossInChannel.thread;
  await mayaInChannel.presses("temperature …");
  await reads(bossInChannel, "temperature says how random");
  await mayaInChannel.presses("0.3");
  await mayaInChannel.until(() => mayaInChannel.asides().length === 1);
  expect(mayaInChannel.asides()).toEqual(["Only admins of this chat can change this."]);
  expect(bossInChannel.asides()).toEqual([]);
  expect(before).toHaveLength(1);
  await maya.slashes("system set");
  await world.slack.interactions.submits(maya.user.id, "Mine!");
  await maya.until(() => maya.asides().some((text) => text.startsWith("Only admins of this chat")));
});

test("in a thread a button means the thread, also in a message that only one person sees", async () => {
  const { world, bossInChannel } = await colleagues();
  await using _ = world;
  bossInChannel.says("!system here");
  await bossInChannel.until(() => bossInChannel.asides().length === 1);
  expect(bossInChannel.answers()).toEqual(bossInChannel.asides());
  await bossInChannel.presses("values …");
  await reads(bossInChannel, "values says what is added");
  await bossInChannel.presses("date");
  await reads(bossInChannel, "values (set in this thread): date");
});

test("a text file with the command as its message is the system prompt", async () => {
  const { world, boss, maya } = await colleagues();
  await using _ = world;
  const content = `${"Ä `{}` <&> line\n".repeat(1_700)}end`;
  const files = [{ name: "prompt.md", mimetype: "text/markdown", content }];
  world.slack.says(maya.user, maya.channel, "!system set", { files });
  await maya.until(
    () =>
      world.slack.answers(maya.channel).length + maya.asides().length > 0 ||
      world.slack.calls.some(
        ({ method, payload }) => method === "chat.postMessage" && payload.channel === maya.channel.id,
      ),
  );
  expect(world.slack.callsOf("files.info")).toEqual([]);
  world.slack.says(boss.user, boss.channel, "!system set", { thread: boss.thread ?? "", files });
  await reads(boss, "prompt (set in this chat)");
  expect((await asks(world, boss, "Hello")).messages[0]?.content).toBe(content);
  const binary = [{ name: "a.png", mimetype: "image/png", content: "x" }];
  world.slack.says(boss.user, boss.channel, "!system set", { thread: boss.thread ?? "", files: binary });
  await reads(boss, "That is not a .txt or .md file.");
});

test("a file that lies elsewhere and is only named on Slack is said not to be had", async () => {
  const { world, boss } = await colleagues();
  await using _ = world;
  const file = { name: "prompt.md", mimetype: "application/vnd.slack-remote", content: "" };
  const files = [{ ...file, externalUrl: "https://docs.example.org/document/1" }];
  world.slack.says(boss.user, boss.channel, "!system set", { thread: boss.thread ?? "", files });
  await reads(boss, "I could not get that file.");
  expect(world.slack.callsOf("files.info")).toHaveLength(1);
});

test("links and names in a typed prompt arrive as they were typed", async () => {
  const { world, boss } = await colleagues();
  await using _ = world;
  boss.says("!system set See https://example.org/a?b=1&c=2 & <this> {x} `y`");
  await reads(boss, "prompt (set in this chat)");
  const typed = "See https://example.org/a?b=1&c=2 & <this> {x} `y`";
  expect((await asks(world, boss, "Hello")).messages[0]?.content).toBe(typed);
});

test("the home shows everybody what holds, and lets those change it who may", async () => {
  const { world, boss, maya } = await colleagues({ models });
  await using _ = world;
  const { people, views, interactions } = world.slack;
  const choices = (person: SlackPerson) => choosablesIn(views.homes.get(person.user.id)?.blocks ?? []);
  const says = (person: SlackPerson) => plain(JSON.stringify(views.homes.get(person.user.id)?.blocks ?? []));
  people.opensApp(maya.user, maya.channel, "home");
  await maya.until(() => views.homes.has(maya.user.id));
  expect(says(maya)).toContain("model (as configured): test-model");
  expect(says(maya)).toContain("Admins of the workspace can change it.");
  expect(choices(maya)).toEqual([]);
  people.opensApp(boss.user, boss.channel, "home");
  await boss.until(() => views.homes.has(boss.user.id));
  await interactions.pressesAtHome(boss.user.id, "beta-2", 0);
  await boss.until(() => says(boss).includes("model (set in this chat): beta-2"));
  await interactions.pressesAtHome(boss.user.id, "gamma-3", 1);
  await boss.until(() => says(boss).includes("model (set in this workspace): gamma-3"));
  await interactions.pressesAtHome(boss.user.id, "Write a new one", 1);
  await interactions.submits(boss.user.id, "We are a bakery.");
  await boss.until(() => says(boss).includes("prompt (set in this workspace): We are a bakery."));
  expect(await asks(world, boss, "Hello")).toMatchObject({ model: "beta-2" });
  const asked = await asks(world, maya, "Hello");
  expect(asked).toMatchObject({ model: "gamma-3" });
  expect(asked.messages[0]?.content).toBe("We are a bakery.");
});

test("many homes at once stay within what Slack takes, and everybody has theirs", async () => {
  const rates = { "views.publish": { perMinute: 100, burst: 6 } };
  const { world } = await colleagues({ slack: { rates }, variables: { SLACK_RATE_UPDATE: "45/min" } });
  await using _ = world;
  const { people, views } = world.slack;
  const all = Array.from({ length: 9 }, () => world.slackPerson());
  for (const { user, channel } of all) people.opensApp(user, channel, "home");
  await world.slack.until(() => all.every(({ user }) => views.homes.has(user.id)), 60_000);
  expect(world.slack.callsOf("views.publish").map(({ status }) => status)).toEqual(all.map(() => 200));
});

test("a home that Slack puts off is shown when its time has come", async () => {
  const { world, maya } = await colleagues();
  await using _ = world;
  const { people, views, faults } = world.slack;
  faults.next("views.publish", { kind: "limited", retryAfterS: 1 });
  people.opensApp(maya.user, maya.channel, "home");
  await world.slack.until(() => views.homes.has(maya.user.id), 60_000);
  expect(world.slack.callsOf("views.publish")).toHaveLength(2);
});

test("an answer whose address is used up is still seen by its person alone", async () => {
  const { world, boss, bossInChannel } = await colleagues();
  await using _ = world;
  await bossInChannel.slashes("system set");
  const { modals } = world.slack.views;
  const form = modals.get(boss.user.id);
  for (let use = 0; use < 6; use += 1) {
    await world.slack.interactions.submits(boss.user.id, `Prompt ${use}.`);
    await bossInChannel.until(() => bossInChannel.asides().some((text) => text.includes(`Prompt ${use}.`)));
    if (form) modals.set(boss.user.id, { ...form, hash: `again-${use}` });
  }
  expect(world.slack.callsOf("chat.postEphemeral")).toHaveLength(1);
});

test("a bare slash command says what there is", async () => {
  const { world, maya } = await colleagues();
  await using _ = world;
  await maya.slashes("");
  await maya.until(() => maya.asides().some((text) => plain(text).includes("/parley model")));
});
