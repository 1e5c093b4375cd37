/** Owners, admins, who is let in and kept out: who may decide, what is seen of it, from when on it counts. */

import { describe, expect, test } from "vitest";
import { createKeys } from "../../src/queue/keys.ts";
import { platforms, reads, startGoverned } from "../world/governed.ts";
import { seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText } from "../world/world.ts";

const closed = { variables: { ALLOW: "" } };

describe.each(platforms)("on %s", (platform) => {
  test("an admin changes chats, not what holds everywhere, and nobody's rights", async () => {
    await using at = await startGoverned(platform);
    const admin = await at.newAdmin();
    at.commands(admin, "params temperature 0.5");
    await reads(admin, "temperature (set in this chat): 0.5");
    at.commands(admin, "params everywhere temperature 0.5");
    await reads(admin, "Only owners of this bot can change this.");
    const before = admin.answers().length;
    at.commands(admin, `admins add ${at.entryOf(at.person())}`);
    await admin.until(() => admin.answers().length > before);
    expect(admin.answers().at(-1)).toContain("Only owners of this bot can change this.");
    at.commands(admin, "admins");
    await reads(admin, `${at.entryOf(admin)} (added by ${at.entryOf(at.owner)})`);
    await reads(admin, `${at.entryOf(at.owner)} (one-time code)`);
  });

  test("an admin who was removed is nobody special from then on", async () => {
    await using at = await startGoverned(platform);
    const admin = await at.newAdmin();
    at.commands(at.owner, `admins remove ${at.entryOf(admin)}`);
    await reads(at.owner, `${at.entryOf(admin)} is no admin any more.`);
    at.commands(admin, "params temperature 0.5");
    await reads(admin, "Only admins of this chat can change this.");
    at.commands(admin, "admins");
    await reads(admin, "I do not know the command admins");
  });

  test("an admin who is removed while the model they chose is tried has chosen none", async () => {
    await using at = await startGoverned(platform);
    const { world } = at;
    const admin = await at.newAdmin();
    world.model.hold(0);
    at.commands(admin, "model other-model");
    await world.model.hasReceived(1);
    at.commands(at.owner, `admins remove ${at.entryOf(admin)}`);
    await reads(at.owner, `${at.entryOf(admin)} is no admin any more.`);
    world.model.release();
    await reads(admin, "Only admins of this chat can change this.");
    await world.isQuiet();
    expect(await world.control.keys(createKeys().settings("*"))).toEqual([]);
  });

  test("whoever is denied is not answered from the next message on, and allowed again when that is taken back", async () => {
    await using at = await startGoverned(platform);
    const [admin, person] = [await at.newAdmin(), at.person()];
    const entry = at.entryOf(person);
    person.says("One");
    await seesPart(person, answerToText("One"));
    await at.world.turnsAreOver();
    at.commands(admin, `deny ${entry}`);
    await reads(admin, `${entry} is denied from now on.`);
    person.says("Two");
    await seesPart(person, "I have been told not to answer here.");
    at.commands(admin, `allow ${entry}`);
    await reads(admin, `${entry} is allowed from now on.`);
    person.says("Three");
    await seesPart(person, answerToText("Three"));
    at.commands(admin, `deny ${entry}`);
    await admin.until(() => admin.answers().filter((one) => one.includes("is denied")).length === 2);
    at.commands(admin, `deny reset ${entry}`);
    await reads(admin, `Taken back: nothing is decided about ${entry} any more.`);
    person.says("Four");
    await seesPart(person, answerToText("Four"));
    expect(person.answers().filter((one) => one.includes("told not to answer"))).toHaveLength(1);
  });

  test("an admin whom an owner has denied is let in again by owners alone", async () => {
    await using at = await startGoverned(platform);
    const [admin, other] = [await at.newAdmin(), await at.newAdmin()];
    const entry = at.entryOf(other);
    at.commands(at.owner, `deny ${entry}`);
    await reads(at.owner, `${entry} is denied from now on.`);
    for (const [index, command] of [`allow ${entry}`, `deny reset ${entry}`].entries()) {
      at.commands(admin, command);
      await admin.until(() => admin.answers().filter((one) => one.includes("only owners")).length > index);
    }
    at.commands(other, "params temperature 0.5");
    await seesPart(other, "I have been told not to answer here.");
    at.commands(at.owner, `deny reset ${entry}`);
    await reads(at.owner, `Taken back: nothing is decided about ${entry} any more.`);
    at.commands(other, "params temperature 0.5");
    await reads(other, "temperature (set in this chat): 0.5");
  });

  test("nobody denies an owner, and only an owner denies an admin", async () => {
    await using at = await startGoverned(platform);
    const [admin, other] = [await at.newAdmin(), await at.newAdmin()];
    at.commands(admin, `deny ${at.entryOf(at.owner)}`);
    await reads(admin, "is an owner, whom nobody can deny.");
    at.commands(admin, `deny ${at.entryOf(other)}`);
    await reads(admin, "is an admin; only owners can deny them.");
    at.commands(admin, `deny ${platform}:*`);
    await reads(admin, `Only owners of this bot can decide about ${platform}:*`);
    at.commands(at.owner, `deny ${platform}:*`);
    await reads(at.owner, `${platform}:* is denied from now on.`);
    other.says("Hello");
    await seesPart(other, "told not to answer");
    at.world.model.answerWith("An answer.");
    at.owner.says("Hello");
    await seesPart(at.owner, "An answer.");
  });

  test("who decided what is recorded, and an owner takes it back", async () => {
    await using at = await startGoverned(platform);
    const [admin, person] = [await at.newAdmin(), at.person()];
    const entry = at.entryOf(person);
    at.commands(admin, `deny ${entry}`);
    await reads(admin, "is denied from now on");
    at.commands(admin, "audit access");
    await reads(admin, `${at.entryOf(admin)}: ${entry} not set → "deny"`);
    at.commands(admin, "undo access");
    await reads(admin, "Only owners of this bot can change this.");
    at.commands(at.owner, "undo access");
    await reads(at.owner, `Taken back: ${entry} is not set again (it was "deny").`);
    person.says("Hello");
    await seesPart(person, answerToText("Hello"));
    at.commands(at.owner, "undo admins");
    await reads(at.owner, `Taken back: ${at.entryOf(admin)} is not set again`);
    at.commands(admin, "audit access");
    await reads(admin, "I do not know the command audit");
  });

  test("for whoever is no admin there are no such commands", async () => {
    await using at = await startGoverned(platform);
    const person = at.person();
    for (const command of ["allow", "deny", "admins"]) {
      at.commands(person, `${command} ${at.entryOf(person)}`);
      await reads(person, `I do not know the command ${command}`);
    }
    await at.world.isQuiet();
    expect(await at.world.control.exists(createKeys().access, createKeys().accessChanges)).toBe(0);
    expect(at.world.log.filter((line) => line.includes("without the right"))).toHaveLength(3);
  });
});

