/**
 * Hostile inputs to admins' commands (reliability.md §4 C): refused with a reason, or answered as unknown to whoever may
 * not give them; in no case is anything changed.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKeys } from "../../src/queue/keys.ts";
import {
  type Governed,
  type PlatformName,
  plain,
  platforms,
  type Somebody,
  startGoverned,
} from "../world/governed.ts";
import { OutgoingConnections } from "../world/outgoing.ts";
import { TelegramPerson } from "../world/telegram-person.ts";

type Who = "owner" | "admin" | "member";

interface Row {
  readonly name: string;
  readonly who: Who;
  readonly command: string;
  /** What is read, without markup. */
  readonly reads: string;
  readonly only?: PlatformName;
}

const keys = createKeys();
const unknown = (command: string) => `I do not know the command ${command}. Try help.`;

/** C1: who may not give it is told what everybody is told of a command that does not exist. */
const ofMembers: readonly Row[] = ["allow", "deny", "admins", "audit", "undo", "config", "forget @other"].map(
  (command) => ({
    name: `${command} by a member`,
    who: "member" as const,
    command,
    reads: unknown(command.split(" ")[0] ?? ""),
    // On Slack what follows the mark is a command only where there is such a command; all else is said to the model.
    ...(/config|forget/.test(command) ? { only: "telegram" as const } : {}),
  }),
);

/** C3: nothing is guessed, and nothing that merely looks like an entry is one. */
const badEntries: readonly (readonly [entry: string, why: string])[] = [
  ["*", "must begin with a platform"],
  ["123", "must begin with a platform"],
  ["123,", "must begin with a platform"],
  ["@ada", "must begin with a platform"],
  ["0123", "must begin with a platform"],
  ["telegram:", "has no id that can stand here"],
  ["telegram:0123", "has no id that can stand here"],
  ["telegram:123,", "has no id that can stand here"],
  ["telegram:123,telegram:456", "has no id that can stand here"],
  ["telegram:@ada", "has no id that can stand here"],
  ["telegram:**", "has no id that can stand here"],
  ["telegram:1e3", "has no id that can stand here"],
  ["telegram:+123", "has no id that can stand here"],
  ["telegram:１２３", "has no id that can stand here"],
  ["telegram:123\u202e", "has no id that can stand here"],
  ["telegram:12345678901234567890", "has no id that can stand here"],
  ["telegram:__proto__", "has no id that can stand here"],
  ["slack:t0sim/u0", "has no id that can stand here"],
  ["slack:U0SIM", "has no id that can stand here"],
  ["slack:T0SIM/../T0OTHER", "has no id that can stand here"],
  ["matrix:123", "must begin with a platform"],
  [`telegram:${"9".repeat(3_000)}`, "has no id that can stand here"],
];
const ofEntries: readonly Row[] = badEntries.flatMap(([entry, reads]) =>
  (["allow", "deny", "admins add"] as const).map((command) => ({
    name: `${command} ${JSON.stringify(entry.slice(0, 40))}`,
    who: "owner" as const,
    command: `${command} ${entry}`,
    reads,
  })),
);

/** A role means a person. */
const ofRoles: readonly Row[] = ["telegram:-1001234567890", "telegram:*", "slack:*", "slack:T0123ABCD"].map(
  (entry) => ({
    name: `admins add ${entry}`,
    who: "owner" as const,
    command: `admins add ${entry}`,
    reads: "has no id that can stand here",
  }),
);

