/** What `npm run check` says of proxies. */

import { expect, test } from "vitest";
import { startModelSimulator } from "../../simulator/model/index.ts";
import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import { createChatApi } from "../../src/adapters/openai/index.ts";
import { check } from "../../src/launch/check.ts";
import { toConfig } from "../world/config.ts";
import { startConnectProxy } from "../world/connect-proxy.ts";
import { OutgoingConnections } from "../world/outgoing.ts";
import { fastTiming } from "../world/timing.ts";

async function startParties() {
  await using stack = new AsyncDisposableStack();
  const telegram = stack.use(await startTelegramSimulator());
  const slack = stack.use(await startSlackSimulator());
  const model = stack.use(await startModelSimulator());
  const proxy = stack.use(await startConnectProxy());
  const owned = stack.move();
  const proxyUrl = proxy.url("ada:s3cret");
  const variables = {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_PROXY_URL: proxyUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
    SLACK_PROXY_URL: proxyUrl,
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: "small",
    OPENAI_PROXY_URL: proxyUrl,
  };
  const ports = [telegram.url, slack.url, model.url].map((url) => Number(new URL(url).port));
  return { proxy, variables, ports, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function report(variables: Readonly<Record<string, string>>): Promise<string> {
  const config = toConfig(variables);
  const endpoint = config.openai?.endpoints[0];
  if (endpoint === undefined) throw new Error("A model is set");
  await using chatApi = createChatApi({
    apiKey: "",
    baseUrl: endpoint.baseUrl,
    proxyUrl: endpoint.proxyUrl?.reveal(),
    firstTokenMs: 5_000,
    timing: { ...fastTiming, chatRetryMs: 100 },
  });
  const lines: string[] = [];
  await check(config, {
    chatApis: [chatApi],
    survey: async () => undefined,
    say: (line) => lines.push(line),
  });
  return lines.join("\n");
}

test("proxies that work are named, without their credentials, and everything is asked through them", async () => {
  await using parties = await startParties();
  using outgoing = new OutgoingConnections();
  const text = await report(parties.variables);
  const works = `the proxy 127.0.0.1:${parties.proxy.port} works.`;
  for (const party of ["Telegram", "Slack", "The model"]) expect(text).toContain(`✓ ${party}: ${works}`);
  expect(text).toMatch(/✓ Telegram: the bot is .*✓ Slack: the bot is .*✓ Slack: Socket Mode accepts/s);
  expect(text).not.toContain("s3cret");
  const beside = outgoing.ports(parties.proxy.outgoing);
  for (const port of parties.ports) expect(beside).not.toContain(port);
});

test.each([
  ["wants other credentials", 407, "the proxy did not accept the user name and password (HTTP 407)"],
  ["reaches nobody", 504, "the proxy found no way there (HTTP 504)"],
] as const)("a proxy that %s is blamed by name, not the party behind it", async (_what, mood, sentence) => {
  await using parties = await startParties();
  parties.proxy.mood = mood;
  const text = await report(parties.variables);
  expect(text).toContain(`✗ Telegram: ${sentence}. Check TELEGRAM_PROXY_URL.`);
  expect(text).toContain(`✗ Slack: ${sentence}. Check SLACK_PROXY_URL.`);
  expect(text).toContain(`(${sentence}). Check OPENAI_PROXY_URL.`);
  expect(text).not.toMatch(/cannot be reached|s3cret/);
});

test("a proxy that is not there is blamed by name, and a party's own refusal through a proxy is the party's", async () => {
  await using parties = await startParties();
  const refused = await report({ ...parties.variables, SLACK_BOT_TOKEN: "xoxb-wrong-token" });
  expect(refused).toMatch(/✗ Slack: SLACK_BOT_TOKEN is refused/);
  expect(refused).not.toContain("_PROXY_URL");
  await parties.proxy.die();
  const text = await report(parties.variables);
  for (const name of ["TELEGRAM", "SLACK", "OPENAI"])
    expect(text).toMatch(
      new RegExp(`the proxy cannot be reached \\(ECONNREFUSED\\)\\)?. Check ${name}_PROXY_URL`),
    );
});
