/** An installation in which every secret, every text and every name is a canary, and each party has a proxy. */

import { expect, vi } from "vitest";
import type { Answer } from "../../simulator/model/script.ts";
import type { Variables } from "../world/config.ts";
import { type ConnectProxy, startConnectProxy } from "../world/connect-proxy.ts";
import { patienceMs } from "../world/person.ts";
import { SlackPerson } from "../world/slack-person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import type { DeliveryWays } from "../world/ways-in.ts";
import { startWorld, type World } from "../world/world.ts";
import { canaries, leaksIn, recordPrinted } from "./canaries.ts";

/** Who is reached through a proxy. */
export type Party = "telegram" | "slack" | "model";

type Proxies = Readonly<Record<Party, ConnectProxy>>;

/** How a proxy fails: see {@link ConnectProxy.mood}; `away`: nobody listens. */
export type ProxyFailure = ConnectProxy["mood"] | "away";

/** A world and all that was said by it. */
export class CanaryWorld implements AsyncDisposable {
  readonly world: World;
  readonly #proxies: Proxies;
  readonly #printed: readonly string[];

  constructor(world: World, proxies: Proxies, printed: readonly string[]) {
    this.world = world;
    this.#proxies = proxies;
    this.#printed = printed;
  }

  /** Somebody new in a private chat on Telegram. */
  onTelegram(): TelegramPerson {
    const { telegram } = this.world;
    return new TelegramPerson(telegram, telegram.createUser({ firstName: canaries.name }));
  }

  /** Somebody new in a direct message on Slack. */
  onSlack(): SlackPerson {
    const { slack } = this.world;
    return new SlackPerson(slack, slack.createUser({ name: canaries.name }));
  }

  /** Somebody new in a group or a channel, on each platform. */
  inPublic(): readonly [TelegramPerson, SlackPerson] {
    const { telegram, slack } = this.world;
    const user = telegram.createUser({ firstName: canaries.name });
    const group = telegram.createGroup({ title: canaries.place, members: [user] });
    const member = slack.createUser({ name: canaries.name });
    const channel = slack.createChannel(`${canaries.place}-${slack.workspace.channels.size}`, [member]);
    return [new TelegramPerson(telegram, user, group), new SlackPerson(slack, member, channel)];
  }

  /** The ways through these proxies end, and new ones fail, until {@link mend}. */
  async breakProxies(parties: readonly Party[], how: ProxyFailure): Promise<void> {
    for (const proxy of parties.map((party) => this.#proxies[party])) {
      if (how === "away") await proxy.die();
      else proxy.mood = how;
      for (const socket of proxy.outgoing) socket.destroy();
    }
  }

  async mendProxies(parties: readonly Party[], how: ProxyFailure): Promise<void> {
    for (const proxy of parties.map((party) => this.#proxies[party])) {
      if (how === "away") await proxy.listen();
      proxy.mood = "open";
    }
  }

  /** How many lines there are by now. */
  get logged(): number {
    return this.world.log.length;
  }

  /** Resolves when a line that matches is logged, after the first `from`. */
  async hasLogged(what: RegExp, from = 0): Promise<void> {
    const isSo = () => this.world.log.slice(from).some((line) => what.test(line));
    await expect.poll(isSo, { timeout: patienceMs, message: String(what) }).toBe(true);
  }

  /** What there is to read after all this, the end of the service included: each of `events`, and never a canary. */
  async staysSecret(...events: readonly (string | RegExp)[]): Promise<void> {
    await this.world.isQuiet();
    await this.endsSecret(...events);
  }

  /** The same of a service that is ended while questions may still wait. */
  async endsSecret(...events: readonly (string | RegExp)[]): Promise<void> {
    const { world } = this;
    await world.service?.[Symbol.asyncDispose]();
    const log = world.log.join("");
    for (const event of events) expect(log).toMatch(event);
    expect(leaksIn([...world.log, ...this.#printed])).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    vi.restoreAllMocks();
    await this.world[Symbol.asyncDispose]();
    for (const proxy of Object.values(this.#proxies)) await proxy[Symbol.asyncDispose]();
  }
}

/** Starts a world whose service is connected. */
export async function startCanaryWorld(
  way: DeliveryWays,
  answer: Answer,
  variables: Variables = {},
): Promise<CanaryWorld> {
  const printed = recordPrinted();
  const proxies = {
    telegram: await startConnectProxy(),
    slack: await startConnectProxy(),
    model: await startConnectProxy(),
  };
  const login = `canary:${canaries.proxyPassword}`;
  const { telegramToken: token, slackBotToken: botToken, slackAppToken: appToken, signingSecret } = canaries;
  const world = await startWorld({
    ...way,
    telegram: { token },
    slack: { botToken, appToken, signingSecret },
    timing: {
      connectMs: 800,
      closedMs: 20,
      closedMaxMs: 20,
      callMs: 800,
      pollMs: 300,
      pollDeafMs: 1_000,
      chatRetryMs: 300,
      streamIdleMs: 1_500,
    },
    variables: {
      OPENAI_API_KEY: canaries.openAiKey,
      OPENAI_FIRST_TOKEN_TIMEOUT: "1000",
      SYSTEM_PROMPT: canaries.systemPrompt,
      TELEGRAM_PROXY_URL: proxies.telegram.url(login),
      SLACK_PROXY_URL: proxies.slack.url(login),
      OPENAI_PROXY_URL: proxies.model.url(login),
      ...(way.telegramBy === "webhook" ? { TELEGRAM_WEBHOOK_SECRET: canaries.webhookSecret } : {}),
      ...variables,
    },
  });
  world.model.answerWith(answer);
  return new CanaryWorld(world, proxies, printed);
}
