/** Pressed buttons while workers die: what a press changes is changed once, and its answer stands in the message's place. */

import { describe, expect, test } from "vitest";
import { createKeys } from "../../src/queue/keys.ts";
import { entryOf, platforms, reads } from "../world/governed.ts";
import { isCallOf } from "../world/scripts.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const keys = createKeys();
const patience = { timeout: 180_000 };

describe.each(platforms)("on %s", (platform) => {
  test.concurrent.for(["before", "after"] as const)(
    "a worker killed %s a pressed value is written: it is set once, and said once where the button was",
    patience,
    async (when) => {
      const timing = { callMs: 60_000 };
      await using world = await worlds.withGateway({ platforms: [platform], timing });
      const admin = world.person(platform);
      await world.control.hset(keys.admins, entryOf(world, admin), '"admin"');
      const victim = await world.start("worker");
      admin.says(`${platform === "telegram" ? "/" : "!"}params temperature`);
      await reads(admin, "temperature says how random the answers are");
      const shown = admin.answers().length;
      const reached = victim.proxy.darkAt(isCallOf("change-setting"), when);
      await admin.presses("0.3");
      await world.within(60_000, `${when} the change`, reached);
      await victim.process.kill();
      victim.proxy.reset();
      await world.start("worker");
      await reads(admin, "temperature (set in this chat): 0.3");
      await world.isQuiet();
      expect(admin.answers()).toHaveLength(shown);
      const changes = await world.control.keys(keys.changes("*"));
      const records = await Promise.all(changes.map((key) => world.control.lrange(key, 0, -1)));
      expect(records.flat().map((row) => JSON.parse(row))).toMatchObject([
        { name: "temperature", to: "0.3" },
      ]);
    },
  );
});
