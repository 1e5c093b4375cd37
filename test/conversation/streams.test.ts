import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import type { SlackMessage } from "../../simulator/slack/workspace.ts";
import { wordsOf } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import type { SlackPerson } from "../world/slack-person.ts";
import { startWorld, type World, type WorldOptions } from "../world/world.ts";

const text = numberedText(60);

/** A world whose Slack streams answers natively. */
function startStreamWorld(options: WorldOptions = {}): Promise<World> {
  const variables = { SLACK_STREAMING: "native", ...options.variables };
  return startWorld({ platforms: ["slack"], ...options, variables });
}

const calls = (world: World, method: string) => world.slack.callsOf(`chat.${method}`);

/** Where the bot's streams in this person's thread stand. */
function states({ slack }: World): (string | undefined)[] {
  const streams = slack.workspace.messages.filter((message) => message.stream);
  return streams.map((message) => slack.workspace.streamState(message));
}

/** Asks, and waits until the answer's first twenty words stand in an open stream. */
async function seesStream(world: World, person: SlackPerson): Promise<SlackMessage> {
  world.model.hold(20);
  person.says("Hello");
  await seesPart(person, "word19");
  const open = world.slack.workspace.openStreams(person.channel.id, person.thread ?? "");
  expect(open).toHaveLength(1);
  return open[0] as SlackMessage;
}

test.concurrent("an answer streams: opened once, appended to, closed with its last words", async () => {
  await using world = await startStreamWorld();
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 60 });
  const person = world.slackPerson();
  person.says("Hello");
  await sees(person, text);
  await world.isQuiet();
  expect(calls(world, "startStream")).toHaveLength(1);
  expect(calls(world, "appendStream").length).toBeGreaterThan(1);
  expect(calls(world, "stopStream")).toHaveLength(1);
  expect(calls(world, "update")).toEqual([]);
  expect(calls(world, "postMessage")).toEqual([]);
  expect(states(world)).toEqual(["completed"]);
});

test.concurrent("what Slack's Markdown may show otherwise ends in the normal rendering", async () => {
  await using world = await startStreamWorld();
  const answer = `${text}\n\n- see [the docs](https://example.org/a)\n- and *that*`;
  world.model.answerWith(answer);
  const person = world.slackPerson();
  const stream = await seesStream(world, person);
  world.model.release();
  await seesPart(person, "the docs");
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(states(world)).toEqual(["completed"]);
  const last = world.slack.history(person.channel, stream.ts).at(-1);
  expect(JSON.stringify(last?.blocks)).toContain("<https://example.org/a|the docs>");
});

test.concurrent("a short answer is posted without a stream", async () => {
  await using world = await startStreamWorld({ timing: { firstWordsMs: 5_000 } });
  world.model.answerWith("Short.");
  const person = world.slackPerson();
  person.says("Hello");
  await sees(person, "Short.");
  await world.isQuiet();
  expect(calls(world, "startStream")).toEqual([]);
});

test.concurrent("a stopped answer is closed with its mark", async () => {
  await using world = await startStreamWorld();
  world.model.answerWith(text);
  const person = world.slackPerson();
  await seesStream(world, person);
  world.slack.pressesStop(person.user, person.channel, person.thread ?? "");
  await world.model.hasAborted();
  await seesPart(person, "[stopped]");
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(person.answers()[0]).toMatch(/^word1 .*word20\s+_?\[stopped\]_?$/s);
  expect(states(world)).toEqual(["completed"]);
});

test.concurrent("a stream that Slack gives up is gone on with by edits of the whole text", async () => {
  await using world = await startStreamWorld();
  world.model.answerWith(text);
  const person = world.slackPerson();
  world.slack.workspace.giveUpStream(await seesStream(world, person));
  world.model.hold(40);
  await seesPart(person, "word39");
  world.model.release();
  await sees(person, text);
  await world.isQuiet();
  expect(calls(world, "startStream")).toHaveLength(1);
  expect(calls(world, "update").length).toBeGreaterThan(0);
});

test.concurrent("a stream is closed before Slack gives it up, and edits go on", async () => {
  await using world = await startStreamWorld({ timing: { streamAgeMs: 500 } });
  world.slack.workspace.streamMs = 60_000;
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 60 });
  const person = world.slackPerson();
  person.says("Hello");
  await sees(person, text);
  await world.isQuiet();
  expect(calls(world, "startStream")).toHaveLength(1);
  expect(calls(world, "update").length).toBeGreaterThan(0);
  expect(states(world)).toEqual(["completed"]);
});

