/** A worker is killed while it learns of a thread, or while it refuses somebody: nothing is told twice, nobody is told nothing. */

import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { seesPart } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import { SlackPerson } from "../world/slack-person.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const patience = { timeout: 180_000 };

const isHeard = ({ slack }: World) =>
  slack.until(() => slack.deliveries.every(({ ackedAtMs }) => ackedAtMs !== undefined));

/** Lets a worker come to the script's call, kills it before or after, and starts its successor. */
async function killAt(
  world: World,
  script: Parameters<typeof isCallOf>[0],
  when: "before" | "after",
  begin: () => void,
): Promise<void> {
  const victim = await world.start("worker");
  const reached = victim.proxy.darkAt(isCallOf(script), when);
  begin();
  await world.within(60_000, `${when} ${script}`, reached);
  await victim.process.kill();
  victim.proxy.reset();
  await world.start("worker");
}

test.concurrent.for([
  ["before", 2],
  ["after", 1],
] as const)(
  "a worker killed %s a thread's past is kept leaves it told once, and read as often as needed",
  patience,
  async ([when, readings]) => {
    await using world = await worlds.withGateway({ platforms: ["slack"] });
    world.model.answerWith("Because.");
    const user = world.slack.createUser({ name: "Ann" });
    const channel = world.slack.createChannel("general", [user]);
    const ann = new SlackPerson(world.slack, user, channel);
    ann.thread = world.slack.says(user, channel, "The build is red");
    await isHeard(world);
    await killAt(world, "keep-background", when, () => ann.says("@parley why?"));
    await seesPart(ann, "Because.");
    ann.says("@parley and now?");
    await world.slack.until(() => ann.answers().length === 2);
    expect(world.slack.callsOf("conversations.replies")).toHaveLength(readings);
    for (const { messages } of world.model.requests) {
      expect(JSON.stringify(messages).split("The build is red")).toHaveLength(2);
    }
    expect(world.model.received()).toBe(2);
  },
);

test.concurrent.for(["turn", "command"] as const)(
  "somebody whose refusal dies with its worker is told by the next one, from a %s",
  patience,
  async (kind) => {
    await using world = await worlds.withGateway({ platforms: ["slack"] });
    const guest = world.slack.createUser({ name: "Gus", guest: true });
    const gus = new SlackPerson(world.slack, guest);
    const text = kind === "turn" ? "Hello" : "!help";
    await killAt(world, "turn-away", "after", () => gus.says(text));
    await seesPart(gus, words.refusedPerson(`slack:${world.slack.teamId}/${guest.id}`).slice(0, 60));
    gus.says(text);
    await isHeard(world);
    await world.isQuiet();
    expect(gus.answers()).toHaveLength(1);
  },
);