/** What goes beyond an admin's right, and what cannot be read. C2: no secret is shown. C4: texts out of bounds. */
const others: readonly Row[] = [
  {
    name: "an admin adds an admin",
    who: "admin",
    command: "admins add telegram:5",
    reads: "Only owners of this bot can change this.",
  },
  {
    name: "an admin lets places' admins in",
    who: "admin",
    command: "admins local on",
    reads: "Only owners of this bot can change this.",
  },
  {
    name: "an admin lets everybody in on Telegram",
    who: "admin",
    command: "allow telegram:*",
    reads: "Only owners of this bot can decide about telegram:",
  },
  {
    name: "an admin lets everybody in on Slack",
    who: "admin",
    command: "allow slack:*",
    reads: "Only owners of this bot can decide about slack:",
  },
  {
    name: "an admin lets another workspace in",
    who: "admin",
    command: "allow slack:T0OTHER",
    reads: "Only owners of this bot can decide about slack:T0OTHER.",
  },
  {
    name: "an admin takes back what an owner decided",
    who: "admin",
    command: "undo access",
    reads: "Only owners of this bot can change this.",
  },
  {
    name: "an admin changes what holds everywhere",
    who: "admin",
    command: "params everywhere seed 1",
    reads: "Only owners of this bot can change this.",
  },
  {
    name: "an admin takes back what holds everywhere",
    who: "admin",
    command: "undo everywhere",
    reads: "Only owners of this bot can change this.",
  },
  {
    name: "two entries at once",
    who: "owner",
    command: "allow telegram:5 telegram:6",
    reads: "allow ENTRY lets somebody in",
  },
  {
    name: "undo of a setting by its name, which would take something else back",
    who: "owner",
    command: "undo temperature",
    reads: "Nothing was taken back.",
  },
  {
    name: "undo of what was decided about somebody",
    who: "owner",
    command: "undo access telegram:5",
    reads: "Nothing was taken back.",
  },
  { name: "audit of nothing that there is", who: "owner", command: "audit this", reads: "audit shows" },
  { name: "reset of nothing", who: "owner", command: "allow reset", reads: "allow ENTRY lets somebody in" },
  { name: "remove of nobody", who: "owner", command: "admins remove", reads: "Owners: admins add ENTRY" },
  {
    name: "a word that is none",
    who: "owner",
    command: "admins promote telegram:5",
    reads: "Owners: admins add ENTRY",
  },
  {
    name: "neither on nor off",
    who: "owner",
    command: "admins local maybe",
    reads: "Owners: admins add ENTRY",
  },
  {
    name: "a path for a model",
    who: "owner",
    command: "model ../../x",
    reads: "The server does not know ../../x. Nothing was changed.",
  },
  { name: "a model of two lines", who: "owner", command: "model gpt\nx", reads: "takes one line" },
  {
    name: "a prompt with NUL",
    who: "owner",
    command: "system set a\u0000b",
    reads: "without control characters. Nothing was changed.",
  },
  {
    name: "a prompt of 1 MB",
    who: "owner",
    command: `system set ${"x".repeat(1_000_000)}`,
    reads: "takes a text of 1 to 32,768 bytes",
    only: "slack",
  },
  {
    name: "a parameter that is a prototype",
    who: "owner",
    command: "params __proto__ 1",
    reads: "To change one",
  },
];

const rows = [...ofMembers, ...ofEntries, ...ofRoles, ...others];

