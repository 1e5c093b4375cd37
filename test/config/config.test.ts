import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { formatProblems, type Problem, withModels } from "../../src/config/problems.ts";
import { factsOf, settingNames } from "../../src/config/settings.ts";
import type { Environment } from "../../src/config/variables.ts";
import { type Config, type ReadOptions, readConfig } from "../../src/config.ts";

const telegramToken = `123456789:${"A".repeat(35)}`;
const served = { TELEGRAM_BOT_TOKEN: telegramToken, OPENAI_API_KEY: "sk-12345678", OPENAI_MODEL: "small" };

const aKey = () => randomBytes(32).toString("base64");

function read(environment: Environment, dotenv = "", options: ReadOptions = {}): Config {
  const result = readConfig(environment, dotenv, options);
  if ("config" in result) return result.config;
  throw new Error(formatProblems(result.problems));
}

function problems(environment: Environment, dotenv = "", options: ReadOptions = {}): readonly Problem[] {
  const result = readConfig(environment, dotenv, options);
  return "problems" in result ? result.problems : [];
}

test("with nothing set there is no platform, no model and every default", () => {
  expect(read({ PATH: "/bin", OPENAI_LOG: "debug" })).toMatchObject({
    role: "all",
    telegram: undefined,
    slack: undefined,
    openai: undefined,
    context: { tokens: 16_000 },
    redis: { url: undefined, acceptUnsafe: false },
    historyDays: 30,
    lateAfterMs: 600_000,
    listen: { host: "127.0.0.1", port: 3000 },
    concurrency: 500,
    shutdownGraceMs: 8_000,
    logLevel: "info",
    warnings: [],
  });
});

test("both platforms and the model are read with their addresses and rates", () => {
  const config = read({
    ...served,
    TELEGRAM_API_ROOT: "http://127.0.0.1:8081/",
    SLACK_BOT_TOKEN: "xoxb-1234567890",
    SLACK_APP_TOKEN: "xapp-1234567890",
    SLACK_DM: "flat",
    SLACK_RATE_POST: "off",
    OPENAI_BASE_URL: "http://localhost:11434/v1/",
  });
  expect(config.telegram).toMatchObject({
    apiRoot: "http://127.0.0.1:8081",
    rates: {
      global: { intervalMs: 35.8, burst: 3, reserve: 1 },
      chat: { intervalMs: 1_000, burst: 3, reserve: 1 },
      group: { intervalMs: 3_157.9, burst: 2, reserve: 1 },
    },
  });
  expect(config.slack).toMatchObject({
    apiUrl: "https://slack.com/api/",
    dm: "flat",
    threads: "threads",
    rates: { post: { intervalMs: 0 } },
  });
  expect(config.openai).toMatchObject({
    model: "small",
    firstTokenTimeoutMs: 600_000,
    endpoints: [
      {
        baseUrl: "http://localhost:11434/v1",
        models: undefined,
        caps: {
          requestsPerMinute: undefined,
          tokensPerMinute: undefined,
          requestsPerDay: undefined,
          tokensPerDay: undefined,
        },
      },
    ],
  });
  expect(config.telegram?.botToken.reveal()).toBe(telegramToken);
});

test("a few calls a second keep their pace, and three may go at once", () => {
  const config = read({ ...served, TELEGRAM_RATE_CHAT: "1/s" });
  expect(config.telegram?.rates.chat).toEqual({ intervalMs: 1_000, burst: 3, reserve: 1 });
});

test.each(["30/s", "20/min", "45/min", "7/min", "600/min"])(
  "no window of the rate %s holds more calls than it says",
  (rate) => {
    const config = read({ ...served, TELEGRAM_RATE_GROUP: rate });
    const { intervalMs, burst } = config.telegram?.rates.group ?? { intervalMs: 0, burst: 0 };
    const [calls, unit] = rate.split("/");
    const windowMs = unit === "s" ? 1_000 : 60_000;
    // A GCRA that is full admits its burst at once and one call per interval after that.
    const admitted = burst + Math.ceil(windowMs / intervalMs) - 1;
    expect(admitted).toBeLessThanOrEqual(Number(calls));
    expect(admitted).toBeGreaterThanOrEqual(Number(calls) - 1);
  },
);

test("the environment wins over .env, and an empty variable counts as unset", () => {
  const dotenv =
    'PORT=4000\nROLE=all\nSYSTEM_PROMPT="two\nlines = fine"\n# a comment\nexport LOG_LEVEL=warn\n';
  const config = read({ PORT: "5000", LOG_LEVEL: "" }, dotenv);
  expect(config).toMatchObject({ role: "all", listen: { port: 5000 }, logLevel: "warn" });
  expect(config.context.systemPrompt).toBe("two\nlines = fine");
});

