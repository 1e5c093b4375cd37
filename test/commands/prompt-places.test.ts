/** A system prompt that was written for another place: who reads it where it only holds as well. */

import { expect, test } from "vitest";
import { becomesOwner } from "../world/owner.ts";
import { type Person, sees } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { platforms, reads } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

/** An owner in private and in a group. `inPrivate`, `inGroup`: how they give a command there. */
async function ownerIn(platform: (typeof platforms)[number], world: World) {
  const { telegram, slack } = world;
  if (platform === "telegram") {
    const boss = world.telegramPerson();
    const group = telegram.createGroup({ title: "Friends", members: [boss.user] });
    const room: Person = new TelegramPerson(telegram, boss.user, group);
    await becomesOwner(world, boss, "/");
    return { boss, room, inPrivate: say(boss, "/"), inGroup: say(room, "/", "@parley_bot") };
  }
  const boss = world.slackPerson();
  const room = new SlackPerson(slack, boss.user, slack.createChannel("general", [boss.user]));
  await becomesOwner(world, boss, "!");
  // Whoever opens a thread calls the bot in any case.
  const inGroup = (command: string) => room.says(`${room.thread === undefined ? "" : "@parley "}!${command}`);
  return { boss, room, inPrivate: say(boss, "!"), inGroup };
}

function say(person: Person, before: string, after = "") {
  return (command: string) => person.says(before + command.replace(/^\w+/, (name) => name + after));
}

const times = (person: Person, part: string) =>
  person.answers().filter((answer) => answer.includes(part)).length;

test.each(platforms)(
  "on %s a prompt set everywhere is not put before a group where it only counts again, nor when it is taken back there",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const { boss, room, inPrivate, inGroup } = await ownerIn(platform, world);
    inPrivate("system everywhere set Our next product is called Marzipan.");
    await reads(boss, "Marzipan");
    inGroup("system set Be brief.");
    await reads(room, "prompt (set in this chat): Be brief.");
    inGroup("system reset");
    await reads(room, "prompt (set everywhere): not shown here");
    inGroup("system everywhere set Marzipan is cancelled.");
    await room.until(() => times(room, "not shown here") === 2);
    inGroup("undo everywhere");
    await reads(room, "Taken back: system prompt is what it was before.");
    expect(room.answers().join()).not.toContain("Marzipan");
    inPrivate("system");
    await boss.until(() => times(boss, "called Marzipan") === 2);
  },
);

test("who asks in a group's name is told to ask as themselves, for everybody would read the answer", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const boss = world.telegramPerson();
  await becomesOwner(world, boss, "/");
  const chat = world.telegram.createGroup({ title: "Friends", members: [boss.user] });
  world.telegram.says(boss.user, chat, "/system", { as: chat });
  const inGroup = new TelegramPerson(world.telegram, boss.user, chat);
  await sees(inGroup, "That is for one person alone. Ask me as yourself.");
});
