/** Every command, given by an owner and by somebody else, in every kind of place: what is said, and who reads it. */

import { describe, expect, test } from "vitest";
import type { SlackMessage } from "../../simulator/slack/workspace.ts";
import { commands } from "../../src/core/commands/declarations.ts";
import { becomesOwner } from "../world/owner.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

type Role = "owner" | "member";
/** `alone`: only who asked, wherever that is. */
type Readers = "all" | "alone";

interface Row {
  /** Without what stands before it on a platform. */
  readonly command: string;
  readonly by: Readonly<Record<Role, readonly [Readers, string]>>;
  /** Where it is only said to all because it is short: in a Telegram group. */
  readonly isShort?: Readonly<Partial<Record<Role, true>>>;
}

const notAllowed = ["alone", "Only admins of this chat can change this."] as const;
const unknown = (name: string) => ["alone", `I do not know the command ${name}`] as const;
const both = (readers: Readers, text: string) =>
  ({ owner: [readers, text], member: [readers, text] }) as const;
const everyShort = { owner: true, member: true } as const;
const memberShort = { member: true } as const;

/** In this order: what an owner changes is seen by the next. */
const table: readonly Row[] = [
  { command: "start", by: both("all", "Hello! Write to me") },
  { command: "help", by: both("all", "I pass what you write to a language model") },
  { command: "new", by: both("all", "Started afresh") },
  { command: "stop", by: both("alone", "Nothing is running here."), isShort: everyShort },
  { command: "status", by: both("all", "model (as configured): test-model") },
  { command: "retry", by: both("alone", "There is no answer here"), isShort: everyShort },
  { command: "model", by: both("all", "model (as configured): test-model") },
  {
    command: "model other-model",
    by: { owner: ["all", "model (set in this chat): other-model"], member: notAllowed },
    isShort: memberShort,
  },
  { command: "system", by: both("alone", "prompt (as configured): You are a test.") },
  {
    command: "system set Be kind.",
    by: { owner: ["all", "prompt (set in this chat): Be kind."], member: notAllowed },
    isShort: memberShort,
  },
  {
    command: "system",
    by: {
      owner: ["all", "prompt (set in this chat): Be kind."],
      member: ["alone", "prompt (as configured): You are a test."],
    },
  },
  {
    command: "system set",
    by: { owner: ["all", "What is to be the system prompt in this chat?"], member: notAllowed },
    isShort: memberShort,
  },
  { command: "params", by: both("all", "not set: temperature") },
  {
    command: "params temperature 9",
    by: both("alone", "temperature takes a number from 0 to 2."),
    isShort: everyShort,
  },
  {
    command: "params temperature 0.2",
    by: { owner: ["all", "temperature (set in this chat): 0.2"], member: notAllowed },
    isShort: memberShort,
  },
  { command: "params temperature", by: both("all", "temperature says how random the answers are") },
  { command: "mode", by: both("all", "streaming (as configured)") },
  {
    command: "mode streaming off",
    by: { owner: ["all", "streaming (set in this chat): off"], member: notAllowed },
    isShort: memberShort,
  },
  {
    command: "undo",
    by: { owner: ["all", "Taken back: mode streaming is not set again"], member: unknown("undo") },
    isShort: memberShort,
  },
  {
    command: "audit",
    by: { owner: ["alone", "temperature not set → 0.2"], member: unknown("audit") },
    isShort: memberShort,
  },
  {
    command: "allow telegram:4711",
    by: { owner: ["alone", "telegram:4711"], member: unknown("allow") },
    isShort: memberShort,
  },
  {
    command: "allow",
    by: { owner: ["alone", "telegram:4711"], member: unknown("allow") },
    isShort: memberShort,
  },
  {
    command: "deny",
    by: { owner: ["alone", "telegram:4711"], member: unknown("deny") },
    isShort: memberShort,
  },
  { command: "admins", by: { owner: ["alone", "Owners:"], member: unknown("admins") }, isShort: memberShort },
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

const plain = (text: string) => text.replace(/[*_`\u200b\u2060]/g, "");

async function askerIn(world: World, place: Place, role: Role): Promise<Asker> {
  if (place.startsWith("Slack")) return await askerOnSlack(world, place, role);
  const owner = world.telegramPerson();
  await becomesOwner(world, owner, "/");
  const own = role === "owner" ? owner : world.telegramPerson();
  if (place === "Telegram private chat") return onTelegram(own, own);
  const members = [owner.user, own.user];
  const group = world.telegram.createGroup({
    title: "Friends",
    members,
    isForum: place === "Telegram topic",
  });
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
  await becomesOwner(world, owner, "!");
  const own = role === "owner" ? owner : world.slackPerson();
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
  const [readers, text] = by[role];
  if (place === "Telegram private chat" || place === "Slack direct message") return ["alone", text];
  const isSaidToAll = isShort?.[role] === true && place.startsWith("Telegram");
  return [isSaidToAll ? "all" : readers, text];
}

describe.each(places)("in a %s", (place) => {
  test.each(["owner", "member"] as const)(
    "every command is answered to the right people when the %s gives it",
    async (role) => {
      const platform = place.startsWith("Slack") ? "slack" : "telegram";
      await using world = await startWorld({ platforms: [platform], models: ["test-model", "other-model"] });
      const asker = await askerIn(world, place, role);
      const seen: unknown[] = [];
      for (const { command } of table) {
        const { text, readers } = await asker.gives(command);
        seen.push([command, readers, text]);
      }
      expect(seen).toEqual(
        table.map((row) => {
          const [readers, text] = expected(row, role, place);
          return [row.command, readers, expect.stringContaining(text)];
        }),
      );
    },
  );
});

test("no command is missing here", () => {
  const tested = new Set(table.map(({ command }) => command.split(" ")[0]));
  expect(commands.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});
