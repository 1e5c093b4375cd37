/** What holds no secret however deeply one looks into it: the errors of Slack's SDK as they leave the adapter, and those of Redis. */

import { inspect } from "node:util";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterEach, expect, test, vi } from "vitest";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import { startService } from "../../src/service.ts";
import { startSlackWorld } from "../slack/slack-world.ts";
import { commonVariables, toConfig } from "../world/config.ts";
import { patienceMs } from "../world/person.ts";
import { startTestProxy } from "../world/proxy.ts";
import { startTestRedis } from "../world/redis.ts";
import { fastTiming } from "../world/timing.ts";
import { canaries, leaksIn, recordPrinted } from "./canaries.ts";
import { slackFaults } from "./slack-faults.ts";

afterEach(() => void vi.restoreAllMocks());

test("no error that leaves Slack's adapter holds tokens or texts, however deeply one looks", async () => {
  const printed = recordPrinted();
  const { slackBotToken: botToken, slackAppToken: appToken, question } = canaries;
  await using world = await startSlackWorld({ simulator: { botToken, appToken }, timing: { callMs: 400 } });
  const { slack, parts } = world;
  await world.connect();
  const dm = slack.createDm(slack.createUser({ name: canaries.name }));
  const address = { platform: "slack", scope: slack.teamId, chat: dm.id };
  const target = { address, place: "private", question: "1.000001" } as const;
  const post = { index: 0, token: "t" };
  const causes: string[] = [];
  for (const fault of slackFaults) {
    slack.faults.next("chat.postMessage", fault);
    const page = { fingerprint: "", plain: question, body: null };
    const outcome = await parts.platform.post(target, page, post, new AbortController().signal);
    const seen = inspect(outcome, { depth: 20, showHidden: true });
    // Where the code stands is no secret, whatever its folders are called.
    if (outcome.kind !== "done") causes.push(seen.replaceAll(/^.*\bat .*:\d+:\d+.*$/gm, ""));
  }
  expect(causes).toHaveLength(slackFaults.length);
  expect(leaksIn([...causes, ...world.log, ...printed])).toEqual([]);
});

test.each([canaries.redisPassword, "canary-that-is-wrong"])(
  "Redis' password does not leak (%#)",
  async (password) => {
    const printed = recordPrinted();
    await using redis = await startTestRedis();
    const control = new Redis(redis.socket);
    await control.config("SET", "requirepass", canaries.redisPassword);
    control.disconnect();
    await using proxy = await startTestProxy(redis.socket);
    await using telegram = await startTelegramSimulator();
    const log: string[] = [];
    const address = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      ALLOW: "telegram:*",
    };
    const redisUrl = proxy.url.replace("//", `//:${password}@`);
    const service = await startService({
      config: toConfig({ ...commonVariables, ...address, REDIS_URL: redisUrl, ROLE: "gateway" }),
      redisUrl,
      timing: fastTiming,
      log: pino({ level: "trace" }, { write: (line: string) => void log.push(line) }),
      onGone: () => undefined,
    });
    const isRight = password === canaries.redisPassword;
    if (isRight) await telegram.until(() => telegram.polled);
    proxy.reset();
    await expect.poll(() => log.join(""), { timeout: patienceMs }).toMatch(isRight ? /Redis/ : /WRONGPASS/);
    await service[Symbol.asyncDispose]();
    expect(leaksIn([...log, ...printed])).toEqual([]);
  },
);
