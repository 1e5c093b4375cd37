/** A world in which people install the Slack app in workspaces of their own. */

import { randomBytes } from "node:crypto";
import { expect, vi } from "vitest";
import type { Team } from "../../simulator/slack/team.ts";
import type { Service } from "../../src/service.ts";
import { watchLeaks } from "../world/leaks.ts";
import { ProcessPool } from "../world/processes.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { Visitor } from "../world/visitor.ts";
import { startWorld, type World, type WorldOptions } from "../world/world.ts";

/** Where people find the service; what is in front of it leads to the gateway. */
export const publicUrl = "https://parley.test";

/** What the operator sets beside the usual. */
function installVariables({ slack }: Pick<World, "slack">, tokenKey: string) {
  return {
    // Every workspace installs the app: there is no token to be set.
    SLACK_BOT_TOKEN: "",
    SLACK_CLIENT_ID: slack.oauth.clientId,
    SLACK_CLIENT_SECRET: slack.oauth.clientSecret,
    SLACK_TOKEN_KEY: tokenKey,
    SLACK_PUBLIC_URL: publicUrl,
  };
}

/** A running service that workspaces can install. */
export interface InstallWorld extends AsyncDisposable {
  readonly world: World;
  readonly gateway: Service;
  readonly tokenKey: string;
  /** A browser. */
  visitor(): Visitor;
  /** Somebody installs the app in `team`. @returns the page they see at last */
  installs(team: Team): Promise<string>;
  /** Somebody in a direct message with the bot. */
  person(team: Team, name?: string): SlackPerson;
}

/** Starts a gateway and a worker, two services as in two processes, and nobody has installed anything. */
export async function startInstallWorld(options: WorldOptions = {}): Promise<InstallWorld> {
  const checkLeaks = watchLeaks();
  const world = await startWorld({ platforms: ["slack"], processes: new ProcessPool(0), ...options });
  const tokenKey = randomBytes(32).toString("base64");
  const variables = installVariables(world, tokenKey);
  await world.startInside({ ...variables, ROLE: "worker" });
  const gateway = await world.startInside({ ...variables, ROLE: "gateway" });
  await world.isConnected();
  const hosts = new Map([[publicUrl, `http://127.0.0.1:${gateway.port}`]]);
  return {
    world,
    gateway,
    tokenKey,
    visitor: () => new Visitor(hosts),
    installs: async (team) => {
      world.slack.oauth.visitors.push({ team });
      const { text } = await new Visitor(hosts).visits(`${publicUrl}/slack/install`);
      return text;
    },
    person: (team, name = "Ann") => new SlackPerson(team, team.createUser({ name })),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await checkLeaks();
    },
  };
}

/** Two workspaces in which ids begin anew, so that channels and people have the same ones. */
export function twoTeams({ world }: InstallWorld): readonly [Team, Team] {
  return [world.slack.addTeam({ teamId: "T0SIMA" }), world.slack.addTeam({ teamId: "T0SIMB" })];
}

/** Everything in Redis, names and values. */
export async function dump({ control }: World): Promise<string> {
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => control.get(key),
    hash: (key) => control.hgetall(key),
    list: (key) => control.lrange(key, 0, -1),
    set: (key) => control.smembers(key),
    zset: (key) => control.zrange(key, 0, "-1"),
    stream: (key) => control.xrange(key, "-", "+"),
  };
  const values = (await control.keys("*")).map(async (key) => [
    key,
    await read[await control.type(key)]?.(key),
  ]);
  return JSON.stringify(await Promise.all(values));
}

/** Resolves when a line of the log holds `words`. */
export const isLogged = (world: World, words: string) =>
  vi.waitFor(() => expect(world.log.join("\n").includes(words)).toBe(true), {
    timeout: 30_000,
    interval: 10,
  });

/** Everything that Slack has told is acknowledged. */
export const isAcked = (world: World) =>
  world.slack.until(() => world.slack.deliveries.every(({ ackedAtMs }) => ackedAtMs !== undefined));

/** The calls made with a token of `team`. */
export const callsWith = (world: World, team: Team) =>
  world.slack.calls.filter(({ teamId }) => teamId === team.teamId);
