import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { sees, seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

const slackOnly = { platforms: ["slack"] } as const;
/** Shows and ends Slack's stop button. */
const method = "agents.sessions.setStatus";

function inChannel(
  world: World,
  name: string,
  channel = world.slack.createChannel("general", []),
): SlackPerson {
  const user = world.slack.createUser({ name });
  world.slack.workspace.changeChannel(channel.id, { members: [...channel.members, user.id] });
  return new SlackPerson(world.slack, user, channel);
}

test.concurrent.for(["message-first", "mention-first"] as const)(
  "a mention in a channel is answered once, in its thread, %s",
  async (order) => {
    await using world = await startWorld({ ...slackOnly, slack: { mentions: { order, gapMs: 30 } } });
    const ann = inChannel(world, "Ann");
    ann.says("Hello");
    await seesPart(ann, "Hello");
    await world.slack.until(
      () => world.slack.socketMode.deliveries.filter(({ ackedAtMs }) => ackedAtMs).length >= 2,
    );
    await world.isQuiet();
    expect(ann.answers()).toHaveLength(1);
    expect(world.slack.answers(ann.channel)).toEqual([]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent("a thread's message to somebody else is not answered, but the next question knows it", async () => {
  await using world = await startWorld(slackOnly);
  const ann = inChannel(world, "Ann");
  ann.says("Hello");
  await seesPart(ann, "Hello");
  const bob = inChannel(world, "Bob", ann.channel);
  bob.thread = ann.thread;
  bob.says("@Ann lunch at noon?");
  const isAcked = () => world.slack.socketMode.deliveries.every(({ ackedAtMs }) => ackedAtMs !== undefined);
  await world.slack.until(isAcked);
  await world.isQuiet();
  ann.says("When do we eat?");
  await world.slack.until(() => ann.answers().length === 2);
  await world.isQuiet();
  expect(world.model.received()).toBe(2);
  expect(world.model.requests[1]?.messages.at(-1)?.content).toBe(
    "Bob: @Ann lunch at noon?\n\nAnn: When do we eat?",
  );
});

test.concurrent("a direct message is one conversation when it is flat", async () => {
  await using world = await startWorld({ ...slackOnly, variables: { SLACK_DM: "flat" } });
  const ann = world.slackPerson("Ann", true);
  ann.says("one");
  await sees(ann, answerToText("one"));
  ann.says("two");
  await sees(ann, answerToText("one"), answerToText("two"));
  expect(world.model.requests[1]?.messages).toHaveLength(4);
});

test.concurrent("each direct message opens a conversation of its own in a thread", async () => {
  await using world = await startWorld(slackOnly);
  const ann = world.slackPerson("Ann");
  ann.says("one");
  await sees(ann, answerToText("one"));
  ann.thread = undefined;
  ann.says("two");
  await sees(ann, answerToText("two"));
  expect(world.model.requests[1]?.messages).toHaveLength(2);
});

test.concurrent("the bot is shown thinking until its first words, then no more", async () => {
  await using world = await startWorld(slackOnly);
  world.model.answerWith(numberedText(60));
  world.model.hold(0);
  const ann = world.slackPerson("Ann");
  ann.says("Hello");
  await ann.until(() => ann.isBusy());
  world.model.hold(20);
  await seesPart(ann, "word20");
  expect(ann.isBusy()).toBe(false);
  world.model.release();
  await sees(ann, numberedText(60));
  await world.isQuiet();
  expect(ann.isBusy()).toBe(false);
});

test.concurrent("what the model writes pings nobody and shows no preview of a link", async () => {
  await using world = await startWorld(slackOnly);
  const ann = inChannel(world, "Ann");
  world.model.answerWith(
    `<!channel> <!here> @everyone <@${ann.user.id}> @Ann https://evil.test/?q=secret ![x](https://evil.test/x.png)`,
  );
  ann.says("Hello");
  await seesPart(ann, "evil.test");
  await world.isQuiet();
  expect(world.slack.botPings).toEqual([]);
  const own = world.slack.workspace.messages.filter(({ botId }) => botId !== undefined);
  expect(own.map(({ unfurl }) => unfurl)).toEqual([{ links: false, media: false }]);
});

test.concurrent("/parley help is answered to its sender alone", async () => {
  await using world = await startWorld(slackOnly);
  const ann = inChannel(world, "Ann");
  await world.slack.runsCommand(ann.user, ann.channel, "/parley", "help");
  const shown = () =>
    world.slack.visible(ann.channel).filter(({ ephemeralTo }) => ephemeralTo === ann.user.id);
  await world.slack.until(() => shown().length === 1);
  expect(shown()[0]?.text).toContain("/parley stop");
});

test.concurrent("the bot answers neither other bots nor itself", async () => {
  await using world = await startWorld(slackOnly);
  const bot = world.slack.createBot("Robo");
  const channel = world.slack.createChannel("general", [bot]);
  world.slack.says(bot, channel, "@parley hello");
  const ann = inChannel(world, "Ann", channel);
  ann.says("Hello");
  await seesPart(ann, "Hello");
  await world.slack.until(() =>
    world.slack.socketMode.deliveries.every(({ ackedAtMs }) => ackedAtMs !== undefined),
  );
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});

test.concurrent("forty answers at once stay inside Slack's limit for stop buttons, and none is left behind", {
  timeout: 90_000,
}, async () => {
  await using world = await startWorld({
    platforms: ["slack"],
    slack: { rates: "real" },
    variables: { SLACK_RATE_UPDATE: "45/min", SLACK_RATE_POST: "1/s" },
  });
  const people = Array.from({ length: 40 }, () => world.slackPerson());
  world.model.hold(0);
  for (const person of people) person.says("Hello");
  await world.model.hasReceived(40);
  await world.slack.until(() => threads("processing").size > 0);
  world.model.release();
  await Promise.all(people.map((person) => sees(person, answerToText("Hello"))));
  await world.slack.until(
    () => [...threads("processing")].every((thread) => threads("active").has(thread)),
    30_000,
  );
  expect(world.slack.callsOf(method).filter(({ status }) => status === 429)).toEqual([]);

  function threads(status: string): ReadonlySet<unknown> {
    const calls = world.slack
      .callsOf(method)
      .filter((call) => call.payload.status === status && call.status === 200);
    return new Set(calls.map(({ payload }) => payload.thread_ts));
  }
});

test.concurrent.for([
  [429, { kind: "limited", retryAfterS: 1 }],
  ["reset", { kind: "reset" }],
  [200, { kind: "error", code: "internal_error" }],
] as const)("the end of a stop button that meets %s is made up for", async ([status, fault]) => {
  await using world = await startWorld(slackOnly);
  world.model.hold(0);
  const ann = world.slackPerson("Ann");
  ann.says("Hello");
  const ends = () => world.slack.callsOf(method).filter(({ payload }) => payload.status === "active");
  await world.slack.until(() => world.slack.callsOf(method).some(({ status }) => status === 200));
  world.slack.faults.next(method, fault);
  world.model.release();
  const isOver = () => ends().some(({ answer }) => answer?.ok === true);
  await world.slack.until(isOver);
  expect(ends().map((call) => call.status)).toEqual([status, 200]);
});
