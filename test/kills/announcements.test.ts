/** A worker is killed while it tells the admins who asks to be let in: who was told is not told again. */

import { expect, test } from "vitest";
import { seesPart } from "../world/person.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

test("after the first of two admins: the next worker goes on with the second", {
  timeout: 180_000,
}, async () => {
  await using world = await worlds.withNothing({ platforms: ["telegram"] });
  const [ada, ben, eve] = [world.telegramPerson(), world.telegramPerson(), world.telegramPerson()];
  const variables = { ALLOW: "", ADMINS: `telegram:${ada.user.id},telegram:${ben.user.id}` };
  await world.startInside({ ROLE: "gateway", ...variables });
  await world.isConnected();
  const victim = await world.start("worker", variables);
  const silence = world.telegram.inject({ kind: "hang" }, { method: "sendMessage", chatId: ben.chat.id });
  eve.says("Hello");
  await world.telegram.until(() => silence.hits === 1);
  await victim.process.kill();
  await world.start("worker", variables);
  await seesPart(ben, "wrote to me and is not let in yet");
  await world.isQuiet();
  expect(ada.answers()).toHaveLength(1);
  expect(ben.answers()).toHaveLength(1);
});
