/** Every command about people and settings × role × place: what is read, and whether the others in the place read it too. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SlackUser } from "../../simulator/slack/workspace.ts";
import type { SimUser } from "../../simulator/telegram/state.ts";
import { type Governed, plain, reads, startGoverned } from "../world/governed.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";

const roles = ["owner", "admin", "place admin", "member"] as const;
type Role = (typeof roles)[number];

/** What somebody has read: of everybody in the place, or for them alone. */
interface Read {
  readonly text: string;
  readonly isPublic: boolean;
}

/** A place in which all four are; private ones are one each. */
type Says = (role: Role, command: string) => Promise<Read>;

type Kind = "private" | "group";

const outcomes = {
  unknown: /^I do not know the command/,
  notAllowed: /^Only (admins|owners) of/,
  lists: /^(Owners:|Denied:|Nothing was decided by command yet|Waiting)/,
  decided: /^(telegram|slack):\S+ (is|was) (denied|no admin)/,
  shown: /(temperature|not set)/,
  changed: /^Changed; it counts from the next answer on/,
  audit: /^(• \d{4}-|Nothing was ever changed)/,
  undone: /^(Taken back|There is nothing left)/,
} as const;
type Outcome = keyof typeof outcomes;

interface Row {
  readonly command: string;
  /** By role; for a place's own admins where the place is theirs. */
  readonly expected: Readonly<Record<Role, Outcome>>;
}

const by = (owner: Outcome, admin: Outcome, place: Outcome, member: Outcome) => ({
  owner,
  admin,
  "place admin": place,
  member,
});

const rows = (someone: string): readonly Row[] => [
  { command: "params", expected: by("shown", "shown", "shown", "shown") },
  { command: "params temperature 1", expected: by("changed", "changed", "changed", "notAllowed") },
  { command: "params everywhere seed 1", expected: by("changed", "notAllowed", "notAllowed", "notAllowed") },
  { command: "audit", expected: by("audit", "audit", "audit", "unknown") },
  { command: "audit everywhere", expected: by("audit", "notAllowed", "notAllowed", "unknown") },
  { command: "undo", expected: by("undone", "undone", "undone", "unknown") },
  { command: "undo everywhere", expected: by("undone", "notAllowed", "notAllowed", "unknown") },
  { command: `deny ${someone}`, expected: by("decided", "decided", "unknown", "unknown") },
  { command: "allow", expected: by("lists", "lists", "unknown", "unknown") },
  { command: "audit access", expected: by("audit", "audit", "unknown", "unknown") },
  { command: "undo access", expected: by("undone", "notAllowed", "unknown", "unknown") },
  { command: "admins", expected: by("lists", "lists", "unknown", "unknown") },
  { command: `admins remove ${someone}`, expected: by("decided", "notAllowed", "unknown", "unknown") },
  { command: "audit admins", expected: by("audit", "audit", "unknown", "unknown") },
];

/** Says something and waits for what is new: in the place, or for the person alone. */
async function newest(
  say: () => void,
  until: (holds: () => boolean) => Promise<void>,
  ofAll: () => readonly string[],
  ofOne: () => readonly string[],
): Promise<Read> {
  const [before, beforeAlone] = [ofAll().length, ofOne().length];
  say();
  await until(() => ofAll().length > before || ofOne().length > beforeAlone);
  const isPublic = ofAll().length > before;
  return { isPublic, text: plain((isPublic ? ofAll() : ofOne()).at(-1) ?? "") };
}

function telegramPlaces({ world: { telegram } }: Governed, users: ReadonlyMap<Role, SimUser>) {
  const members = [...users.values()];
  const userOf = (role: Role) => users.get(role) as SimUser;
  const group = telegram.createGroup({ title: "Friends", members });
  const forum = telegram.createGroup({ title: "Forum", members, isForum: true });
  for (const chat of [group, forum]) telegram.places.appoints(userOf("place admin"), chat);
  const alone = new Map(roles.map((role) => [role, new TelegramPerson(telegram, userOf(role))]));
  const within =
    (chat: typeof group, topic?: number): Says =>
    async (role, command) => {
      const person = new TelegramPerson(telegram, userOf(role), chat, topic);
      const dm = alone.get(role) as TelegramPerson;
      const [name = "", ...rest] = command.split(" ");
      const text = [`/${name}@parley_bot`, ...rest].join(" ");
      const say = () => void person.says(text);
      return await newest(
        say,
        (holds) => person.until(holds),
        () => person.answers(),
        () => dm.answers(),
      );
    };
  const inPrivate: Says = async (role, command) => {
    const dm = alone.get(role) as TelegramPerson;
    return await newest(
      () => void dm.says(`/${command}`),
      (holds) => dm.until(holds),
      () => dm.answers(),
      () => [],
    );
  };
  return { private: inPrivate, group: within(group), topic: within(forum, 7) };
}

