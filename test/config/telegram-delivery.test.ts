import { expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import type { Environment } from "../../src/config/variables.ts";
import { readConfig } from "../../src/config.ts";

const model = { OPENAI_API_KEY: "sk-12345678", OPENAI_MODEL: "small" };
const bot = { ...model, TELEGRAM_BOT_TOKEN: `123456789:${"A".repeat(35)}` };
const url = { TELEGRAM_WEBHOOK_URL: "https://parley.example.org/telegram" };
const secret = { TELEGRAM_WEBHOOK_SECRET: "0123456789_abcdef-ABCDEF" };

function webhookOf(environment: Environment) {
  const result = readConfig({ ...bot, ...environment }, "");
  return "config" in result ? result.config.telegram?.webhook : undefined;
}

function report(environment: Environment): string {
  const result = readConfig({ ...bot, ...environment }, "");
  return "problems" in result ? formatProblems(result.problems) : "";
}

test("an address and a secret mean webhook, and the secret is not shown", () => {
  const webhook = webhookOf({ ...url, ...secret });
  expect(webhook).toMatchObject({ url: url.TELEGRAM_WEBHOOK_URL });
  expect(webhook?.secret.reveal()).toBe(secret.TELEGRAM_WEBHOOK_SECRET);
  expect(JSON.stringify(webhook)).not.toContain("abcdef");
});

test("without an address it is polling, whether or not a secret is left over", () => {
  expect(webhookOf({})).toBeUndefined();
  expect(webhookOf(secret)).toBeUndefined();
  expect(report(secret)).toBe("");
});

test.each([{}, { TELEGRAM_WEBHOOK_SECRET: "" }])("an address without a secret is refused (%#)", (given) => {
  expect(report({ ...url, ...given })).toMatch(
    /one setting.*TELEGRAM_WEBHOOK_SECRET is missing: without it anybody/s,
  );
});

test.each([
  ["0123456789abcde", /is too short/],
  ["0123456789abcdef+", /has a character in it that Telegram does not take/],
  ["0123456789abcdef\n", /has a character in it/],
  ["a".repeat(257), /is too long/],
])("a secret that is none is refused without being shown (%#)", (value, reason) => {
  const shown = report({ ...url, TELEGRAM_WEBHOOK_SECRET: value });
  expect(shown).toMatch(reason);
  expect(shown).not.toContain(value);
});

test.each([
  ["http://parley.example.org/telegram", /INSECURE_HOSTS=parley.example.org/],
  ["https://169.254.169.254/telegram", /metadata/],
  ["https://user:pass@parley.example.org/telegram", /user name or password/],
  ["https://parley.example.org/telegram?a=b", /without \? and #/],
  ["https://parley.example.org/t%C3%A9l%C3%A9gram", /takes a path of/],
  ["https://parley.example.org/livez", /is ours already/],
  ["https://parley.example.org:3000/telegram", /it takes 443, 80, 88 or 8443/],
  ["parley.example.org/telegram", /begins with https/],
])("an address that cannot work is refused: %s", (address, reason) => {
  expect(report({ TELEGRAM_WEBHOOK_URL: address, ...secret })).toMatch(reason);
});

test.each([
  [{ TELEGRAM_WEBHOOK_URL: "https://parley.example.org" }],
  [{ TELEGRAM_WEBHOOK_URL: "https://parley.example.org:8443/a/b-c_d.e~f/" }],
  [{ TELEGRAM_WEBHOOK_URL: "http://127.0.0.1:3000/telegram", TELEGRAM_API_ROOT: "http://127.0.0.1:8081" }],
  [
    {
      TELEGRAM_WEBHOOK_URL: "http://gateway:3000/telegram",
      TELEGRAM_API_ROOT: "http://127.0.0.1:8081",
      INSECURE_HOSTS: "gateway",
    },
  ],
])("an address that can work is taken (%#)", (given) => {
  expect(webhookOf({ ...given, ...secret })?.url).toBe(given.TELEGRAM_WEBHOOK_URL);
});
