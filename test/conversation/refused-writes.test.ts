/** A Redis that answers and refuses to write: nothing is acknowledged, the operator is told, and nothing is lost. */

import { expect, test } from "vitest";
import { sees } from "../world/person.ts";
import { ProcessPool } from "../world/processes.ts";
import { answerToText, startWorld, type World, type WorldOptions } from "../world/world.ts";

const ways = {
  "Telegram by polling": { platforms: ["telegram"] },
  "Telegram by webhook": { platforms: ["telegram"], telegramBy: "webhook" },
  "Slack by socket": { platforms: ["slack"] },
  "Slack by HTTP": { platforms: ["slack"], slackBy: "http" },
} as const satisfies Record<string, WorldOptions>;

/** How Redis is made to refuse, how it is mended, and what it says meanwhile. */
const refusals = {
  "is full": {
    begin: ["CONFIG", "SET", "maxmemory", "1"],
    end: ["CONFIG", "SET", "maxmemory", "0"],
    says: /OOM/,
  },
  "lacks the right to scripts": {
    begin: ["ACL", "SETUSER", "default", "-evalsha", "-eval"],
    end: ["ACL", "SETUSER", "default", "+evalsha", "+eval"],
    says: /NOPERM/,
  },
  "lacks a right that a script needs midway": {
    begin: ["ACL", "SETUSER", "default", "-zadd"],
    end: ["ACL", "SETUSER", "default", "+zadd"],
    says: /can't run this command/,
  },
} as const;

type Way = keyof typeof ways;
type Refusal = keyof typeof refusals;

/** A gateway alone, so that what is accepted can be told from what is answered. */
async function startGateway(way: Way, leaseMs: number): Promise<World> {
  const world = await startWorld({ ...ways[way], processes: new ProcessPool(0), timing: { leaseMs } });
  await world.startInside({ ROLE: "gateway" });
  await world.isConnected();
  return world;
}

async function call(world: World, [command, ...rest]: readonly [string, ...string[]]): Promise<void> {
  await world.control.call(command, ...rest);
}

/** Deliveries by HTTP that were told to come again. */
function refusedDeliveries({ telegram, slack }: World): number {
  return [...telegram.webhook.deliveries, ...slack.deliveries].filter(({ status }) => status === 503).length;
}

/** How many of the one message that was written were acknowledged. */
function acknowledged({ telegram, slack }: World, way: Way): number {
  if (way.startsWith("Telegram")) return 1 - telegram.pendingUpdates.length;
  return slack.deliveries.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length;
}

const refused = "arrivals could not be written";

test.for(
  (Object.keys(ways) as Way[]).flatMap((way) =>
    (Object.keys(refusals) as Refusal[]).map((refusal) => [way, refusal] as const),
  ),
)(
  "on %s, while Redis %s, nothing is acknowledged, the operator is told why, and all is answered afterwards",
  async ([way, refusal]) => {
    const { begin, end, says } = refusals[refusal];
    await using world = await startGateway(way, 30_000);
    const person = world.person(ways[way].platforms[0]);
    await call(world, begin);
    person.says("one");
    await world.hasLogged(refused);
    expect(world.logged(refused).join()).toMatch(says);
    expect((await world.service?.notReady())?.join()).toMatch(says);
    expect(acknowledged(world, way)).toBe(0);
    await call(world, end);
    await world.startInside({ ROLE: "worker" });
    await sees(person, answerToText("one"));
    expect(await world.service?.notReady()).toEqual([]);
  },
);

test.for(["Telegram by webhook", "Slack by HTTP"] as const)(
  "on %s, refusal after refusal fills no log",
  async (way) => {
    await using world = await startGateway(way, 30_000);
    const person = world.person(ways[way].platforms[0]);
    await call(world, refusals["is full"].begin);
    person.says("one");
    await (way === "Slack by HTTP" ? world.slack : world.telegram).until(() => refusedDeliveries(world) >= 4);
    expect(world.logged(refused).length).toBeLessThan(refusedDeliveries(world));
  },
);

test.for(["is full", "lacks the right to scripts"] as const)(
  "when Redis %s for so long that the lease on polling is lost, the operator is told, and polling goes on afterwards",
  async (refusal) => {
    const { begin, end, says } = refusals[refusal];
    await using world = await startGateway("Telegram by polling", 300);
    const person = world.telegramPerson();
    await call(world, begin);
    const lost = "Redis did not give a lease";
    await world.hasLogged(lost);
    expect(world.logged(lost).join()).toMatch(says);
    person.says("one");
    await call(world, end);
    await world.startInside({ ROLE: "worker" });
    await sees(person, answerToText("one"));
  },
);

test.for([
  ["is a replica", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]],
  ["is full", refusals["is full"].begin, refusals["is full"].end],
] as const)(
  "started while Redis %s, workers rest between their tries, and go on as soon as it takes them again",
  async ([, begin, end]) => {
    await using world = await startWorld({ platforms: ["telegram"], processes: new ProcessPool(0) });
    const person = world.telegramPerson();
    await call(world, begin);
    await world.startInside();
    const startedAt = performance.now();
    await expect.poll(() => refusedCommands(world), { timeout: 30_000 }).toBeGreaterThan(100);
    // Who does not rest is refused a hundred times in a tenth of that; a slow machine only takes longer.
    expect(performance.now() - startedAt).toBeGreaterThan(500);
    await call(world, end);
    person.says("one");
    await sees(person, answerToText("one"));
  },
);

/** How often Redis has refused a command. */
async function refusedCommands({ control }: World): Promise<number> {
  const counts = (await control.info("errorstats")).matchAll(/errorstat_\w+:count=(\d+)/g);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
