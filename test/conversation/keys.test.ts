import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { createKeys, queues } from "../../src/queue/keys.ts";
import { becomesOwner } from "../world/owner.ts";
import { seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { startWorld, type World } from "../world/world.ts";

const keys = createKeys();

/** Declared as immortal in `keys.ts`, each with its reason there. */
const immortal: readonly string[] = [
  keys.access,
  keys.accessChanges,
  keys.admins,
  keys.adminsChanges,
  keys.pending,
  keys.epoch,
  keys.dead,
  keys.owners,
  keys.installations,
  keys.leaving,
];
const immortalPrefixes = [keys.settings(""), keys.changes("")];

/** BullMQ's own books: one of each per queue, none per job but those of errands that are remembered for 25 h. */
const books = /:(id|meta|events|marker|stalled-check|stalled|completed|delayed|wait|active|pc|priority)$/;

function isDeclared(key: string): boolean {
  const patterns = Object.values(keys).map((made) => (typeof made === "string" ? made : made("*" as never)));
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern,
  );
}

/** What stands in the database: `key` → seconds to live, -1 for ever. */
async function listDatabase(world: World): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const key of await world.control.keys("*")) found.set(key, await world.control.ttl(key));
  return found;
}

test("after whole conversations every key in Redis is declared, and dies or says why not", async () => {
  await using world = await startWorld();
  for (const person of [world.telegramPerson(), world.slackPerson()]) {
    const command = (name: string) =>
      world.telegram.chats.length > 0 && !("channel" in person) ? `/${name}` : `!${name}`;
    person.says("Hello");
    await seesPart(person, "Hello");
    // What is visible may still be streaming: the model is not to hold that answer back.
    await world.turnsAreOver();
    world.model.hold(2);
    person.says("Count");
    await world.model.hasSent(2, ({ messages }) => messages.at(-1)?.content === "Count");
    person.says("waiting");
    person.says(command("stop"));
    await seesPart(person, "[stopped]");
    world.model.release();
    person.says(command("new"));
    await seesPart(person, "afresh");
  }
  const owner = world.telegramPerson();
  await becomesOwner(world, owner, "/");
  owner.says("/params temperature 1");
  await seesPart(owner, "temperature");
  owner.says("/admins add telegram:5");
  await seesPart(owner, "is an admin");
  owner.says("/deny telegram:6");
  await seesPart(owner, "is denied");
  const guest = new SlackPerson(world.slack, world.slack.createUser({ name: "Gus", guest: true }));
  guest.says("Hello");
  await seesPart(guest, "I do not know you yet");
  world.model.answerWith({ fault: faults.keyRefused() });
  const asker = world.telegramPerson();
  asker.says("Hello");
  await seesPart(asker, "key was refused");
  await world.isQuiet();

  const database = await listDatabase(world);
  const ofQueues = (key: string) =>
    Object.values(queues).some((queue) => key.startsWith(`${keys.prefix}:${queue}:`));
  const own = [...database].filter(([key]) => !ofQueues(key));
  expect(own.map(([key]) => key).filter((key) => !isDeclared(key))).toEqual([]);
  expect(
    own
      .filter(([, ttl]) => ttl < 0)
      .map(([key]) => key)
      .filter((key) => !immortal.includes(key) && !immortalPrefixes.some((prefix) => key.startsWith(prefix))),
  ).toEqual([]);
  const turns = [...database.keys()].filter((key) => key.startsWith(`${keys.prefix}:${queues.turns}:`));
  expect(turns.filter((key) => !books.test(key))).toEqual([]);
  const errands = [...database.keys()].filter((key) => key.startsWith(`${keys.prefix}:${queues.commands}:`));
  expect(
    errands.filter((key) => !books.test(key) && !/:(command|stop|requests?)-[\w-]{43}$/.test(key)),
  ).toEqual([]);
});