test("secrets show nowhere that a configuration is printed", () => {
  const config = read({ ...served, REDIS_URL: "redis://:hunter22@127.0.0.1" });
  expect(inspect(config.telegram?.botToken)).toBe("[secret]");
  expect(JSON.stringify(config.telegram?.botToken)).toBe('"[secret]"');
  const printed = `${inspect(config, { depth: 9, showHidden: true })}${JSON.stringify(config)}${config.telegram?.botToken}`;
  expect(printed).not.toMatch(/AAAA|sk-1234|hunter22/);
});

test("a configuration cannot be changed", () => {
  const config = read(served);
  expect(() => Object.assign(config.telegram?.rates.chat ?? {}, { burst: 99 })).toThrow(TypeError);
});

test("all problems stand in one report, each with its name, what was found and an example", () => {
  const report = formatProblems(
    problems(
      {
        ...served,
        SHUTDOWN_GRACE_MS: "30s",
        PORT: "-1",
        CONTEXT_TOKENS: "NaN",
        SLACK_DM: "x",
        SLACK_TOKEN: "y",
      },
      "OPENAI_MODL=z\nnot a setting\n",
    ),
  );
  expect(report).toMatchInlineSnapshot(`
    "Parley cannot start: 9 settings need attention.

      .env, line 2, is not of the form NAME=value, so nothing reads it.

      OPENAI_MODL is not a setting of Parley. Nearest: OPENAI_MODEL.

      SLACK_TOKEN is not a setting of Parley. Nearest: SLACK_BOT_TOKEN.

      SLACK_DM takes one of: threads, flat.
        got:     "x"
        example: SLACK_DM=flat

      CONTEXT_TOKENS takes tokens as a whole number from 100 to 10000000.
        got:     "NaN"
        example: CONTEXT_TOKENS=32000

      PORT takes a port as a whole number from 0 to 65535.
        got:     "-1"
        example: PORT=8080

      SHUTDOWN_GRACE_MS takes milliseconds as a whole number from 0 to 600000. That is 30000.
        got:     "30s"
        example: SHUTDOWN_GRACE_MS=8000

      SLACK_BOT_TOKEN is missing, and SLACK_DM is set.
        example: SLACK_BOT_TOKEN=xoxb-your-bot-token

      SLACK_APP_TOKEN is missing, and SLACK_DM is set. It means Socket Mode; for HTTP set SLACK_SIGNING_SECRET instead.
        example: SLACK_APP_TOKEN=xapp-your-app-level-token

    All settings: docs/configuration.md"
  `);
});

test.each([
  ["TELEGRAM_BOT_TOKEN", `${telegramToken}\n`, "has a line break"],
  ["TELEGRAM_BOT_TOKEN", `"${telegramToken}"`, "has quotation marks"],
  ["TELEGRAM_BOT_TOKEN", "xoxb-1234567890", "looks like a Slack bot token"],
  ["TELEGRAM_BOT_TOKEN", "123456789:AAAA", "is not a Telegram bot token"],
  ["SLACK_BOT_TOKEN", "xapp-1234567890", "looks like a Slack app token"],
  ["SLACK_BOT_TOKEN", telegramToken, "looks like a Telegram bot token"],
  ["SLACK_APP_TOKEN", "xoxb-1234567890", "looks like a Slack bot token"],
  ["OPENAI_API_KEY", "sk-12345678 ", "has a space"],
  ["OPENAI_API_KEY", "sk-1234567…", "has a character in it"],
  ["OPENAI_API_KEY", telegramToken, "looks like a Telegram bot token"],
  ["OPENAI_MODEL", "sk-12345678", "holds what looks like a secret"],
  ["SYSTEM_PROMT", `say ${telegramToken}`, "Nearest: SYSTEM_PROMPT"],
  ["REDIS_URL", "http://:hunter22@host", "takes redis://"],
  ["TELEGRAM_API_ROOT", "https://me:hunter22@host", "must not hold a user name"],
])("a bad %s is refused without showing it (%#)", (name, value, message) => {
  const dotenv = name === "SYSTEM_PROMT" ? `SYSTEM_PROMT="${value}"` : "";
  const found = problems({ ...served, [name]: value }, dotenv).filter((problem) => problem.name === name);
  const report = formatProblems(found);
  expect(report).toContain(message);
  expect(report).not.toMatch(/AAAA|1234567890|hunter22|sk-1234/);
});

