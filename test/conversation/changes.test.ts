/** Questions that are edited or deleted while they wait, while their answer runs, and after it. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { sees, seesPart } from "../world/person.ts";
import type { SlackPerson } from "../world/slack-person.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

/** What the model was asked, one question after another. */
function questions(world: World): readonly (string | undefined)[] {
  return world.model.requests.map(({ messages }) => messages.at(-1)?.content);
}

/** Resolves when Slack knows of everything that it is written; Telegram delivers in order. */
async function isWritten({ slack }: World): Promise<void> {
  const isAcked = ({ ackedAtMs }: { readonly ackedAtMs: number | undefined }) => ackedAtMs !== undefined;
  await slack.until(() => slack.socketMode.deliveries.every(isAcked));
}

/** Says something that a person can change later. */
function sayer(world: World, platform: (typeof platforms)[number]) {
  const person = world.person(platform);
  const says = (text: string) => {
    const said = person.says(text);
    return (changed: string) => {
      if (typeof said === "object") world.telegram.edits(said, changed);
      else world.slack.people.edits((person as SlackPerson).channel, said, changed);
    };
  };
  return { person, says };
}

test.concurrent.for(platforms)("an edited question replaces the one that waits, on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  const { person, says } = sayer(world, platform);
  world.model.hold(0);
  says("one");
  await world.model.hasReceived(1);
  const edit = says("two");
  await world.hasWaiting(2);
  edit("zwei");
  edit("deux");
  says("three");
  await world.hasWaiting(3);
  await isWritten(world);
  world.model.release();
  await sees(person, ...["one", "deux", "three"].map(answerToText));
  expect(questions(world)).toEqual(["one", "deux", "three"]);
});

test.concurrent.for(platforms)(
  "an edit while the answer runs, or after it, changes nothing on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const { person, says } = sayer(world, platform);
    world.model.hold(1);
    const edit = says("one");
    await world.model.hasSent(1);
    edit("changed");
    world.model.release();
    await sees(person, answerToText("one"));
    edit("changed again");
    says("two");
    await sees(person, answerToText("one"), answerToText("two"));
    await world.isQuiet();
    expect(questions(world)).toEqual(["one", "two"]);
    expect(world.model.requests[1]?.messages[1]?.content).toBe("one");
  },
);

test.concurrent("an edit of a command, or into one, has no effect", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  world.model.hold(1);
  const question = person.says("one");
  await world.model.hasSent(1);
  const command = person.says("/help");
  await seesPart(person, "language model");
  world.telegram.edits(question, "/stop");
  world.telegram.edits(command, "/new");
  person.says("two");
  await world.hasWaiting(2);
  world.model.release();
  await seesPart(person, answerToText("two"));
  await world.isQuiet();
  expect(person.answers()).toHaveLength(3);
  expect(world.model.requests[1]?.messages).toHaveLength(4);
});

test.concurrent("on Slack a deleted question that waits is gone without a word", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const person = world.slackPerson();
  world.model.hold(1);
  person.says("one");
  await world.model.hasSent(1);
  const two = person.says("two");
  person.says("three");
  await world.hasWaiting(3);
  world.slack.people.deletes(person.channel, two);
  await world.hasWaiting(2);
  world.model.release();
  await sees(person, answerToText("one"), answerToText("three"));
  await world.isQuiet();
  expect(questions(world)).toEqual(["one", "three"]);
});

test.concurrent.for(["in a thread", "that is the root of its answer's thread"])(
  "a question %s that is deleted ends its running answer, which is marked, and is forgotten",
  async (where) => {
    await using world = await startWorld({ platforms: ["slack"] });
    const person = world.slackPerson();
    if (where === "in a thread") {
      person.says("first");
      await sees(person, answerToText("first"));
    }
    world.model.answerWith(numberedText(60));
    world.model.hold(20);
    const ts = person.says("a secret");
    await seesPart(person, "word20");
    world.slack.people.deletes(person.channel, ts);
    await world.model.hasAborted();
    await seesPart(person, "[stopped]");
    world.model.release();
    world.model.answerWith("Fine.");
    person.says("What do you know?");
    await seesPart(person, "Fine.");
    await world.isQuiet();
    expect(person.answers().at(-2)).toMatch(/^word1 .*word20\s+_?\[stopped\]_?$/s);
    expect(JSON.stringify(world.model.requests.at(-1)?.messages)).not.toContain("secret");
  },
);

test.concurrent("a question deleted before the first word of its answer leaves nothing", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const person = world.slackPerson();
  world.model.hold(0);
  const ts = person.says("a secret");
  await world.model.hasReceived(1);
  world.slack.people.deletes(person.channel, ts);
  await world.model.hasAborted();
  await world.isQuiet();
  expect(person.answers()).toEqual([]);
  await person.until(() => !person.isBusy());
});

test.concurrent("a preview of a link in a question that waits does not touch it", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  const person = world.slackPerson();
  world.model.hold(0);
  person.says("one");
  await world.model.hasReceived(1);
  const ts = person.says("What is https://example.com/ ?");
  await world.hasWaiting(2);
  world.slack.people.unfurls(person.channel, ts);
  world.slack.people.edits(person.channel, ts, "Who is https://example.com/ ?");
  world.slack.people.unfurls(person.channel, ts);
  await isWritten(world);
  world.model.release();
  await seesPart(person, "Who is");
  expect(questions(world)[1]).toContain("Who is");
});
