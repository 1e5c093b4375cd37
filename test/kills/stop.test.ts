/** A worker is killed as it carries out /stop: whoever gave it reads what it came to, and not that there was nothing to stop. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { plain, platforms } from "../world/governed.ts";
import { readsUpTo } from "../world/growing.ts";
import { seesPart } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

test.for(platforms)(
  "behind its write: the answer ends once, and the command says so, on %s",
  { timeout: 180_000 },
  async (platform) => {
    await using world = await worlds.withGateway({ platforms: [platform] });
    const victim = await world.start("worker");
    const person = world.person(platform);
    await readsUpTo(world, person, numberedText(20), 12);
    await world.hasRecorded(1);
    const reached = victim.proxy.darkAt(isCallOf("stop-turn"), "after");
    person.says(person instanceof TelegramPerson ? "/stop" : "!stop");
    await world.within(60_000, "behind the stop", reached);
    await victim.process.kill();
    victim.proxy.reset();
    await world.start("worker");
    await seesPart(person, "[stopped]");
    await world.isQuiet();
    const [answer, ...others] = person.answers();
    expect(answer).toMatch(/word1 .*word12/s);
    // The mark stands below what the dead worker had shown.
    expect(others.map(plain).toSorted()).toEqual([words.stopped, plain(words.mark.stopped)]);
  },
);