describe.each(platforms)("on %s", (platform) => {
  let at: Governed;
  let outgoing: OutgoingConnections;
  const people = new Map<Who, Somebody>();
  beforeAll(async () => {
    outgoing = new OutgoingConnections();
    at = await startGoverned(platform);
    const notFound = {
      kind: "status",
      status: 404,
      body: { error: { message: "no", type: "invalid_request_error", code: "model_not_found", param: null } },
    } as const;
    at.world.model.answerWith({ fault: notFound });
    people
      .set("owner", at.owner)
      .set("admin", await at.newAdmin())
      .set("member", at.person());
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    outgoing[Symbol.dispose]();
  });

  /** Everything that a command could have changed. */
  async function state(): Promise<unknown> {
    const { control } = at.world;
    const settings = await control.keys(keys.settings("*"));
    return {
      settings,
      access: await control.hgetall(keys.access),
      admins: await control.hgetall(keys.admins),
      owners: await control.smembers(keys.owners),
      records: await Promise.all(
        [keys.accessChanges, keys.adminsChanges, keys.changes("*")].map((key) => control.llen(key)),
      ),
    };
  }

  test.each(rows.filter(({ only = platform }) => only === platform))(
    "$name: refused, nothing changed",
    async (row) => {
      const before = await state();
      const person = people.get(row.who) ?? at.person();
      const seen = person.answers().length;
      at.commands(person, row.command);
      await person.until(() => person.answers().length > seen);
      await at.world.isQuiet();
      const answers = person.answers().slice(seen).map(plain);
      expect(answers).toEqual([expect.stringContaining(row.reads)]);
      // Nobody's screen is filled, whatever was written.
      expect(answers[0]?.length).toBeLessThan(1_000);
      expect(await state()).toEqual(before);
    },
  );

  test("a command that is edited into an old message, or delivered again, does nothing", async () => {
    const person = people.get("owner") ?? at.owner;
    const victim = at.entryOf(people.get("member") ?? at.owner);
    const before = await state();
    const { telegram, slack } = at.world;
    const prefix = platform === "telegram" ? "/" : "!";
    if ("channel" in person) {
      const ts = slack.says(person.user, person.channel, "!help");
      await slack.until(() => slack.answers(person.channel, ts).length === 1);
      slack.people.edits(person.channel, ts, `${prefix}deny ${victim}`);
      slack.redeliver(person.channel, ts);
      await slack.until(() => slack.socketMode.deliveries.every((one) => one.ackedAtMs));
    } else {
      const seen = person.answers().length;
      const said = telegram.says(person.user, person.chat, "/help");
      await person.until(() => person.answers().length > seen);
      telegram.redeliver(telegram.edits(said, `${prefix}deny ${victim}`));
      await telegram.until(() => telegram.pendingUpdates.length === 0);
    }
    await at.world.isQuiet();
    expect(await state()).toEqual(before);
  });

  test("a decision that is delivered again is made once, and does not undo what came after it", async () => {
    const { telegram, slack } = at.world;
    const { owner } = at;
    const decided = async (command: string) => {
      const seen = owner.answers().length;
      const said = owner.says(`${platform === "telegram" ? "/" : "!"}${command}`);
      await owner.until(() => owner.answers().length > seen);
      return said;
    };
    const said = await decided("allow telegram:77");
    await decided("deny telegram:77");
    const before = await state();
    if ("channel" in owner) {
      slack.redeliver(owner.channel, said as string);
      await slack.until(() => slack.socketMode.deliveries.every((one) => one.ackedAtMs));
    } else {
      telegram.redeliver(said as never);
      await telegram.until(() => telegram.pendingUpdates.length === 0);
    }
    await at.world.isQuiet();
    expect(await state()).toEqual(before);
    expect(await at.world.control.hget(keys.access, "telegram:77")).toBe('"deny"');
  });

  test("nothing was fetched, and no admin's command reached a model", () => {
    expect(at.world.telegram.pings).toEqual([]);
    const asked = at.world.model.requests.map(({ messages }) => messages.at(-1)?.content);
    expect([...new Set(asked)]).toEqual(["Hi"]);
  });
});

test("in a group an admin's long list is shown to the admin alone", async () => {
  await using at = await startGoverned("telegram");
  const { telegram } = at.world;
  const { owner } = at;
  if (!("chat" in owner)) throw new Error("Not on Telegram");
  const ada = telegram.createUser({ firstName: "Ada" });
  const group = telegram.createGroup({ title: "Friends", members: [owner.user, ada] });
  const inGroup = new TelegramPerson(telegram, owner.user, group);
  inGroup.says("/admins@parley_bot");
  await owner.until(() => owner.answers().some((text) => text.includes("one-time code)")));
  await at.world.isQuiet();
  expect(inGroup.answers()).toEqual([]);
});
