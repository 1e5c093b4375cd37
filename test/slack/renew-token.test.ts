import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { createSlackClient } from "../../src/adapters/slack/client.ts";
import { parseCredentials, toStoredCredentials } from "../../src/adapters/slack/credentials.ts";
import { renewToken } from "../../src/adapters/slack/renew-token.ts";
import { openTestQueue, shrunk } from "../queue/open-test-queue.ts";
import { startTestRedis } from "../world/redis.ts";

const place = { platform: "slack", scope: "T0SIMA" };

/** Two processes that hold the same installation, whose token ends within the hour. */
async function startTwo() {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startTestRedis());
  const slack = stack.use(await startSlackSimulator({ rates: "off" }));
  const team = slack.addTeam({ teamId: place.scope });
  const { clientId, clientSecret } = slack.oauth;
  const key = randomBytes(32);
  const processes = [1, 2].map(() => {
    const queue = stack.use(openTestQueue(redis.url));
    const installations = stack.use(queue.openInstallations([key]));
    const waits = { callMs: 2_000, keepAliveMs: 4_000 };
    const client = stack.use(createSlackClient({ botToken: undefined, apiUrl: slack.url, ...waits }));
    const { inbox } = queue;
    const events = { conceal: () => undefined };
    const timing = { ...shrunk, callMs: 2_000 };
    return { client, installations, inbox, events, timing, clientId, clientSecret };
  });
  const [one, two] = processes;
  if (one === undefined || two === undefined) throw new Error("There are two");
  slack.oauth.tokenSeconds = 3_600;
  const granted = slack.oauth.grants(team, ["chat:write"]);
  slack.oauth.tokenSeconds = 43_200;
  const identity = { v: 1, teamId: team.teamId, botUserId: team.botUserId, botId: "B1" } as const;
  const { access_token: botToken, refresh_token: refreshToken = "" } = granted;
  const tokens = { botToken, refreshToken, expiresAtMs: Date.now() + 3_600_000 };
  await one.installations.save(place, toStoredCredentials({ ...identity, ...tokens }));
  const stored = async () => parseCredentials((await two.installations.find(place))?.credentials ?? "");
  const moved = stack.move();
  return { slack, team, one, two, botToken, stored, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

test("two processes that find the same token ending renew it once", async () => {
  await using two = await startTwo();
  await Promise.all([renewToken(two.one, place), renewToken(two.two, place)]);
  expect(two.slack.callsOf("oauth.v2.access")).toHaveLength(1);
  const { botToken, expiresAtMs = 0 } = await two.stored();
  expect(two.team.grants.get(botToken)).toBeDefined();
  expect(botToken).not.toBe(two.botToken);
  expect(expiresAtMs - Date.now()).toBeGreaterThan(43_000_000);
});

test.for([
  ["refuses", { kind: "error", code: "invalid_refresh_token" }],
  ["breaks off", { kind: "reset" }],
] as const)("where Slack %s, the token that is there stays and can be renewed later", async ([, fault]) => {
  await using two = await startTwo();
  two.slack.faults.next("oauth.v2.access", fault);
  await expect(renewToken(two.one, place)).rejects.toMatchObject({ name: "PlatformError" });
  expect((await two.stored()).botToken).toBe(two.botToken);
  await renewToken(two.two, place);
  expect((await two.stored()).botToken).not.toBe(two.botToken);
});

test("a workspace that installs the app again meanwhile keeps its newer token", async () => {
  await using two = await startTwo();
  const released = Promise.withResolvers<void>();
  two.slack.faults.next("oauth.v2.access", { kind: "held", until: released.promise });
  const renewing = renewToken(two.one, place);
  await two.slack.until(() => two.slack.callsOf("oauth.v2.access").length === 1);
  const again = { ...(await two.stored()), botToken: "xoxb-installed-again" };
  await two.two.installations.save(place, toStoredCredentials(again));
  released.resolve();
  await renewing;
  expect((await two.stored()).botToken).toBe("xoxb-installed-again");
});