test("a stranger and a group are let in by command; a decision about the group follows it to its new id", async () => {
  await using at = await startGoverned("telegram", closed);
  const { world } = at;
  const admin = await at.newAdmin();
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const group = world.telegram.createGroup({ title: "Friends", members: [ada] });
  const [alone, within] = [
    new TelegramPerson(world.telegram, ada),
    new TelegramPerson(world.telegram, ada, group),
  ];
  alone.says("Hello");
  await seesPart(alone, "I do not know you yet");
  at.commands(admin, `allow telegram:${ada.id}`);
  await reads(admin, `telegram:${ada.id} is allowed`);
  alone.says("Hello?");
  await seesPart(alone, answerToText("Hello?"));
  within.says("Hello");
  await seesPart(within, "I am not allowed to answer here yet");
  at.commands(admin, `allow telegram:${group.id}`);
  await reads(admin, `telegram:${group.id} is allowed`);
  within.says("Hello!");
  await seesPart(within, "Hello!");
  at.commands(admin, "allow");
  await reads(admin, `Allowed by command:\n`);
});

test("a whole workspace is kept out by an owner, guests too, and only its own admin can be next to do so", async () => {
  await using at = await startGoverned("slack", { variables: { ALLOW: "slack:*" } });
  const { world } = at;
  const guest = world.slack.createUser({ name: "Gus", guest: true });
  const admin = await at.newAdmin();
  at.commands(admin, "deny slack:T0OTHER");
  await reads(admin, "Only owners of this bot can decide about slack:T0OTHER.");
  at.commands(at.owner, `deny slack:${world.slack.teamId}`);
  await reads(at.owner, `slack:${world.slack.teamId} is denied`);
  const dm = world.slack.createDm(guest);
  const thread = world.slack.says(guest, dm, "Hello");
  await world.slack.until(() => world.slack.answers(dm, thread).some((one) => one.includes("told not to")));
});
