import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import { tokenKeyBytes } from "../../src/config/slack-access.ts";
import type { Environment } from "../../src/config/variables.ts";
import { readConfig } from "../../src/config.ts";

const model = { OPENAI_API_KEY: "sk-12345678", OPENAI_MODEL: "small", SLACK_APP_TOKEN: "xapp-1234567890" };
const aKey = () => randomBytes(32);
const key = aKey();
const installs = {
  SLACK_CLIENT_ID: "1234567890.0987654321",
  SLACK_CLIENT_SECRET: "0123456789abcdef0123456789abcdef",
  SLACK_TOKEN_KEY: key.toString("base64"),
  SLACK_PUBLIC_URL: "https://parley.example.com/",
};

function configOf(environment: Environment) {
  const result = readConfig({ ...model, ...environment }, "");
  if ("config" in result) return result.config;
  throw new Error(formatProblems(result.problems));
}

function report(environment: Environment): string {
  const result = readConfig({ ...model, ...environment }, "");
  return "problems" in result ? formatProblems(result.problems) : "";
}

test("a client id lets several workspaces install the app, whatever token is set", () => {
  const config = configOf({ ...installs, SLACK_BOT_TOKEN: "xoxb-1234567890" });
  expect(config.slack?.access).toMatchObject({
    kind: "installs",
    clientId: installs.SLACK_CLIENT_ID,
    publicUrl: "https://parley.example.com",
    teams: [],
  });
  expect(config.warnings.join()).toContain("SLACK_BOT_TOKEN is not used");
  const shown = JSON.stringify(config);
  for (const secret of [installs.SLACK_CLIENT_SECRET, installs.SLACK_TOKEN_KEY])
    expect(shown).not.toContain(secret);
});

test("without it one workspace is served by its token, and nothing is stored", () => {
  expect(configOf({ SLACK_BOT_TOKEN: "xoxb-1234567890" }).slack?.access).toMatchObject({ kind: "token" });
});

test.each(["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_TOKEN_KEY", "SLACK_PUBLIC_URL"] as const)(
  "without %s the report names it and nothing else",
  (name) => {
    const text = report({ ...installs, [name]: "" });
    expect(text).toMatch(new RegExp(`one setting[^]*${name} is missing`));
  },
);

test("keys are read from base64 and hex, the newest first", () => {
  const [hex, older] = [aKey(), aKey()];
  const old = `${hex.toString("hex")}, ${older.toString("base64")}`;
  const { slack } = configOf({ ...installs, SLACK_TOKEN_KEY_OLD: old });
  if (slack?.access.kind !== "installs") throw new Error("not installs");
  expect(tokenKeyBytes(slack.access.tokenKeys)).toEqual([key, hex, older]);
});

test.each([
  ["a passphrase", "correct horse battery staple", "32 random bytes"],
  ["a short key", randomBytes(16).toString("base64"), "32 random bytes"],
  ["a long key", randomBytes(48).toString("base64"), "32 random bytes"],
  ["the documentation's example", "the-output-of-openssl-rand-base64-32", "32 random bytes"],
  ["zeros", Buffer.alloc(32).toString("base64"), "not random"],
  [
    "a passphrase in base64",
    Buffer.from("correct horse battery staple....").toString("base64"),
    "not random",
  ],
  ["counted bytes", Buffer.from(Array.from({ length: 32 }, (_, i) => 200 + i)).toString("hex"), "not random"],
  ["bytes that repeat", Buffer.alloc(32, randomBytes(8)).toString("base64"), "not random"],
])("%s is refused as a key, and not shown", (_, value, why) => {
  const text = report({ ...installs, SLACK_TOKEN_KEY: value });
  expect(text).toMatch(new RegExp(`SLACK_TOKEN_KEY .*${why}`));
  expect(text.replace(/example: .*/, "")).not.toContain(value);
});

test("chance is taken for chance", () => {
  for (let tries = 0; tries < 2_000; tries += 1)
    expect(report({ ...installs, SLACK_TOKEN_KEY: randomBytes(32).toString("base64") })).toBe("");
});

test("installs over plain http are refused but on this machine", () => {
  expect(report({ ...installs, SLACK_PUBLIC_URL: "http://parley.example.com" })).toContain("unencrypted");
  expect(report({ ...installs, SLACK_PUBLIC_URL: "http://localhost:3000" })).toBe("");
});

test("only ids of workspaces may say who installs the app", () => {
  expect(configOf({ ...installs, SLACK_INSTALL_TEAMS: "T0123, T0456" }).slack?.access).toMatchObject({
    teams: ["T0123", "T0456"],
  });
  expect(report({ ...installs, SLACK_INSTALL_TEAMS: "acme" })).toContain("ids of workspaces");
});
