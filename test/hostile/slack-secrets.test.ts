/** Nothing leaks of what Slack refuses beside posts and edits: names, threads, answers to commands, installing. */

import { afterEach, expect, test, vi } from "vitest";
import { publicUrl, startInstallWorld } from "../slack/install-world.ts";
import { patienceMs, seesPart } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { canaries, leaksIn, recordPrinted } from "./canaries.ts";
import { startCanaryWorld } from "./canary-world.ts";
import { slackFaults } from "./slack-faults.ts";

const long = { timeout: 120_000 };
const answered = `${canaries.answer} of some words`;

afterEach(() => void vi.restoreAllMocks());

test.each(["users.info", "conversations.replies"])(
  "nothing leaks when Slack refuses or breaks off %s",
  long,
  async (method) => {
    await using canary = await startCanaryWorld({ telegramBy: "polling", slackBy: "socket" }, answered);
    const { slack } = canary.world;
    const begun = slackFaults.map((fault) => {
      const [, person] = canary.inPublic();
      const other = slack.createUser({ name: canaries.name });
      person.thread = slack.says(other, person.channel, canaries.question);
      const ofChannel = method === "conversations.replies" ? { channel: person.channel.id } : {};
      slack.faults.next(method, fault, ofChannel);
      slack.says(person.user, person.channel, `@parley ${canaries.question}`, { thread: person.thread });
      return person;
    });
    // Whom Slack does not know is nobody's guest, and is told so.
    for (const person of begun) await person.until(() => person.answers().length > 0, patienceMs);
    await canary.staysSecret(`Slack's ${method} failed`);
  },
);

test("nothing leaks when Slack refuses or breaks off the answer to a command", long, async () => {
  await using canary = await startCanaryWorld({ telegramBy: "polling", slackBy: "http" }, answered);
  const { slack } = canary.world;
  const person = canary.onSlack();
  const quoting = [canaries.slackBotToken, canaries.signingSecret.replaceAll("-", "_"), canaries.question];
  for (const code of quoting) slack.faults.next("response_url", { kind: "error", code });
  slack.faults.next("response_url", { kind: "reset" });
  for (let times = 0; times < 5; times += 1)
    await slack.runsCommand(person.user, person.channel, "/parley", "help");
  const toPerson = () => slack.workspace.messages.filter(({ ephemeralTo }) => ephemeralTo === person.user.id);
  await slack.until(() => toPerson().length >= 1, patienceMs);
  await canary.staysSecret();
});

test("nothing leaks when Slack refuses or breaks off an install", long, async () => {
  const printed = recordPrinted();
  const oauth = { clientSecret: "canary_client_secret_0123456789" };
  const options = { slack: { oauth }, timing: { callMs: 400 } };
  await using installing = await startInstallWorld(options);
  const { world } = installing;
  const team = world.slack.addTeam({ teamId: "T0SIMA" });
  const echo = { kind: "error", code: oauth.clientSecret } as const;
  const pages: string[] = [];
  for (const fault of [...slackFaults, echo]) {
    world.slack.faults.next("oauth.v2.access", fault);
    world.slack.oauth.visitors.push({ team });
    pages.push((await installing.visitor().visits(`${publicUrl}/slack/install`)).text);
  }
  expect(await installing.installs(team)).toContain("Installed.");
  const ann = new SlackPerson(team, team.createUser({ name: canaries.name }));
  ann.says(canaries.question);
  await seesPart(ann, "You said");
  await world.isQuiet();
  const everything = [...world.log, ...printed, ...pages];
  expect(leaksIn(everything)).toEqual([]);
  const answers = JSON.stringify(world.slack.callsOf("oauth.v2.access").map(({ answer }) => answer));
  const tokens = [...answers.matchAll(/xox[^"]+/g)].map(([token]) => token);
  expect(tokens.length).toBeGreaterThan(0);
  for (const token of tokens) expect(everything.join("")).not.toContain(token);
  expect(world.log.join("")).toContain("an installation was refused or failed");
});