test.concurrent("a long answer is a stream for every page, none longer than Slack takes", async () => {
  await using world = await startStreamWorld();
  const long = numberedText(1_500);
  world.model.answerWith(long);
  world.model.hold(1_100);
  const person = world.slackPerson();
  person.says("Hello");
  await seesPart(person, "word1099");
  world.model.release();
  await seesPart(person, "word1500");
  await world.isQuiet();
  expect(person.answers().length).toBeGreaterThan(1);
  expect(wordsOf(person.answers())).toEqual(long.split(" "));
  expect(new Set(states(world))).toEqual(new Set(["completed"]));
  expect(calls(world, "startStream").length).toBeGreaterThan(1);
});

const lostAnswers = ["applied-reset", "applied-hang", "applied-http", "reset"] as const;

test.concurrent.for(lostAnswers)("an append that ends in %s is not made again", async (kind) => {
  await using world = await startStreamWorld({ timing: { callMs: 1_500 } });
  world.model.answerWith(text);
  const person = world.slackPerson();
  await seesStream(world, person);
  world.slack.faults.next("chat.appendStream", { kind, status: 502 } as never);
  world.model.hold(40);
  await seesPart(person, "word39");
  world.model.release();
  await sees(person, text);
  await world.isQuiet();
  const appended = calls(world, "appendStream").map(({ payload }) => payload.markdown_text);
  expect(new Set(appended).size).toBe(appended.length);
  expect(appended.filter((part) => String(part).includes("word39"))).toHaveLength(1);
  // Not even for a moment, until it would be put right.
  const looks = person
    .looks()
    .flat()
    .map((look) => look.text.match(/word\d+/g) ?? []);
  expect(looks.filter((seen) => new Set(seen).size < seen.length)).toEqual([]);
  expect(states(world)).toEqual(["completed"]);
});

test.concurrent.for(lostAnswers)(
  "a last word whose end is unknown (%s) is put right by an edit",
  async (kind) => {
    await using world = await startStreamWorld({ timing: { callMs: 1_500 } });
    world.model.answerWith(text);
    const person = world.slackPerson();
    await seesStream(world, person);
    world.slack.faults.next("chat.stopStream", { kind, status: 502 } as never);
    world.model.release();
    await seesPart(person, "word60");
    await world.isQuiet();
    expect(person.answers()).toEqual([text]);
    expect(states(world)).toEqual(["completed"]);
  },
);

test.concurrent.for(lostAnswers)("a beginning whose end is unknown (%s) leaves one message", async (kind) => {
  await using world = await startStreamWorld({ timing: { callMs: 1_500 } });
  world.model.answerWith(text);
  world.slack.faults.next("chat.startStream", { kind, status: 502 } as never);
  const person = world.slackPerson();
  person.says("Hello");
  await seesPart(person, "word60");
  await world.isQuiet();
  expect(person.answers()).toEqual([text]);
});

test.concurrent("streams that Slack does not offer leave edits", async () => {
  await using world = await startStreamWorld({ timing: { brokenMaxMs: 60_000 } });
  world.slack.faults.next("chat.startStream", { kind: "error", code: "unknown_method" }, { times: 9 });
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 60 });
  const [ann, bob] = [world.slackPerson(), world.slackPerson()];
  ann.says("Hello");
  await sees(ann, text);
  bob.says("Hello");
  await sees(bob, text);
  await world.isQuiet();
  expect(calls(world, "startStream")).toHaveLength(1);
  expect(calls(world, "update").length).toBeGreaterThan(1);
});

test.concurrent("beyond the streams of a minute answers are posted and edited", async () => {
  const rates = { "chat.startStream": { perMinute: 1, burst: 1 } };
  await using world = await startStreamWorld({ slack: { rates } });
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 60 });
  const people = [world.slackPerson(), world.slackPerson(), world.slackPerson()];
  for (const person of people) person.says("Hello");
  await Promise.all(people.map((person) => sees(person, text)));
  await world.isQuiet();
  const starts = calls(world, "startStream");
  expect(starts.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(calls(world, "postMessage")).toHaveLength(2);
});

test.concurrent("in a channel the stream is the asker's", async () => {
  await using world = await startStreamWorld();
  const ann = world.slack.createUser({ name: "Ann" });
  const channel = world.slack.createChannel("general", [ann]);
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 30 });
  const thread = world.slack.says(ann, channel, "@parley count");
  await world.slack.until(() => world.slack.answers(channel, thread).join() === text, 20_000);
  await world.isQuiet();
  expect(calls(world, "startStream")[0]?.payload).toMatchObject({
    thread_ts: thread,
    recipient_user_id: ann.id,
    recipient_team_id: world.slack.teamId,
  });
});

test.concurrent("a flat direct message has edits", async () => {
  await using world = await startStreamWorld({ variables: { SLACK_DM: "flat" } });
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 30 });
  const person = world.slackPerson("Bob", true);
  person.says("Hello");
  await sees(person, text);
  await world.isQuiet();
  expect(calls(world, "startStream")).toEqual([]);
});
