/** The own admins of a group or workspace: only where an owner allows it, only for what is theirs, only while they are. */

import { expect, test } from "vitest";
import { type Governed, plain, reads, startGoverned } from "../world/governed.ts";
import type { Person } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";

async function allows(at: Governed, what: "on" | "off"): Promise<void> {
  at.commands(at.owner, `admins local ${what}`);
  await reads(at.owner, what === "on" ? "can change its settings." : "cannot change settings.");
}

/** A group with an administrator and a plain member, and another group where neither administers. */
function startGroups({ world: { telegram } }: Governed) {
  const [boss, ada] = [telegram.createUser({ firstName: "Boss" }), telegram.createUser({ firstName: "Ada" })];
  const members = [boss, ada];
  const group = telegram.createGroup({ title: "Friends", members });
  const other = telegram.createGroup({ title: "Others", members });
  telegram.places.appoints(boss, group);
  const inGroup = (user: typeof boss) => new TelegramPerson(telegram, user, group);
  return { boss, group, theBoss: inGroup(boss), theOther: inGroup(ada), other };
}

/** Says it and resolves with the next answer. */
async function answered(person: Person, text: string): Promise<string> {
  const before = person.answers().length;
  person.says(text);
  await person.until(() => person.answers().length > before);
  return plain(person.answers().at(-1) ?? "");
}

const notAdmin = "Only admins of this chat can change this.";

test("a group's administrator changes the group's settings only while an owner allows it", async () => {
  await using at = await startGoverned("telegram");
  const { boss, theBoss, theOther } = startGroups(at);
  expect(await answered(theBoss, "/params temperature 1")).toBe(notAdmin);
  expect(at.world.telegram.callsOf("getChatMember")).toEqual([]);
  await allows(at, "on");
  expect(await answered(theBoss, "/params temperature 1")).toContain("temperature (set in this chat): 1");
  expect(await answered(theOther, "/params temperature 2")).toBe(notAdmin);
  const inPrivate = new TelegramPerson(at.world.telegram, boss);
  theBoss.says("/audit@parley_bot");
  await reads(inPrivate, "temperature not set → 1");
  await allows(at, "off");
  expect(await answered(theBoss, "/params temperature 2")).toBe(notAdmin);
});

test("a group's administrator chooses among the models that are offered, and does not widen the offer", async () => {
  await using at = await startGoverned("telegram");
  const { theBoss } = startGroups(at);
  await allows(at, "on");
  at.commands(at.owner, "model everywhere offer test-*");
  await reads(at.owner, "offer (set everywhere): test-*");
  const refused = "Only owners and admins of this bot can change which models may be chosen.";
  expect(await answered(theBoss, "/model offer all")).toBe(refused);
  expect(await answered(theBoss, "/model other-model")).toContain("is not among the models");
  expect(await answered(theBoss, "/model test-model")).toContain("model (set in this chat): test-model");
  expect(await answered(theBoss, "/model reset")).toContain("Changed");
});

test("a group's administrator takes back what they may change, and never an offer", async () => {
  await using at = await startGoverned("telegram");
  const { telegram } = at.world;
  const boss = telegram.createUser({ firstName: "Boss" });
  const owner = telegram.user((at.owner as TelegramPerson).user.id);
  const group = telegram.createGroup({ title: "Friends", members: [boss, owner] });
  telegram.places.appoints(boss, group);
  const [theBoss, theOwner] = [boss, owner].map((user) => new TelegramPerson(telegram, user, group));
  if (theBoss === undefined || theOwner === undefined) throw new Error("Two people are there");
  await allows(at, "on");
  expect(await answered(theBoss, "/params temperature 1")).toContain("set in this chat): 1");
  expect(await answered(theOwner, "/model offer test-*")).toContain("offer (set in this chat): test-");
  expect(await answered(theBoss, "/undo@parley_bot")).toContain("temperature");
  expect(await answered(theBoss, "/undo@parley_bot")).toContain("nothing");
  expect(await answered(theBoss, "/model other-model")).toContain("is not among the models");
  expect(await answered(theOwner, "/undo@parley_bot")).toContain(
    "Taken back: model offer is not set again (it was test-)",
  );
});

