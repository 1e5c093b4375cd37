/** How the bot behaves, by command: how an answer is shown while it is written, and whether names are told. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { readsUpTo } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { platforms, reads, stage } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

const text = numberedText(40);

test.for(platforms)("with streaming off an answer is posted once and whole, on %s", async (platform) => {
  await using at = await stage(platform);
  const { world, owner } = at;
  at.commands(owner, "mode streaming off");
  await reads(owner, "streaming (set in this chat): off");
  world.model.answerWith(text);
  world.model.hold(20);
  const before = owner.answers();
  owner.says("Hello");
  await world.model.hasSent(20);
  await owner.until(() => owner.isBusy());
  expect(owner.answers()).toEqual(before);
  world.model.release();
  await sees(owner, ...before, text);
  await world.isQuiet();
  expect(owner.looks().at(-1)).toHaveLength(1);
});

test("native streaming is a draft in Telegram's private chats, until it is taken back", async () => {
  await using at = await stage("telegram");
  const { world, owner } = at;
  at.commands(owner, "mode streaming native");
  await reads(owner, "streaming (set in this chat): native");
  world.model.answerWith(text);
  owner.says("Hello");
  await seesPart(owner, text);
  await world.isQuiet();
  const drafts = world.telegram.callsOf("sendMessageDraft").length;
  expect(drafts).toBeGreaterThan(0);
  at.commands(owner, "mode streaming reset");
  await reads(owner, "streaming (as configured): edit");
  world.model.hold(20);
  owner.says("And now?");
  await seesPart(owner, "word20");
  world.model.release();
  await world.isQuiet();
  expect(world.telegram.callsOf("sendMessageDraft")).toHaveLength(drafts);
});

test("native streaming is Slack's own stream in threads", async () => {
  await using at = await stage("slack");
  const { world, owner } = at;
  at.commands(owner, "mode streaming native");
  await reads(owner, "streaming (set in this chat): native");
  world.model.answerWith(text);
  owner.says("Hello");
  await seesPart(owner, text);
  await world.isQuiet();
  expect(world.slack.callsOf("chat.startStream")).toHaveLength(1);
  expect(owner.answers().at(-1)).toBe(text);
});

test("what the environment says holds until somebody sets something else", async () => {
  await using at = await stage("telegram", { variables: { TELEGRAM_STREAMING: "draft" } });
  const { world, owner } = at;
  at.commands(owner, "mode");
  await reads(owner, "streaming (as configured): native");
  at.commands(owner, "mode streaming edit");
  await reads(owner, "streaming (set in this chat): edit");
  world.model.answerWith(text);
  owner.says("Hello");
  await seesPart(owner, text);
  await world.isQuiet();
  expect(world.telegram.callsOf("sendMessageDraft")).toEqual([]);
});

test.for(platforms)(
  "a change during an answer leaves it as it began and holds for the next, on %s",
  async (platform) => {
    await using at = await stage(platform);
    const { world, owner } = at;
    await readsUpTo(world, owner, text, 12);
    at.commands(owner, "mode streaming off");
    await reads(owner, "streaming (set in this chat): off");
    world.model.release();
    await seesPart(owner, text);
    await world.turnsAreOver();
    owner.says("And now?");
    await owner.until(() => owner.answers().filter((answer) => answer === text).length === 2);
    await world.isQuiet();
    const counts = owner
      .looks()
      .filter((looks) => looks.at(-1)?.text === text)
      .map((looks) => looks.length);
    expect(counts[0]).toBeGreaterThan(1);
    expect(counts[1]).toBe(1);
  },
);

/** How messages overlap, as if an owner had said so everywhere. */
async function overlaps(world: World, how: "merge" | "interrupt"): Promise<void> {
  await world.control.hset(createKeys().settings("*"), "overlap", JSON.stringify(how));
}

const toldTo = (world: World, number: number) =>
  world.model.requests[number - 1]?.messages.map(({ role, content }) => `${role}: ${content}`).slice(1);

