/** Decisions about people while workers die and admins come and go: each is made once, recorded once, by who may. */

import { describe, expect, test } from "vitest";
import { offerOwnership } from "../../src/queue/conversation-store.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { entryOf, type PlatformName, plain, platforms, reads, type Somebody } from "../world/governed.ts";
import { isCallOf } from "../world/scripts.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const keys = createKeys();
const patience = { timeout: 180_000 };
const target = { telegram: "telegram:77", slack: "slack:T0SIM/U0SEVENTY" } as const;

/** A gateway in this process, workers to be started in others. */
async function startGateway(platform: PlatformName, allow?: string): Promise<World> {
  const variables = allow === undefined ? {} : { ALLOW: allow };
  // A call is to be under way when its worker dies, however long that takes.
  const timing = { callMs: 60_000 };
  const world = await worlds.withGateway({ platforms: [platform], variables, timing });
  return world;
}

/** Somebody who was made an admin. */
async function adminOf(world: World, platform: PlatformName): Promise<Somebody> {
  const admin = world.person(platform);
  await world.control.hset(keys.admins, entryOf(world, admin), '"admin"');
  return admin;
}

function commands(person: Somebody, command: string): void {
  person.says(`${"channel" in person ? "!" : "/"}${command}`);
}

async function records(world: World): Promise<readonly { from: string; to: string; person: string }[]> {
  return (await world.control.lrange(keys.accessChanges, 0, -1)).map((row) => JSON.parse(row));
}

describe.each(platforms)("on %s", (platform) => {
  test.concurrent.for(["before", "after"] as const)(
    "a worker killed %s a decision is written: it is made once and answered once",
    patience,
    async (when) => {
      await using world = await startGateway(platform);
      const admin = await adminOf(world, platform);
      const victim = await world.start("worker");
      const reached = victim.proxy.darkAt(isCallOf("change-setting"), when);
      commands(admin, `deny ${target[platform]}`);
      await world.within(60_000, `${when} the decision`, reached);
      await victim.process.kill();
      victim.proxy.reset();
      await world.start("worker");
      await reads(admin, `${target[platform]} is denied from now on.`);
      await world.isQuiet();
      expect(admin.answers()).toHaveLength(1);
      expect(await world.control.hgetall(keys.access)).toEqual({ [target[platform]]: '"deny"' });
      expect(await records(world)).toHaveLength(1);
    },
  );

  test.concurrent.for(["before", "after"] as const)(
    "a worker killed %s the one-time code is used: its sender is the owner, and is told so once",
    patience,
    async (when) => {
      await using world = await startGateway(platform);
      const code = (await offerOwnership(world.control, keys)) ?? "";
      const owner = world.person(platform);
      const victim = await world.start("worker");
      const reached = victim.proxy.darkAt(isCallOf("claim-ownership"), when);
      commands(owner, `start ${code}`);
      await world.within(60_000, `${when} the claim`, reached);
      await victim.process.kill();
      victim.proxy.reset();
      await world.start("worker");
      await reads(owner, "You are the owner now");
      await world.isQuiet();
      expect(owner.answers()).toHaveLength(1);
      expect(await world.control.smembers(keys.owners)).toEqual([entryOf(world, owner)]);
    },
  );

  test.concurrent(
    "a worker killed while its answer is under way: the answer comes once more at worst, the decision does not",
    patience,
    async () => {
      await using world = await startGateway(platform);
      const admin = await adminOf(world, platform);
      if (platform === "telegram")
        world.telegram.inject({ kind: "apply-then-hang" }, { method: "sendMessage" });
      else world.slack.faults.next("chat.postMessage", { kind: "applied-hang" });
      const victim = await world.start("worker");
      commands(admin, `deny ${target[platform]}`);
      await reads(admin, "is denied from now on.");
      await victim.process.kill();
      await world.start("worker");
      await world.isQuiet();
      const answers = admin.answers().map(plain);
      expect(new Set(answers)).toEqual(new Set([`${target[platform]} is denied from now on.`]));
      expect(answers.length).toBeLessThanOrEqual(2);
      expect(await records(world)).toHaveLength(1);
    },
  );

  test.concurrent(
    "an admin who is removed while their commands are queued has changed nothing",
    patience,
    async () => {
      await using world = await startGateway(platform);
      const admin = await adminOf(world, platform);
      commands(admin, `deny ${target[platform]}`);
      commands(admin, "params temperature 1");
      const waiting = () => world.control.llen(`${keys.prefix}:commands:wait`);
      while ((await waiting()) < 2) await world.control.ping();
      await world.control.hdel(keys.admins, entryOf(world, admin));
      await world.start("worker");
      await reads(admin, "I do not know the command deny");
      await reads(admin, "Only admins of this chat can change this.");
      await world.isQuiet();
      expect(await world.control.exists(keys.access)).toBe(0);
      expect(await world.control.keys(keys.settings("*"))).toEqual([]);
    },
  );

  test.concurrent(
    "two admins at once, in two workers: both decisions are recorded, the last one holds",
    patience,
    async () => {
      await using world = await startGateway(platform);
      const [one, other] = [await adminOf(world, platform), await adminOf(world, platform)];
      await Promise.all([world.start("worker"), world.start("worker")]);
      for (let round = 0; round < 5; round += 1) {
        commands(one, `allow ${target[platform]}`);
        commands(other, `deny ${target[platform]}`);
      }
      for (const admin of [one, other]) await admin.until(() => admin.answers().length === 5);
      await world.isQuiet();
      const made = await records(world);
      // Each record goes on from what the one before it has left.
      const chain = made.map(({ from }) => from);
      expect(chain).toEqual([...made.slice(1).map(({ to }) => to), ""]);
      expect(await world.control.hget(keys.access, target[platform])).toBe(made[0]?.to);
      for (const admin of [one, other])
        expect(made.filter(({ person }) => person === entryOf(world, admin)).length).toBeGreaterThan(0);
    },
  );

  test.concurrent(
    "a worker killed as it turns somebody away: the owner is told of them once",
    patience,
    async () => {
      await using world = await startGateway(platform, "");
      const owner = world.person(platform);
      await world.control.sadd(keys.owners, entryOf(world, owner));
      const eve = world.person(platform);
      if ("channel" in eve) world.slack.workspace.changeUser(eve.user.id, { guest: true });
      const victim = await world.start("worker");
      const reached = victim.proxy.darkAt(isCallOf("turn-away"), "after");
      eve.says("Hello");
      await world.within(60_000, "turning away", reached);
      await victim.process.kill();
      victim.proxy.reset();
      await world.start("worker");
      const told = () =>
        ("channel" in owner ? world.slack.answers(owner.channel) : owner.answers()).filter((text) =>
          text.includes("May I answer them?"),
        );
      await owner.until(() => told().length > 0);
      await eve.until(() => eve.answers().length > 0);
      await world.isQuiet();
      expect(told()).toHaveLength(1);
      expect(eve.answers()).toHaveLength(1);
    },
  );
});