test("what the menu of a group's administrators offers is carried out without the bot's name, and answered to nobody else", async () => {
  await using at = await startGoverned("telegram");
  const { theBoss, theOther } = startGroups(at);
  await allows(at, "on");
  expect(await answered(theBoss, "/params temperature 1")).toContain("set in this chat): 1");
  theOther.says("/undo");
  theOther.says("/allow telegram:5");
  await at.world.telegram.until(() => at.world.telegram.pendingUpdates.length === 0);
  await at.world.isQuiet();
  const before = theOther.answers().length;
  expect(await answered(theBoss, "/undo")).toContain("Taken back: params temperature");
  expect(theOther.answers()).toHaveLength(before + 1);
});

test("a group's administrator has no say elsewhere, nor about people", async () => {
  await using at = await startGoverned("telegram");
  const { boss, theBoss, other } = startGroups(at);
  await allows(at, "on");
  const elsewhere = new TelegramPerson(at.world.telegram, boss, other);
  const alone = new TelegramPerson(at.world.telegram, boss);
  expect(await answered(elsewhere, "/params temperature 1")).toBe(notAdmin);
  expect(await answered(alone, "/params temperature 1")).toBe(notAdmin);
  expect(await answered(theBoss, "/params everywhere temperature 1")).toContain("Only owners of this bot");
  for (const command of [
    "allow@parley_bot",
    "deny@parley_bot",
    "admins@parley_bot",
    "audit@parley_bot access",
  ])
    expect(await answered(theBoss, `/${command}`)).toContain("I do not know the command");
});

test("who writes as the group has no role, and whoever is no administrator any more loses it at once", async () => {
  await using at = await startGoverned("telegram");
  const { boss, group, theBoss } = startGroups(at);
  const { telegram } = at.world;
  await allows(at, "on");
  telegram.says(boss, group, "/params temperature 1", { as: group });
  await reads(theBoss, notAdmin);
  expect(telegram.callsOf("getChatMember")).toEqual([]);
  expect(await answered(theBoss, "/params temperature 1")).toContain("set in this chat");
  telegram.places.appoints(boss, group, false);
  expect(await answered(theBoss, "/params temperature 2")).toBe(notAdmin);
});

test("where Telegram does not say who administers, nobody does, and the log says why", async () => {
  await using at = await startGoverned("telegram");
  const { theBoss } = startGroups(at);
  await allows(at, "on");
  at.world.telegram.inject({ kind: "status", status: 500 } as never, { method: "getChatMember" });
  expect(await answered(theBoss, "/params temperature 1")).toBe(notAdmin);
  expect(at.world.log.join("")).toContain("did not say whether somebody administers");
  expect(await answered(theBoss, "/params temperature 1")).toContain("set in this chat");
});

test("what a platform says of somebody is remembered for seconds only", async () => {
  await using at = await startGoverned("telegram", { timing: { placeRoleMs: 60_000 } });
  const { theBoss } = startGroups(at);
  await allows(at, "on");
  for (const value of ["1", "2"])
    expect(await answered(theBoss, `/params temperature ${value}`)).toContain(`set in this chat): ${value}`);
  expect(at.world.telegram.callsOf("getChatMember")).toHaveLength(1);
});

test("a workspace's admin changes the workspace's settings, and nobody with a guest's or another workspace's rights does", async () => {
  await using at = await startGoverned("slack", { variables: { ALLOW: "slack:*" } });
  const { slack } = at.world;
  const mia = slack.createUser({ name: "Mia" });
  const sam = slack.createUser({ name: "Sam", stranger: true });
  const gus = slack.createUser({ name: "Gus", guest: true });
  for (const { id } of [mia, sam, gus]) slack.workspace.changeUser(id, { role: "admin" });
  // Without a channel in common Slack would show the stranger to nobody.
  slack.createChannel("general", [mia, sam, gus]);
  const [admin, stranger, guest] = [mia, sam, gus].map((user) => new SlackPerson(slack, user));
  if (!admin || !stranger || !guest) throw new Error("Nobody is there");
  expect(await answered(admin, "!params temperature 1")).toBe(notAdmin);
  await allows(at, "on");
  expect(await answered(admin, "!params workspace temperature 1")).toContain("set in this workspace): 1");
  expect(await answered(admin, "!params temperature 0")).toContain("set in this chat): 0");
  expect(await answered(admin, "!params everywhere temperature 0")).toContain("Only owners of this bot");
  expect(await answered(stranger, "!params temperature 1")).toBe(notAdmin);
  expect(await answered(guest, "!params temperature 1")).toBe(notAdmin);
});