test.each([
  ["http://models.example/v1", "unencrypted"],
  ["http://ollama:11434/v1", "INSECURE_HOSTS=ollama"],
  ["https://169.254.169.254/v1", "metadata"],
  ["http://2852039166/v1", "metadata"],
  ["http://[::ffff:169.254.169.254]/", "metadata"],
  ["https://metadata.google.internal./", "metadata"],
  ["http://localhost.example/v1", "unencrypted"],
  ["http://127.0.0.1.example/v1", "unencrypted"],
  ["ftp://127.0.0.1", "begins with https://"],
  ["models.example", "begins with https://"],
])("the model's address %s is refused", (address, message) => {
  expect(formatProblems(problems({ ...served, OPENAI_BASE_URL: address }))).toContain(message);
});

test.each([
  ["https://models.example/v1", undefined],
  ["http://127.0.0.1:1/v1", undefined],
  ["http://[::1]:1/v1", undefined],
  ["http://ollama:11434/v1", "other, Ollama"],
  ["http://169.254.169.254/v1", "169.254.169.254"],
])("the model's address %s is accepted with INSECURE_HOSTS=%s", (address, hosts) => {
  expect(problems({ ...served, OPENAI_BASE_URL: address, INSECURE_HOSTS: hosts })).toEqual([]);
});

test.each(["https://slack.com/api", "https://slack.com/"])(
  "SLACK_API_URL=%s is refused: it ends in /api/",
  (url) => {
    expect(formatProblems(problems({ ...served, SLACK_API_URL: url }))).toContain("ends in /api/");
  },
);

test("a process that shares Redis refuses to start without its address", () => {
  const found = problems({ ...served, ROLE: "worker" });
  expect(found.map(({ name }) => name)).toEqual(["REDIS_URL"]);
  expect(problems({ ROLE: "gateway", REDIS_URL: "redis://r" }).map(({ name }) => name)).toEqual(["ROLE"]);
});

test("a gateway needs no model, and the playground only with --model", () => {
  const gateway = { TELEGRAM_BOT_TOKEN: telegramToken, ROLE: "gateway", REDIS_URL: "/run/redis.sock" };
  expect(read(gateway).openai).toBeUndefined();
  expect(problems({}, "", { model: true }).map(({ name }) => name)).toEqual([
    "OPENAI_API_KEY",
    "OPENAI_MODEL",
  ]);
  expect(
    read({ OPENAI_BASE_URL: "http://[::1]/v1", OPENAI_MODEL: "m" }, "", { model: true }).openai,
  ).toMatchObject({
    endpoints: [{ apiKey: undefined }],
    model: "m",
  });
});

test("a missing model comes with the first 20 that the server offers", async () => {
  const result = readConfig(
    { TELEGRAM_BOT_TOKEN: telegramToken, OPENAI_BASE_URL: "http://127.0.0.1/v1" },
    "",
  );
  if ("config" in result) throw new Error("OPENAI_MODEL was not missed");
  expect(result.access).toMatchObject({ baseUrl: "http://127.0.0.1/v1", apiKey: undefined });
  const models = Array.from({ length: 23 }, (_, index) => `model-${index}`);
  const report = formatProblems(await withModels(result.problems, async () => models));
  expect(report).toContain(
    "OPENAI_MODEL is missing; it has no default. The server offers, among others:\n      model-0\n",
  );
  expect(report).toContain("model-19");
  expect(report).not.toContain("model-20");
});

test("a server that lists no models is reported beside the missing model, without its secrets", async () => {
  const missing = problems({ ...served, OPENAI_MODEL: "" });
  const refused = await withModels(missing, () => Promise.reject(new Error("401 wrong key")));
  expect(formatProblems(refused)).toContain("could not be asked for its models: 401 wrong key");
  const leaking = await withModels(missing, () => Promise.reject(new Error("wrong key sk-12345678")));
  expect(formatProblems(leaking)).not.toContain("sk-12345678");
});

test("an address that would give the key away is not asked for its models", () => {
  expect(
    readConfig({ ...served, OPENAI_MODEL: "", OPENAI_BASE_URL: "http://evil.example" }, ""),
  ).toMatchObject({
    access: undefined,
  });
});

test("what is allowed but risky is said in warnings", () => {
  const config = read({ ...served, LOG_LEVEL: "DEBUG", REDIS_URL: "redis://redis.example.com" });
  expect(config.warnings).toHaveLength(2);
  expect(read({ ...served, REDIS_URL: "redis://redis:6379" }).warnings).toEqual([]);
});

test("the example of every setting is right", () => {
  const examples = Object.fromEntries(settingNames.map((name) => [name, factsOf(name).example]));
  // Random, or it would be no key; whoever copies the example is told so.
  const key = { SLACK_TOKEN_KEY: aKey(), SLACK_TOKEN_KEY_OLD: `${aKey()}, ${aKey()}` };
  // A server on this machine has no proxy before it.
  expect(
    problems({ ...examples, ...key, TELEGRAM_PROXY_URL: "", OPENAI_BASE_URL: "https://models.example/v1" }),
  ).toEqual([]);
});
