/**
 * Two hundred conversations, each with a word of its own: no word reaches the model, or a person, in another one. Slack's
 * workspaces share every id that they can: people, channels, the ts of roots and of messages.
 */

import { expect, test } from "vitest";
import type { Team } from "../../simulator/slack/team.ts";
import type { SlackChannel, SlackUser } from "../../simulator/slack/workspace.ts";
import { startInstallWorld } from "../slack/install-world.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import type { World } from "../world/world.ts";

/** One conversation with the bot. */
interface Talk {
  readonly name: string;
  /** The word is said in it, to the bot or before it. */
  plants(word: string): void;
  asks(question: string): void;
  answers(): readonly string[];
}

/** The ts of the n-th message of every channel. */
const tsOf = (() => {
  const seconds = Math.floor(Date.now() / 1_000) - 10;
  return (number: number) => `${seconds}.${String(number).padStart(6, "0")}`;
})();

const word = (number: number) => `canary-${String(number).padStart(4, "0")}`;
const wordsIn = (text: string) => [...new Set(text.match(/canary-\d{4}/g))];

/** Threads of people who talk to the bot in private: `inEach` in every one of `count` direct messages. */
function directMessages(team: Team, count: number, inEach: number): Talk[] {
  return Array.from({ length: count }, (_, number) => {
    const user = team.workspace.addUser({ id: `U0DM${number}`, name: "Ann" });
    const members = [user.id, team.botUserId];
    const dm = team.workspace.addChannel({ id: `D0DM${number}`, name: user.id, kind: "im", members });
    return Array.from({ length: inEach }, (_thread, thread) => {
      const person = new SlackPerson(team, user, dm);
      return {
        name: `${team.teamId} direct message ${number} thread ${thread}`,
        plants: (said: string) => person.says(`remember ${said}`, tsOf(thread)),
        asks: (question: string) => person.says(question, tsOf(100 + thread)),
        answers: () => person.answers(),
      };
    });
  }).flat();
}

/** Three threads in each channel: asked from the start, heard of in between, and only read afterwards. */
function channels(team: Team, count: number): Talk[] {
  return Array.from({ length: count }, (_, number) => {
    const ann = team.workspace.addUser({ id: `U0ANN${number}`, name: "Ann" });
    const bob = team.workspace.addUser({ id: `U0BOB${number}`, name: "Bob" });
    const channel = team.workspace.addChannel({
      id: `C0CHANNEL${number}`,
      name: "general",
      kind: "channel",
      members: [ann.id, bob.id, team.botUserId],
    });
    const name = `${team.teamId} channel ${number}`;
    return [asked(team, ann, channel), overheard(team, ann, bob, channel), past(team, ann, bob, channel)].map(
      (talk, thread) => ({ ...talk, name: `${name} thread ${thread}` }),
    );
  }).flat();
}

function asked(team: Team, ann: SlackUser, channel: SlackChannel): Omit<Talk, "name"> {
  const person = new SlackPerson(team, ann, channel);
  return {
    plants: (said) => person.says(`remember ${said}`, tsOf(0)),
    asks: (question) => person.says(`@parley ${question}`, tsOf(100)),
    answers: () => person.answers(),
  };
}

/** The word is said to somebody else in a thread in which the bot takes part. */
function overheard(team: Team, ann: SlackUser, bob: SlackUser, channel: SlackChannel): Omit<Talk, "name"> {
  const person = new SlackPerson(team, ann, channel);
  person.says("hello", tsOf(1));
  return {
    plants: (said) =>
      team.says(bob, channel, `<@${ann.id}> ${said}`, {
        raw: true,
        ts: tsOf(50),
        thread: person.thread ?? "",
      }),
    asks: (question) => person.says(`@parley ${question}`, tsOf(101)),
    answers: () => person.answers(),
  };
}

/** The word is said before the bot is called to the thread. */
function past(team: Team, ann: SlackUser, bob: SlackUser, channel: SlackChannel): Omit<Talk, "name"> {
  const person = new SlackPerson(team, ann, channel);
  return {
    plants: (said) => {
      person.thread = team.says(bob, channel, `I say ${said}`, { ts: tsOf(2) });
    },
    asks: (question) => person.says(`@parley ${question}`, tsOf(102)),
    answers: () => person.answers(),
  };
}

function ofTelegram({ telegram }: World, privates: number, groups: number, forums: number): Talk[] {
  const user = (name: string) => telegram.createUser({ firstName: name });
  const talks: Talk[] = [];
  const add = (name: string, person: TelegramPerson) =>
    talks.push({
      name: `Telegram ${name}`,
      plants: (said) => person.says(`remember ${said}`),
      asks: (question) => person.says(question),
      answers: () => person.answers(),
    });
  for (let number = 0; number < privates; number += 1) {
    add(`private chat ${number}`, new TelegramPerson(telegram, user("Ann")));
  }
  for (let number = 0; number < groups + forums; number += 1) {
    const ann = user("Ann");
    const isForum = number >= groups;
    const group = telegram.createGroup({ title: "Friends", members: [ann], isForum });
    const topics = isForum ? [1_001, 1_002] : [undefined];
    for (const topic of topics) {
      add(`group ${number} topic ${topic}`, new TelegramPerson(telegram, ann, group, topic));
    }
  }
  return talks;
}

/** What everybody has said is written, and answered as far as it is to be. */
async function isOver(world: World): Promise<void> {
  await world.slack.until(() => world.slack.deliveries.every(({ ackedAtMs }) => ackedAtMs !== undefined));
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await world.isQuiet();
}

test("of two hundred conversations none knows a word of another", { timeout: 120_000 }, async () => {
  await using installed = await startInstallWorld({ platforms: ["telegram", "slack"] });
  const { world } = installed;
  const teams = [world.slack, world.slack.addTeam({ teamId: "T0OTHERS" })];
  for (const team of teams) await installed.installs(team);
  world.model.answerWith(({ messages }) => `I know ${wordsIn(JSON.stringify(messages)).join(" and ")}.`);

  const talks = [
    ...teams.flatMap((team) => [...directMessages(team, 12, 2), ...channels(team, 12)]),
    ...ofTelegram(world, 40, 20, 10),
  ];
  expect(talks).toHaveLength(200);
  await isOver(world);
  for (const [number, talk] of talks.entries()) talk.plants(word(number));
  await isOver(world);
  // Half of them find what the other half has left.
  for (const half of [0, 1]) {
    for (const [number, talk] of talks.entries()) if (number % 2 === half) talk.asks("What do you know?");
    await isOver(world);
  }

  const known = new Map(talks.map((talk) => [talk.name, talk.answers().at(-1)]));
  expect(known).toEqual(new Map(talks.map(({ name }, number) => [name, `I know ${word(number)}.`])));
  const told = world.model.requests.map(({ messages }) => wordsIn(JSON.stringify(messages)));
  expect(told.filter((words) => words.length > 1)).toEqual([]);
  expect(new Set(told.flat()).size).toBe(200);
});