test.for(platforms)("merged, what waits is asked and answered as one, on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  await overlaps(world, "merge");
  const person = world.person(platform);
  world.model.answerWith(({ number }) => `Answer ${number}.`);
  world.model.hold(0);
  person.says("One");
  await world.model.hasReceived(1);
  person.says("Two");
  person.says("Three");
  await world.hasWaiting(3);
  world.model.release();
  await sees(person, "Answer 1.", "Answer 2.");
  person.says("Four");
  await sees(person, "Answer 1.", "Answer 2.", "Answer 3.");
  expect(toldTo(world, 2)).toEqual(["user: One", "assistant: Answer 1.", "user: Two\n\nThree"]);
  expect(toldTo(world, 3)?.slice(3)).toEqual(["assistant: Answer 2.", "user: Four"]);
});

test.for(platforms)(
  "interrupted, a visible answer ends with its mark and the next one knows both, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    await overlaps(world, "interrupt");
    const person = world.person(platform);
    world.model.answerWith(({ number }) => (number === 1 ? text : "Both."));
    world.model.hold(12);
    person.says("One");
    await seesPart(person, "word12");
    person.says("Two");
    await person.until(() => person.answers()[1] === "Both.");
    expect(person.answers()[0]).toMatch(/^word1 .*\[stopped\]/s);
    await world.isQuiet();
    expect(toldTo(world, 2)).toEqual(["user: One", expect.stringMatching(/^assistant: word1 /), "user: Two"]);
  },
);

test.for(platforms)(
  "interrupted before a word was visible, only the next is answered, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    await overlaps(world, "interrupt");
    const person = world.person(platform);
    world.model.answerWith("Both.");
    world.model.hold(0);
    person.says("One");
    await world.model.hasReceived(1);
    person.says("Two");
    await world.model.hasAborted();
    world.model.release();
    await sees(person, "Both.");
    await world.isQuiet();
    expect(toldTo(world, 2)).toEqual(["user: One\n\nTwo"]);
  },
);

/** A group whose people all may use the bot. */
function group(world: World): readonly [TelegramPerson, TelegramPerson] {
  const [ada, ben] = ["Ada", "Ben"].map((firstName) => world.telegram.createUser({ firstName }));
  if (ada === undefined || ben === undefined) throw new Error("Two people were made");
  const chat = world.telegram.createGroup({ title: "Engines", members: [ada, ben] });
  return [new TelegramPerson(world.telegram, ada, chat), new TelegramPerson(world.telegram, ben, chat)];
}

test("without names people of a group are told apart by number, in what was said before as well", async () => {
  await using at = await stage("telegram");
  const { world, owner } = at;
  const [ada, ben] = group(world);
  world.model.answerWith(({ number }) => `Answer ${number}.`);
  ada.says("I am for steam.");
  await seesPart(ada, "Answer 1.");
  ben.says("I am for diesel.");
  await seesPart(ada, "Answer 2.");
  await world.turnsAreOver();
  at.commands(owner, "mode everywhere names off");
  await reads(owner, "names (set everywhere): off");
  ada.says("Who is for what?");
  const { body } = await world.model.hasReceived(3);
  const said = (body as { readonly messages: readonly { readonly content: string }[] }).messages
    .map(({ content }) => content)
    .join("\n");
  expect(said).not.toMatch(/Ada|Ben/);
  expect(said).toContain("person 1: I am for steam.");
  expect(said).toContain("person 2: I am for diesel.");
  expect(said).toMatch(/person 1: .*Who is for what\?/);
  await seesPart(ada, "Answer 3.");
});

test("names in what was said in a Slack thread before the bot came are numbers as well", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack } = world;
  const [ann, bob] = [slack.createUser({ name: "Ann" }), slack.createUser({ name: "Bob" })];
  const channel = slack.createChannel("engines", [ann, bob]);
  await world.control.hset("{parley:0}:settings:*", "names", "false");
  const root = slack.says(ann, channel, "Steam or diesel?");
  slack.says(bob, channel, "Diesel.", { thread: root });
  await slack.until(() => slack.socketMode.deliveries.every(({ ackedAtMs }) => ackedAtMs !== undefined));
  world.model.answerWith("Both.");
  slack.says(ann, channel, "@parley what do you think?", { thread: root });
  const { body } = await world.model.hasReceived(1);
  const said = JSON.stringify(body);
  expect(said).not.toMatch(/Ann|Bob/);
  expect(said).toContain("> person 1: Steam or diesel?");
  expect(said).toContain("> person 2: Diesel.");
  expect(said).toMatch(/person 1: what do you think\?/);
  await world.turnsAreOver();
});

