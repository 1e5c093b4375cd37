/** Every command, given by everybody who may be somebody, in every kind of place: what is said, and who reads it. */

import { describe, expect, test } from "vitest";
import type { SlackMessage } from "../../simulator/slack/workspace.ts";
import { commands } from "../../src/core/commands/declarations.ts";
import { entryOf, plain, reads } from "../world/governed.ts";
import { becomesOwner } from "../world/owner.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

/** `place admin`: one of the group's or workspace's own admins, whom an owner lets change its settings. */
const roles = ["owner", "admin", "place admin", "member"] as const;
type Role = (typeof roles)[number];
/** `alone`: only who asked, wherever that is. */
type Readers = "all" | "alone";

interface Row {
  /** Without what stands before it on a platform. `SOMEBODY`: an entry of the platform's. */
  readonly command: string;
  readonly by: Readonly<Record<Role, readonly [Readers, string]>>;
  /** Where it is only said to all because it is short: in a Telegram group. */
  readonly isShort?: Readonly<Partial<Record<Role, true>>>;
}

const notAllowed = ["alone", "Only admins of this chat can change this."] as const;
const unknown = (name: string) => ["alone", `I do not know the command ${name}`] as const;
type Answer = readonly [Readers, string];
/** What those get who may change the settings of the place, and what everybody else does. */
const byPlace = (may: Answer, mayNot: Answer): Row["by"] => ({
  owner: may,
  admin: may,
  "place admin": may,
  member: mayNot,
});
/** The same of what only owners and admins of the bot may. */
const byBot = (may: Answer, mayNot: Answer): Row["by"] => ({
  ...byPlace(may, mayNot),
  "place admin": mayNot,
});
const all = (readers: Readers, text: string): Row["by"] => byPlace([readers, text], [readers, text]);
const everyShort = { owner: true, admin: true, "place admin": true, member: true } as const;
const memberShort = { member: true } as const;
const botShort = { "place admin": true, member: true } as const;

/** In this order: what an owner changes is seen by the next. */
const table: readonly Row[] = [
  { command: "start", by: all("all", "Hello! Write to me") },
  { command: "help", by: all("all", "I pass what you write to a language model") },
  { command: "new", by: all("all", "Started afresh") },
  { command: "stop", by: all("alone", "Nothing is running here."), isShort: everyShort },
  { command: "status", by: all("all", "model (as configured): test-model") },
  { command: "retry", by: all("alone", "There is no answer here"), isShort: everyShort },
  { command: "model", by: all("all", "model (as configured): test-model") },
  {
    command: "model other-model",
    by: byPlace(["all", "model (set in this chat): other-model"], notAllowed),
    isShort: memberShort,
  },
  {
    command: "model offer test-model other-model",
    by: {
      ...byPlace(["all", "offer (set in this chat): test-model other-model"], notAllowed),
      "place admin": ["alone", "Only owners and admins of this bot can change which models may be chosen."],
    },
    isShort: botShort,
  },
  { command: "system", by: all("alone", "prompt (as configured): You are a test.") },
  {
    command: "system set Be kind.",
    by: byPlace(["all", "prompt (set in this chat): Be kind."], notAllowed),
    isShort: memberShort,
  },
  {
    command: "system",
    by: byPlace(
      ["all", "prompt (set in this chat): Be kind."],
      ["alone", "prompt (as configured): You are a test."],
    ),
  },
  {
    command: "system set",
    by: byPlace(["all", "What is to be the system prompt in this chat?"], notAllowed),
    isShort: memberShort,
  },
  { command: "params", by: all("all", "not set: temperature") },
  {
    command: "params temperature 9",
    by: all("alone", "temperature takes a number from 0 to 2."),
    isShort: everyShort,
  },
  {
    command: "params temperature 0.2",
    by: byPlace(["all", "temperature (set in this chat): 0.2"], notAllowed),
    isShort: memberShort,
  },
  { command: "params temperature", by: all("all", "temperature says how random the answers are") },
  { command: "mode", by: all("all", "streaming (as configured)") },
  {
    command: "mode streaming off",
    by: byPlace(["all", "streaming (set in this chat): off"], notAllowed),
    isShort: memberShort,
  },
  {
    command: "undo",
    by: byPlace(["all", "Taken back: mode streaming is not set again"], unknown("undo")),
    isShort: memberShort,
  },
  {
    command: "audit",
    by: byPlace(["alone", "temperature not set → 0.2"], unknown("audit")),
    isShort: memberShort,
  },
  {
    command: "allow SOMEBODY",
    by: byBot(["alone", "SOMEBODY"], unknown("allow")),
    isShort: botShort,
  },
  {
    command: "allow",
    by: byBot(["alone", "SOMEBODY"], unknown("allow")),
    isShort: botShort,
  },
  {
    command: "deny",
    by: byBot(["alone", "SOMEBODY"], unknown("deny")),
    isShort: botShort,
  },
  { command: "admins", by: byBot(["alone", "Owners:"], unknown("admins")), isShort: botShort },
];

const places = [
  "Telegram private chat",
  "Telegram group",
  "Telegram topic",
  "Slack direct message",
  "Slack channel",
  "Slack thread",
] as const;
type Place = (typeof places)[number];

