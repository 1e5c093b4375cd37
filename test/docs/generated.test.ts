import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationDocument, exampleEnvironment } from "../../src/config/document.ts";
import { readConfig } from "../../src/config.ts";
import { commandsDocument } from "../../src/core/commands/document.ts";

function fileText(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
}

test("docs/configuration.md, .env.example and docs/commands.md are what npm run docs writes", () => {
  expect(fileText("docs/commands.md")).toBe(commandsDocument());
  expect(fileText("docs/configuration.md")).toBe(configurationDocument());
  expect(fileText(".env.example")).toBe(exampleEnvironment());
});

test(".env.example holds only names that Parley knows, and copied as it is changes nothing", () => {
  const copied = fileText(".env.example");
  expect(readConfig({}, copied)).toEqual(readConfig({}, ""));
  const taken = copied.replaceAll(/^# ([A-Z_]+=)/gm, "$1");
  // The example of a key is none: it has to be made.
  const key = randomBytes(32).toString("base64");
  const keys = { SLACK_TOKEN_KEY: key, SLACK_TOKEN_KEY_OLD: key };
  const made = readConfig({ OPENAI_BASE_URL: "https://models.example", ...keys }, taken);
  expect(made).toHaveProperty("config.role", "all");
});
