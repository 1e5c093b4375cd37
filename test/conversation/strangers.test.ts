/** Who of those that Slack lets near the bot is answered: the full members of its workspace, and whom ALLOW names. */

import { expect, test } from "vitest";
import type { SlackUser } from "../../simulator/slack/workspace.ts";
import { words } from "../../src/core/words.ts";
import { seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { startWorld } from "../world/world.ts";

const team = "T0SIM";
const otherTeam = "T0OTHER";

/** Everybody who can write to the bot, by a name that says what they are to its workspace. */
const everybody = {
  member: { id: "U0MEMBER" },
  // Of another workspace of the organisation, and of ours as well.
  colleague: { id: "W0COLLEAGUE", teamId: "T0SISTER", enterpriseTeams: ["T0SISTER", team] },
  // Of another workspace of the organisation only.
  cousin: { id: "W0COUSIN", teamId: "T0SISTER", enterpriseTeams: ["T0SISTER"] },
  guest: { id: "U0GUEST", guest: "multi-channel" },
  narrowGuest: { id: "U0NARROW", guest: true },
  stranger: { id: "U0STRANGER", teamId: otherTeam, stranger: true },
  // A guest of ours whom Slack calls a member of nothing else.
  guestOfBoth: { id: "U0BOTH", guest: true, teamId: team },
} as const;

type Who = keyof typeof everybody;

const members: readonly Who[] = ["member", "colleague"];
const others = (Object.keys(everybody) as Who[]).filter((who) => !members.includes(who));

/** The settings, and who is answered beside the full members. */
const rules: readonly (readonly [string, Readonly<Record<string, string>>, readonly Who[]])[] = [
  ["nothing", {}, []],
  ["the workspace", { ALLOW: `slack:${team}` }, []],
  ["another workspace", { ALLOW: `slack:${otherTeam}` }, []],
  ["a guest", { ALLOW: `slack:${team}/U0GUEST` }, ["guest"]],
  ["a stranger, under our workspace", { ALLOW: `slack:${team}/U0STRANGER` }, ["stranger"]],
  ["a stranger, under their own workspace", { ALLOW: `slack:${otherTeam}/U0STRANGER` }, []],
  ["everybody", { ALLOW: "slack:*" }, others],
];

async function startAmong(variables: Readonly<Record<string, string>>) {
  const world = await startWorld({ platforms: ["slack"], variables });
  const users = new Map<Who, SlackUser>();
  for (const [who, fields] of Object.entries(everybody)) {
    users.set(who as Who, world.slack.workspace.addUser({ name: who, ...fields }));
  }
  const channel = world.slack.createChannel("shared", [...users.values()]);
  return { world, users, channel };
}

/** Everybody asks twice in private and twice in the channel. @returns what each was answered, by person and place */
async function everybodyAsksTwice({ world, users, channel }: Awaited<ReturnType<typeof startAmong>>) {
  const places = [...users].flatMap(([who, user]) => [
    { who, user, name: `${who} in private`, place: world.slack.createDm(user) },
    { who, user, name: `${who} in a channel`, place: channel },
  ]);
  const asked = places.map((place) => ({ ...place, threads: [] as string[] }));
  for (const round of ["first", "second"]) {
    for (const { user, place, threads } of asked) {
      const person = new SlackPerson(world.slack, user, place);
      threads.push(person.says(round));
    }
    await world.slack.until(() => world.slack.socketMode.deliveries.every((one) => one.ackedAtMs));
    await world.isQuiet();
  }
  return asked.map(({ threads, place, ...rest }) => ({
    ...rest,
    // Code keeps its distance from what follows by a mark that nobody sees.
    answers: threads
      .flatMap((thread) => world.slack.answers(place, thread))
      .map((text) => text.replaceAll("\u200b", "")),
  }));
}

test.concurrent.for(rules)(
  "where ALLOW names %s, everybody else is told once which id is missing, and members are answered",
  async ([, variables, allowed]) => {
    const among = await startAmong(variables);
    await using world = among.world;
    world.model.answerWith("An answer.");
    for (const { who, user, name, answers } of await everybodyAsksTwice(among)) {
      const isAllowed = members.includes(who) || allowed.includes(who);
      const notice = words.refusedPerson(`slack:${team}/${user.id}`);
      expect(answers, name).toEqual(isAllowed ? ["An answer.", "An answer."] : [notice]);
    }
    expect(world.model.received()).toBe((members.length + allowed.length) * 4);
  },
);

test.concurrent("nobody is told anything who did not address the bot", async () => {
  const { world, users, channel } = await startAmong({});
  await using _world = world;
  for (const user of users.values()) world.slack.says(user, channel, "Good morning");
  await world.slack.until(() => world.slack.socketMode.deliveries.every((one) => one.ackedAtMs));
  await world.isQuiet();
  expect(world.slack.workspace.messages.filter(({ botId }) => botId)).toEqual([]);
  expect(world.model.received()).toBe(0);
});

test.concurrent("a stranger's words in a member's thread are told to nobody's model unless they are allowed", async () => {
  const { world, users, channel } = await startAmong({ SLACK_THREADS: "mention" });
  await using _world = world;
  const [member, stranger] = [users.get("member"), users.get("stranger")];
  if (!member || !stranger) throw new Error("Nobody is there");
  const ann = new SlackPerson(world.slack, member, channel);
  ann.says("Hello");
  await seesPart(ann, "Hello");
  world.slack.says(stranger, channel, "secret of ours", { thread: ann.thread ?? "" });
  ann.says("@parley and now?");
  await seesPart(ann, "and now?");
  expect(JSON.stringify(world.model.requests.map(({ messages }) => messages))).not.toContain(
    "secret of ours",
  );
});

test.concurrent("an event of a shared channel belongs to our workspace, whichever its envelope names", async () => {
  const { world, users, channel } = await startAmong({ ALLOW: `slack:${team}/U0STRANGER` });
  await using _world = world;
  const [member, stranger] = [users.get("member"), users.get("stranger")];
  if (!member || !stranger) throw new Error("Nobody is there");
  const ann = new SlackPerson(world.slack, member, channel);
  ann.says("one");
  await seesPart(ann, "one");
  const sam = new SlackPerson(world.slack, stranger, channel);
  sam.thread = ann.thread;
  sam.says("@parley two");
  await seesPart(sam, "two");
  const envelopes = world.slack.socketMode.deliveries.map(({ payload }) => payload.team_id);
  expect(new Set(envelopes)).toEqual(new Set([team, otherTeam]));
  expect(JSON.stringify(world.model.requests.at(-1)?.messages)).toContain("one");
});