function slackPlaces({ world: { slack } }: Governed, users: ReadonlyMap<Role, SlackUser>) {
  slack.workspace.changeUser((users.get("place admin") as SlackUser).id, { role: "owner" });
  const channel = slack.createChannel("general", [...users.values()]);
  const dms = new Map([...users].map(([role, user]) => [role, new SlackPerson(slack, user)]));
  const publicIn = (thread?: string) => {
    const seen = slack.visible(channel, thread);
    const own = seen.filter(
      ({ authorId, ephemeralTo }) => authorId === slack.botUserId && ephemeralTo === undefined,
    );
    return own.map(({ text }) => text);
  };
  const direct: Says = async (role, command) => {
    const dm = dms.get(role) as SlackPerson;
    return await newest(
      () => void dm.says(`!${command}`),
      (holds) => dm.until(holds),
      () => dm.answers(),
      () => [],
    );
  };
  /** Each command opens a thread of its own, or all stand in one. */
  const inChannel =
    (thread?: () => string): Says =>
    async (role, command) => {
      const person = new SlackPerson(slack, users.get(role) as SlackUser, channel);
      person.thread = thread?.();
      const ofAll = () => publicIn(person.thread);
      const text = thread === undefined ? `!${command}` : `@parley !${command}`;
      return await newest(
        () => void person.says(text),
        (holds) => person.until(holds),
        ofAll,
        () => person.asides(),
      );
    };
  let root: string | undefined;
  const threadRoot = () => {
    root ??= slack.says(users.get("member") as SlackUser, channel, "Let us talk");
    return root;
  };
  const slash: Says = async (role, command) => {
    const person = new SlackPerson(slack, users.get(role) as SlackUser, channel);
    const ofAll = () => publicIn();
    const say = () => void person.slashes(command);
    return await newest(
      say,
      (holds) => person.until(holds),
      ofAll,
      () => person.asides(),
    );
  };
  return { direct, channel: inChannel(), thread: inChannel(threadRoot), slash };
}

async function startTelegram() {
  const at = await startGoverned("telegram");
  const { world, owner } = at;
  const admin = await at.newAdmin();
  if ("channel" in owner || "channel" in admin) throw new Error("Not on Telegram");
  const [boss, ada] = ["Boss", "Ada"].map((firstName) => world.telegram.createUser({ firstName }));
  if (!boss || !ada) throw new Error("Nobody is there");
  const users = new Map<Role, SimUser>([
    ["owner", owner.user],
    ["admin", admin.user],
    ["place admin", boss],
    ["member", ada],
  ]);
  return { at, places: telegramPlaces(at, users) };
}

async function startSlack() {
  const at = await startGoverned("slack");
  const { world, owner } = at;
  const admin = await at.newAdmin();
  if (!("channel" in owner) || !("channel" in admin)) throw new Error("Not on Slack");
  const users = new Map<Role, SlackUser>([
    ["owner", owner.user],
    ["admin", admin.user],
    ["place admin", world.slack.createUser({ name: "Boss" })],
    ["member", world.slack.createUser({ name: "Ada" })],
  ]);
  return { at, places: slackPlaces(at, users) };
}

/** In Slack's channels what concerns one person is theirs alone; a Telegram group reads what is short. */
function mayBePublic({
  platform,
  kind,
  command,
  outcome,
}: {
  readonly platform: string;
  readonly kind: Kind;
  readonly command: string;
  readonly outcome: Outcome;
}): boolean {
  if (kind === "private") return true;
  if (platform === "telegram") return command !== "admins" || outcome !== "lists";
  return ["changed", "shown", "undone"].includes(outcome);
}

const stages = [
  {
    platform: "telegram",
    start: startTelegram,
    someone: "telegram:77",
    places: { private: "private", group: "group", topic: "group" },
  },
  {
    platform: "slack",
    start: startSlack,
    someone: "slack:T0SIM/U0SEVENTY",
    places: { direct: "private", channel: "group", thread: "group", slash: "group" },
  },
] as const;

describe.each(stages)("on $platform", ({ platform, start, someone, places }) => {
  let at: Governed;
  let says: ReadonlyMap<string, Says>;
  beforeAll(async () => {
    const started = await start();
    at = started.at;
    says = new Map(Object.entries(started.places));
    at.commands(at.owner, "admins local on");
    await reads(at.owner, "can change its settings.");
  });
  afterAll(() => at[Symbol.asyncDispose]());

  const cases = Object.entries(places).flatMap(([place, kind]) =>
    roles.flatMap((role) => rows(someone).map((row) => ({ place, kind: kind as Kind, role, ...row }))),
  );
  test.each(cases)("$command by $role in $place", async ({ place, kind, role, command, expected }) => {
    const isTheirs = platform === "slack" || kind === "group";
    const outcome = expected[role === "place admin" && !isTheirs ? "member" : role];
    const { text, isPublic } = (await says.get(place)?.(role, command)) ?? { text: "", isPublic: false };
    expect(text).toMatch(outcomes[outcome]);
    expect(isPublic && !mayBePublic({ platform, kind, command, outcome })).toBe(false);
  });
});
