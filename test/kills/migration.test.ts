/** A worker dies while it finds out that a group became a supergroup: the answer comes into that, whole and once. */

import { expect, test } from "vitest";
import { sees } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

test.concurrent.for(["before", "after"] as const)(
  "a worker killed %s it has moved the conversation leaves it whole",
  async (when) => {
    await using world = await worlds.withGateway({ platforms: ["telegram"] });
    const victim = await world.start("worker");
    world.model.answerWith(({ messages }) => `Re: ${messages.at(-1)?.content}`);
    world.model.hold(0);
    const ada = world.telegram.createUser({ firstName: "Ada" });
    const group = world.telegram.createGroup({ title: "Friends", members: [ada], type: "group" });
    const before = new TelegramPerson(world.telegram, ada, group);
    before.says("one");
    before.says("two");
    await world.hasWaiting(2);
    await world.model.hasReceived(1);
    const supergroup = world.telegram.places.upgrade(group, ada, "lost");
    const reached = victim.proxy.darkAt(isCallOf("move-conversation"), when);
    world.model.release();
    await world.within(60_000, `${when} the move`, reached);
    await victim.process.kill();
    await world.start("worker");
    const after = new TelegramPerson(world.telegram, ada, supergroup);
    await sees(after, "Re: Ada: one", "Re: Ada: two");
    await world.isQuiet(120_000);
    expect(before.answers()).toEqual([]);
    expect(world.model.requests.at(-1)?.messages.map(({ content }) => content)).toContain("Ada: one");
  },
);
