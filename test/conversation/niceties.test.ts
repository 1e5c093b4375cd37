import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { startWorld, type World } from "../world/world.ts";

const slackOnly = { platforms: ["slack"] } as const;
const method = "assistant.threads.setSuggestedPrompts";
const signMethod = "agents.sessions.setStatus";

/** Slack has said no to a call of this method. */
async function hasRefused({ slack }: World, refused: string): Promise<void> {
  await slack.until(() => slack.callsOf(refused).some(({ status }) => status !== undefined));
}

/** The busy sign is shown, which begins the session; then the model may answer. */
async function hasBegun(world: World, person: SlackPerson): Promise<void> {
  await world.slack.until(() => titleOf(world, person) !== undefined);
  world.model.release();
}

/** The title of the session in the person's thread. */
const titleOf = ({ slack }: World, { channel, thread }: SlackPerson) =>
  slack.workspace.sessions.get(`${channel.id} ${thread}`)?.title;

test.concurrent("a direct message's thread is called by the first words of its first question, without another call", async () => {
  await using world = await startWorld(slackOnly);
  const ann = world.slackPerson("Ann");
  world.model.hold(0);
  ann.says("How do I\nproof sourdough in a cold kitchen, when the oven is not to be used at all?");
  await hasBegun(world, ann);
  await seesPart(ann, "sourdough");
  ann.says("And rye?");
  await seesPart(ann, "rye");
  await world.isQuiet();
  expect(titleOf(world, ann)).toBe("How do I proof sourdough in a cold kitchen, when the oven…");
  const methods = new Set(world.slack.calls.map((call) => call.method));
  expect([...methods].filter((name) => /title|rename/i.test(name))).toEqual([]);
});

test.concurrent("a thread in a channel gets no title: its first question is there to read", async () => {
  await using world = await startWorld(slackOnly);
  const user = world.slack.createUser({ name: "Ann" });
  const ann = new SlackPerson(world.slack, user, world.slack.createChannel("general", [user]));
  world.model.hold(0);
  ann.says("Hello");
  await hasBegun(world, ann);
  expect(titleOf(world, ann)).toBe("");
});

test.concurrent("whoever opens the bot's direct messages is offered what could be asked", async () => {
  await using world = await startWorld(slackOnly);
  const ann = world.slackPerson("Ann");
  world.slack.people.opensApp(ann.user, ann.channel);
  await world.slack.until(() => world.slack.workspace.prompts.has(ann.channel.id));
  expect(world.slack.workspace.prompts.get(ann.channel.id)).toEqual(words.prompts);
  await world.isQuiet();
  expect(world.model.received()).toBe(0);
  expect(ann.answers()).toEqual([]);
});

test.concurrent("a guest, whom the bot would refuse, is offered nothing", async () => {
  await using world = await startWorld(slackOnly);
  const guest = world.slack.createUser({ name: "Gus", guest: true });
  const dm = world.slack.createDm(guest);
  world.slack.people.opensApp(guest, dm);
  await world.slack.until(() => world.slack.callsOf("users.info").some(({ status }) => status === 200));
  await world.isQuiet();
  expect(world.slack.callsOf(method)).toEqual([]);
});

test.concurrent.for([
  ["a limit", { kind: "limited", retryAfterS: 30 }],
  ["a refusal", { kind: "error", code: "missing_scope" }],
  ["a broken connection", { kind: "reset" }],
] as const)("%s leaves the offer out, is not met twice, and holds up no answer", async ([, fault]) => {
  await using world = await startWorld({ ...slackOnly, timing: { brokenMaxMs: 60_000 } });
  const ann = world.slackPerson("Ann");
  world.slack.faults.next(method, fault, { times: 9 });
  world.slack.people.opensApp(ann.user, ann.channel);
  await world.slack.until(() => world.slack.callsOf(method).some(({ status }) => status !== undefined));
  ann.says("Hello");
  await seesPart(ann, "Hello");
  await world.isQuiet();
  expect(world.slack.callsOf(method)).toHaveLength(1);
  world.slack.people.opensApp(ann.user, ann.channel);
  await world.slack.until(() =>
    world.slack.socketMode.deliveries.every((one) => one.ackedAtMs !== undefined),
  );
  await world.isQuiet();
  expect(world.slack.callsOf(method)).toHaveLength(fault.kind === "reset" ? 2 : 1);
});

test.concurrent("a workspace that refused the sign and the offer has them when the app was given its scopes", async () => {
  await using world = await startWorld({ ...slackOnly, timing: { brokenMaxMs: 1 } });
  const ann = world.slackPerson("Ann");
  const refusal = { kind: "error", code: "missing_scope" } as const;
  for (const refused of [method, signMethod]) world.slack.faults.next(refused, refusal);
  world.slack.people.opensApp(ann.user, ann.channel);
  world.model.hold(0);
  ann.says("Hello");
  await hasRefused(world, method);
  await hasRefused(world, signMethod);
  world.model.release();
  await seesPart(ann, "Hello");
  await world.isQuiet();
  world.slack.people.opensApp(ann.user, ann.channel);
  world.model.hold(0);
  ann.says("Again");
  await hasBegun(world, ann);
  await world.slack.until(() => world.slack.workspace.prompts.has(ann.channel.id));
  await seesPart(ann, "Again");
});

test.concurrent("a workspace that refuses the sign is not asked for every message", async () => {
  await using world = await startWorld({ ...slackOnly, timing: { brokenMaxMs: 60_000 } });
  const ann = world.slackPerson("Ann");
  world.slack.faults.next(signMethod, { kind: "error", code: "missing_scope" }, { times: 9 });
  world.model.hold(0);
  ann.says("Hello");
  await hasRefused(world, signMethod);
  world.model.release();
  await seesPart(ann, "Hello");
  ann.says("Again");
  await seesPart(ann, "Again");
  await world.isQuiet();
  expect(world.slack.callsOf(signMethod)).toHaveLength(1);
});
