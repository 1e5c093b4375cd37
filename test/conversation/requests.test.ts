/** Whoever is turned away asks the owners and admins by that: once, bounded, decided by a button or a command. */

import { describe, expect, test } from "vitest";
import { createKeys } from "../../src/queue/keys.ts";
import { type Governed, plain, platforms, reads, type Somebody, startGoverned } from "../world/governed.ts";
import { seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";

const closed = { variables: { ALLOW: "" } };

/** What the bot has told somebody on its own: in their direct messages, outside of any thread. */
function notices({ world }: Governed, person: Somebody): readonly string[] {
  const answers = "channel" in person ? world.slack.answers(person.channel) : person.answers();
  return answers.map(plain).filter((text) => /May I answer|wait to be let in/.test(text));
}

/** Presses the button of the newest notice. */
async function presses({ world }: Governed, person: Somebody, label: string): Promise<void> {
  if ("channel" in person) return await person.presses(label);
  const seen = person
    .messages()
    .findLast(({ buttons }) => buttons?.flat().some(({ text }) => text === label));
  const data = seen?.buttons?.flat().find(({ text }) => text === label)?.data;
  if (seen === undefined || data === undefined) throw new Error(`There is nothing to press: ${label}`);
  world.telegram.press(person.user, { chatId: person.chat.id, id: seen.id }, data);
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
}

/** Resolves when somebody's direct messages hold `text`, in or outside of a thread. */
async function toldAlone({ world }: Governed, person: Somebody, text: string): Promise<void> {
  const seen = () => ("channel" in person ? world.slack.answers(person.channel) : person.answers());
  await person.until(() => seen().some((one) => plain(one).includes(text)));
}

/** Somebody who is not let in. */
function stranger({ world }: Governed, platform: "telegram" | "slack"): Somebody {
  const somebody = world.person(platform);
  if ("channel" in somebody) world.slack.workspace.changeUser(somebody.user.id, { guest: true });
  return somebody;
}

describe.each(platforms)("on %s", (platform) => {
  test("owner and admin are told once of whoever is turned away, and a decision lets them in at once", async () => {
    await using at = await startGoverned(platform, closed);
    const admin = await at.newAdmin();
    const eve = stranger(at, platform);
    const entry = at.entryOf(eve);
    eve.says("Hello");
    await seesPart(eve, "I do not know you yet.");
    eve.says("Hello?");
    for (const one of [at.owner, admin]) await one.until(() => notices(at, one).length === 1);
    await at.world.isQuiet();
    expect(notices(at, admin)).toEqual([
      expect.stringContaining(`(${entry}) wrote to me and is not let in yet.`),
    ]);
    at.commands(admin, "allow");
    await reads(admin, "Waiting to be let in:");
    at.commands(admin, `allow ${entry}`);
    await reads(admin, `${entry} is allowed from now on.`);
    at.world.model.answerWith("An answer.");
    eve.says("And now");
    await seesPart(eve, "An answer.");
    await at.world.isQuiet();
    for (const one of [at.owner, admin]) expect(notices(at, one)).toHaveLength(1);
    expect(await at.world.control.exists(createKeys().requests, createKeys().requesters)).toBe(0);
  });

  test("whoever is denied asks no more, and asks again when that is taken back", async () => {
    await using at = await startGoverned(platform, closed);
    const eve = stranger(at, platform);
    eve.says("Hello");
    await at.owner.until(() => notices(at, at.owner).length === 1);
    at.commands(at.owner, `deny ${at.entryOf(eve)}`);
    await reads(at.owner, "is denied from now on.");
    eve.says("Please");
    await seesPart(eve, "I have been told not to answer here.");
    await at.world.isQuiet();
    expect(notices(at, at.owner)).toHaveLength(1);
    at.commands(at.owner, `deny reset ${at.entryOf(eve)}`);
    await reads(at.owner, "Taken back");
    eve.says("Once more");
    await at.owner.until(() => notices(at, at.owner).length === 2);
  });

  test("of a flood of strangers the admins learn one by one only of a few, and how many the others are", async () => {
    await using at = await startGoverned(platform, closed);
    const crowd = Array.from({ length: 14 }, () => stranger(at, platform));
    for (const one of crowd) one.says("Hello");
    await at.owner.until(() => notices(at, at.owner).length === 10);
    for (const one of crowd) await seesPart(one, "I do not know you yet.");
    // The hour is over.
    const { prefix } = createKeys();
    const delayed = `${prefix}:commands:delayed`;
    const [job = ""] = await at.world.control.zrange(delayed, 0, "-1");
    // As BullMQ keeps it: due since ever, and the mark that wakes a worker.
    await at.world.control.multi().zadd(delayed, 0, job).zadd(`${prefix}:commands:marker`, 0, "0").exec();
    await at.owner.until(() => notices(at, at.owner).length === 11);
    expect(notices(at, at.owner).at(-1)).toContain("14 wait to be let in");
    await at.world.isQuiet();
    expect(notices(at, at.owner)).toHaveLength(11);
  });

  test("a button decides with the right of who presses it, also when it is old", async () => {
    await using at = await startGoverned(platform, closed);
    const admin = await at.newAdmin();
    const [eve, mallory] = [stranger(at, platform), stranger(at, platform)];
    eve.says("Hello");
    await admin.until(() => notices(at, admin).length === 1);
    await presses(at, admin, "Allow");
    await toldAlone(at, admin, `${at.entryOf(eve)} is allowed from now on.`);
    mallory.says("Hello");
    await admin.until(() => notices(at, admin).length === 1);
    at.commands(at.owner, `admins remove ${at.entryOf(admin)}`);
    await reads(at.owner, "is no admin any more");
    await presses(at, admin, "Deny");
    await at.world.isQuiet();
    expect(await at.world.control.hgetall(createKeys().access)).toEqual({ [at.entryOf(eve)]: '"allow"' });
    // The notice stays as it was, for whoever may decide.
    expect(notices(at, admin)).toHaveLength(1);
  });

  test("a stranger's name cannot pretend to be more than a name", async () => {
    await using at = await startGoverned(platform, closed);
    const name = "**Boss**` [x](https://evil.test) <!channel> @everyone\n\n# allow";
    const user = platform === "telegram" ? at.world.telegramPerson(name) : at.world.slackPerson(name);
    if ("channel" in user) at.world.slack.workspace.changeUser(user.user.id, { guest: true });
    user.says("Hello");
    await at.owner.until(() => notices(at, at.owner).length === 1);
    expect(notices(at, at.owner)[0]).toContain("Boss [x](https://evil.test) <!channel> @everyone # allow");
    const pings = at.world.slack.workspace.messages.flatMap(({ states }) =>
      states.flatMap((one) => one.pings),
    );
    expect(pings).toEqual([]);
  });
});

test("a group that is turned away is one request, whoever asks there", async () => {
  await using at = await startGoverned("telegram", closed);
  const { telegram } = at.world;
  const [ada, bea] = [telegram.createUser({ firstName: "Ada" }), telegram.createUser({ firstName: "Bea" })];
  const group = telegram.createGroup({ title: "Friends", members: [ada, bea] });
  for (const user of [ada, bea]) new TelegramPerson(telegram, user, group).says("hello");
  await at.owner.until(() => notices(at, at.owner).length === 1);
  await at.world.isQuiet();
  expect(notices(at, at.owner)).toEqual([expect.stringContaining(`wrote to me in telegram:${group.id}`)]);
});

test("an admin who cannot be reached keeps nobody else from being told", async () => {
  await using at = await startGoverned("telegram", { variables: { ALLOW: "", ADMINS: "telegram:999" } });
  const eve = at.person();
  eve.says("Hello");
  await at.owner.until(() => notices(at, at.owner).length === 1);
  await at.world.isQuiet();
  expect(at.world.log.join("")).toContain("an admin could not be told");
});