/** Its bot is sent all that is said in groups. */
const openTelegram = { platforms: ["telegram"], telegram: { canReadAllGroupMessages: true } } as const;

test("in a group with groups all, everything is answered, and nothing twice", async () => {
  await using world = await startWorld(openTelegram);
  const [ada, ben] = group(world);
  const says = (person: TelegramPerson, said: string) => world.telegram.says(person.user, person.chat, said);
  says(ada, "Nobody hears this");
  says(ben, "Nor this");
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await world.control.hset(createKeys().settings("*"), "groups", JSON.stringify("all"));
  says(ada, "Is anybody there?");
  await sees(ada, "You said Ada: Is anybody there?.");
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});

test("in a group with groups all, who may not use the bot and does not speak to it is not told so", async () => {
  await using world = await startWorld({ ...openTelegram, variables: { ALLOW: "telegram:1" } });
  const [ada] = group(world);
  await world.control.hset(createKeys().settings("*"), "groups", JSON.stringify("all"));
  world.telegram.says(ada.user, ada.chat, "Good morning");
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await world.isQuiet();
  ada.says("And you?");
  await seesPart(ada, "I am not allowed to answer here yet");
  await world.isQuiet();
  expect(ada.answers()).toHaveLength(1);
});

test("in a topic with threads, what calls nobody else is answered once the bot was asked there", async () => {
  await using world = await startWorld(openTelegram);
  await world.control.hset(createKeys().settings("*"), "threads", JSON.stringify("threads"));
  const { telegram } = world;
  const ada = telegram.createUser({ firstName: "Ada" });
  const forum = telegram.createGroup({ title: "Engines", members: [ada], isForum: true });
  const topic = telegram.places.createTopic(forum, ada, "Steam");
  const inTopic = new TelegramPerson(telegram, ada, forum, topic);
  const says = (said: string) => telegram.says(ada, forum, said, { threadId: topic });
  says("Nobody hears this");
  inTopic.says("Hello");
  await seesPart(inTopic, "Hello");
  await world.turnsAreOver();
  says("And what about diesel?");
  await seesPart(inTopic, "And what about diesel?");
  await world.isQuiet();
  expect(world.model.received()).toBe(2);
});

test("in a channel with groups all, a message opens a thread in which it is answered", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const { slack } = world;
  const ann = slack.createUser({ name: "Ann" });
  const channel = slack.createChannel("engines", [ann]);
  await world.control.hset(createKeys().settings("*"), "groups", JSON.stringify("all"));
  const thread = slack.says(ann, channel, "Steam or diesel?");
  await slack.until(() => slack.answers(channel, thread).length === 1);
  expect(slack.answers(channel, thread)[0]).toContain("Steam or diesel?");
  await world.isQuiet();
});

test("who speaks is named to the end of an answer that began so, and not in the next", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const [ada] = group(world);
  world.model.answerWith(({ number }) => `Answer ${number}.`);
  world.model.hold(0);
  ada.says("One");
  const first = await world.model.hasReceived(1);
  await world.control.hset(createKeys().settings("*"), "names", "false");
  world.model.release();
  await seesPart(ada, "Answer 1.");
  ada.says("Two");
  const second = await world.model.hasReceived(2);
  await seesPart(ada, "Answer 2.");
  expect(JSON.stringify(first.body)).toContain("Ada: One");
  expect(JSON.stringify(second.body)).toContain("person 1: One");
  expect(JSON.stringify(second.body)).not.toContain("Ada");
});

test("groups set back during an answer: it ends as it began, and what comes then is not answered", async () => {
  await using world = await startWorld(openTelegram);
  const [ada] = group(world);
  const key = createKeys().settings("*");
  await world.control.hset(key, "groups", JSON.stringify("all"));
  world.model.answerWith("Fine.");
  world.model.hold(0);
  world.telegram.says(ada.user, ada.chat, "One");
  await world.model.hasReceived(1);
  await world.control.hset(key, "groups", JSON.stringify("mention"));
  world.telegram.says(ada.user, ada.chat, "Two");
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  world.model.release();
  await sees(ada, "Fine.");
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});
