import { expect, test } from "vitest";
import { toConversationId, toMessageId } from "../../src/core/conversation.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { sees, seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { answerToText } from "../world/world.ts";
import { callsWith, dump, isAcked, isLogged, startInstallWorld, twoTeams } from "./install-world.ts";

test.for([
  ["app_uninstalled", "tokens_revoked"],
  ["tokens_revoked", "app_uninstalled"],
] as const)(
  "after %s and %s an answer that runs ends quietly, one that waits is dropped, and Slack is called no more",
  async (order) => {
    await using installing = await startInstallWorld();
    const { world } = installing;
    const [one, two] = twoTeams(installing);
    await installing.installs(one);
    await installing.installs(two);
    const [ann, bob] = [installing.person(one), installing.person(two)];
    ann.says("Remember blue");
    await sees(ann, answerToText("Remember blue"));
    world.model.hold(2);
    ann.says("Count to ten");
    await ann.until(() => ann.answers().length === 2);
    ann.says("And then?");
    await world.hasWaiting(2);

    one.uninstalls(order);
    await isAcked(world);
    const calls = callsWith(world, one).length;
    world.model.release();
    bob.says("Still there?");
    await sees(bob, answerToText("Still there?"));
    await world.turnsAreOver();
    expect(callsWith(world, one)).toHaveLength(calls);
    expect(one.answers(ann.channel, ann.thread).length).toBe(2);

    await isLogged(world, "removed from is deleted");
    expect((await dump(world)).match(/.{50}T0SIMA.{10}/g)).toBeNull();
  },
);

test("a workspace that installs the app again is answered, and nothing is left of before", async () => {
  // In a thread the bot would read on Slack what was said there before.
  await using installing = await startInstallWorld({ variables: { SLACK_DM: "flat" } });
  const { world } = installing;
  const [one] = twoTeams(installing);
  await installing.installs(one);
  const ann = new SlackPerson(one, one.createUser({ name: "Ann" }), undefined, true);
  ann.says("Remember blue");
  await sees(ann, answerToText("Remember blue"));
  const uninstalledAt = Date.now() - 60_000;
  one.uninstalls();
  await isAcked(world);
  await installing.installs(one);
  await isLogged(world, "removed from is deleted");
  // Slack tells again, late, of what was before.
  one.tellsEnd("tokens_revoked", uninstalledAt);
  await isAcked(world);
  ann.says("Which colour?");
  await seesPart(ann, answerToText("Which colour?"));
  expect(JSON.stringify(world.model.requests.at(-1)?.messages)).not.toContain("blue");
});

test("an event that two workspaces see is nothing while the app is not installed in the one it is meant for", async () => {
  await using installing = await startInstallWorld();
  const { world } = installing;
  const [one, two] = twoTeams(installing);
  await installing.installs(one);
  const ann = one.createUser({ name: "Ann" });
  world.slack.socketMode.sendEvent({
    ...{ type: "event_callback", team_id: one.teamId, event_id: "Ev1", event_time: 1 },
    authorizations: [{ team_id: two.teamId, enterprise_id: null, is_enterprise_install: false }],
    event: {
      type: "message",
      channel: "D1",
      channel_type: "im",
      user: ann.id,
      ts: "1.000001",
      text: "Hello",
    },
  });
  await isAcked(world);
  await world.isQuiet();
  expect(world.model.received()).toBe(0);
});

test("what was accepted before the app was removed ends without a word, commands too", async () => {
  await using installing = await startInstallWorld();
  const { world, gateway } = installing;
  const [one] = twoTeams(installing);
  const address = { platform: "slack", scope: one.teamId, chat: "D1" };
  const common = {
    v: 1,
    conversation: toConversationId(address),
    order: 1,
    author: { id: "U1", name: "" },
    place: "private",
    sentAtMs: Date.now(),
  } as const;
  const command = { ...common, id: toMessageId(address, "1"), nativeId: "1", name: "help", argument: "" };
  const message = { ...common, id: toMessageId(address, "2"), nativeId: "2", text: "Hello", answer: true };
  await gateway.queue.inbox.accept([
    { kind: "command", command: { ...command, reach: "conversation" } },
    { kind: "message", message },
  ]);
  await world.isQuiet();
  expect(world.slack.calls.filter(({ method }) => method !== "apps.connections.open")).toEqual([]);
  expect(world.model.received()).toBe(0);
  expect(world.log.filter((line) => line.includes("failed"))).toEqual([]);
});

test("the token of people who installed the app may be revoked without harm", async () => {
  await using installing = await startInstallWorld();
  const [one] = twoTeams(installing);
  await installing.installs(one);
  installing.world.slack.socketMode.sendEvent({
    type: "event_callback",
    team_id: one.teamId,
    event_id: "Ev1",
    event_time: Math.floor(Date.now() / 1_000),
    event: { type: "tokens_revoked", tokens: { oauth: ["U1"], bot: [] } },
  });
  const ann = installing.person(one);
  ann.says("Hello");
  await sees(ann, answerToText("Hello"));
});

test("a workspace that leaves takes its people's rights along; who was denied stays denied", async () => {
  await using installing = await startInstallWorld();
  const { world } = installing;
  const { control } = world;
  const keys = createKeys();
  const [one, two] = twoTeams(installing);
  await installing.installs(one);
  await installing.installs(two);
  const everybody = [one, two].flatMap(({ teamId }) => [`slack:${teamId}/U1`, `slack:${teamId}/U2`]);
  for (const entry of everybody) {
    await control.hset(keys.admins, entry, '"admin"');
    await control.hset(keys.access, entry, entry.endsWith("1") ? '"allow"' : '"deny"');
    await control.zadd(keys.requests, 1, entry);
    await control.hset(keys.requesters, entry, "{}");
  }
  one.uninstalls();
  await isLogged(world, "removed from is deleted");
  const ofTwo = everybody.filter((entry) => entry.includes(two.teamId));
  expect((await control.hkeys(keys.admins)).toSorted()).toEqual(ofTwo);
  expect((await control.hkeys(keys.access)).toSorted()).toEqual(
    [`slack:${one.teamId}/U2`, ...ofTwo].toSorted(),
  );
  expect((await control.zrange(keys.requests, 0, "-1")).toSorted()).toEqual(ofTwo);
  expect((await control.hkeys(keys.requesters)).toSorted()).toEqual(ofTwo);
});
