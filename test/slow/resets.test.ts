/** Connections to Redis are reset at one command after another: nobody notices. */

import { expect, test } from "vitest";
import { sees } from "../world/person.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const text = "A short answer.";
/** A turn and its way in take about this many commands. */
const commands = 20;

test.concurrent.for(
  (["telegram", "slack"] as const).flatMap((platform) =>
    (["before", "after"] as const).map((when) => [platform, when] as const),
  ),
)("on %s, with a reset %s each command", { timeout: 180_000 }, async ([platform, when]) => {
  await using world = await worlds.withNothing({ platforms: [platform] });
  world.model.answerWith(text);
  const { proxy } = await world.start("all");
  await world.isConnected();
  const people = Array.from({ length: commands }, () => world.person(platform));
  for (const [index, person] of people.entries()) {
    const reset = proxy.resetAt(index + 1, when);
    person.says("Hello");
    await world.within(60_000, `reset at command ${index + 1}`, reset);
    await sees(person, text);
  }
  await world.isQuiet();
  expect(people.map((person) => person.answers())).toEqual(people.map(() => [text]));
  expect(world.model.received()).toBe(commands);
});