/** Somebody in a place, and what they and others read after a command of theirs. */
interface Asker {
  gives(command: string): Promise<{ readonly text: string; readonly readers: Readers }>;
}

/** Makes the owner one, and by them the other what they are to be. @returns who has the role */
async function inRole<Somebody extends TelegramPerson | SlackPerson>(
  world: World,
  role: Role,
  owner: Somebody,
  other: Somebody,
): Promise<Somebody> {
  const prefix = owner instanceof TelegramPerson ? "/" : "!";
  await becomesOwner(world, owner, prefix);
  if (role === "owner") return owner;
  if (role === "admin") {
    owner.says(`${prefix}admins add ${entryOf(world, other)}`);
    await reads(owner, "is an admin from now on");
  }
  if (role === "place admin") {
    owner.says(`${prefix}admins local on`);
    await reads(owner, "can change its settings");
  }
  return other;
}

async function askerIn(world: World, place: Place, role: Role): Promise<Asker> {
  if (place.startsWith("Slack")) return await askerOnSlack(world, place, role);
  const owner = world.telegramPerson();
  const own = await inRole(world, role, owner, world.telegramPerson());
  if (place === "Telegram private chat") return onTelegram(own, own);
  const members = [owner.user, own.user];
  const group = world.telegram.createGroup({
    title: "Friends",
    members,
    isForum: place === "Telegram topic",
  });
  if (role === "place admin") world.telegram.places.appoints(own.user, group);
  const topic =
    place === "Telegram topic" ? world.telegram.places.createTopic(group, own.user, "Poems") : undefined;
  return onTelegram(own, new TelegramPerson(world.telegram, own.user, group, topic));
}

function onTelegram(own: TelegramPerson, there: TelegramPerson): Asker {
  const isPrivate = own === there;
  return {
    async gives(command) {
      const [name = "", ...rest] = command.split(" ");
      const [before, beforeThere] = [own.answers().length, there.answers().length];
      there.says([`/${name}${isPrivate ? "" : "@parley_bot"}`, ...rest].join(" "));
      await there.until(() => own.answers().length > before || there.answers().length > beforeThere);
      const isThere = there.answers().length > beforeThere;
      const text = (isThere ? there : own).answers().at(-1) ?? "";
      return { text: plain(text), readers: isThere && !isPrivate ? "all" : "alone" };
    },
  };
}

async function askerOnSlack(world: World, place: Place, role: Role): Promise<Asker> {
  const owner = world.slackPerson();
  const own = await inRole(world, role, owner, world.slackPerson());
  if (role === "place admin") world.slack.workspace.changeUser(own.user.id, { role: "admin" });
  const isDirect = place === "Slack direct message";
  const channel = world.slack.createChannel("general", [owner.user, own.user]);
  const there = isDirect ? own : new SlackPerson(world.slack, own.user, channel);
  if (place === "Slack thread") there.thread = world.slack.says(owner.user, channel, "Good morning");
  const said = (): readonly SlackMessage[] =>
    world.slack.workspace.messages.filter(
      ({ channel: at, user }) => at === there.channel.id && user === world.slack.botUserId,
    );
  return {
    async gives(command) {
      const before = said().length;
      // In a channel a mention opens a thread; a slash command would be seen by its giver alone in any case.
      const mention = isDirect ? "" : "@parley ";
      const inThread = there.thread === undefined ? {} : { thread: there.thread };
      world.slack.says(there.user, there.channel, `${mention}!${command}`, inThread);
      await there.until(() => said().length > before);
      const message = said().at(-1);
      if (message === undefined) throw new Error("Nothing was said");
      const text = world.slack.history(there.channel, message.ts).at(-1)?.seen ?? "";
      const isForAll = message.ephemeralTo === undefined && !isDirect;
      return { text: plain(text), readers: isForAll ? "all" : "alone" };
    },
  };
}

function expected({ by, isShort }: Row, role: Role, place: Place): readonly [Readers, string] {
  // In a private chat nobody administers but the bot's own.
  const isNobody = role === "place admin" && place === "Telegram private chat";
  const [readers, text] = by[isNobody ? "member" : role];
  if (place === "Telegram private chat" || place === "Slack direct message") return ["alone", text];
  const isSaidToAll = isShort?.[role] === true && place.startsWith("Telegram");
  return [isSaidToAll ? "all" : readers, text];
}

describe.each(places)("in a %s", (place) => {
  test.each(roles)("every command is answered to the right people when the %s gives it", async (role) => {
    const platform = place.startsWith("Slack") ? "slack" : "telegram";
    await using world = await startWorld({ platforms: [platform], models: ["test-model", "other-model"] });
    const asker = await askerIn(world, place, role);
    const seen: unknown[] = [];
    const somebody = platform === "slack" ? `slack:${world.slack.teamId}/U0SOMEBODY` : "telegram:4711";
    const named = (text: string) => text.replace("SOMEBODY", somebody);
    for (const { command } of table) {
      const { text, readers } = await asker.gives(named(command));
      seen.push([command, readers, text]);
    }
    expect(seen).toEqual(
      table.map((row) => {
        const [readers, text] = expected(row, role, place);
        return [row.command, readers, expect.stringContaining(named(text))];
      }),
    );
  });
});

test("no command is missing here", () => {
  const tested = new Set(table.map(({ command }) => command.split(" ")[0]));
  expect(commands.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});
