/** Several chat APIs in one setting: what is read, and how mistakes are told. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import { secretsIn } from "../../src/config/secret.ts";
import type { Environment } from "../../src/config/variables.ts";
import { loadConfig, readConfig } from "../../src/config.ts";
import { temporaryFolder } from "../launch/temporary.ts";

const served = {
  TELEGRAM_BOT_TOKEN: `123456:${"a".repeat(35)}`,
  OPENAI_MODEL: "gpt-6-luna",
};
const azureKey = "azure-key-0123456789";

function read(endpoints: unknown, more: Environment = {}, dotenv = "") {
  const text = typeof endpoints === "string" ? endpoints : JSON.stringify(endpoints);
  return readConfig({ ...served, ENDPOINTS: text, ...more }, dotenv);
}

function configOf(result: ReturnType<typeof readConfig>) {
  if ("config" in result) return result.config;
  throw new Error(formatProblems(result.problems));
}

function problemsOf(result: ReturnType<typeof readConfig>) {
  return "config" in result ? [] : result.problems;
}

const list = [
  { baseUrl: "https://api.openai.com/v1", apiKey: "sk-0123456789abcdef", organization: "org-1", rpm: 500 },
  {
    baseUrl: "https://ours.openai.azure.com/openai/v1/",
    apiKeyFrom: "AZURE_KEY",
    models: { "gpt-6-luna": "my-deployment" },
    tpd: 2_000_000,
  },
  { baseUrl: "http://127.0.0.1:11434/v1", models: ["gpt-6-luna", "gpt-oss:20b"], proxy: false },
];

test("a list of endpoints is read in its order, with keys, names, limits and proxy", () => {
  const proxy = { OPENAI_PROXY_URL: "http://127.0.0.1:8888" };
  const { openai } = configOf(read(list, { AZURE_KEY: azureKey, ...proxy }));
  expect(openai?.model).toBe("gpt-6-luna");
  expect(openai?.endpoints).toMatchObject([
    { organization: "org-1", models: undefined, caps: { requestsPerMinute: 500, tokensPerDay: undefined } },
    { baseUrl: "https://ours.openai.azure.com/openai/v1", caps: { tokensPerDay: 2_000_000 } },
    { apiKey: undefined, proxyUrl: undefined },
  ]);
  expect(openai?.endpoints.map(({ proxyUrl }) => proxyUrl !== undefined)).toEqual([true, true, false]);
  expect(openai?.endpoints[1]?.models?.get("gpt-6-luna")).toBe("my-deployment");
  expect([...(openai?.endpoints[2]?.models?.keys() ?? [])]).toEqual(["gpt-6-luna", "gpt-oss:20b"]);
});

test("every key of a list is masked, and shown by nothing that is printed", () => {
  const config = configOf(read(list, { AZURE_KEY: azureKey }));
  expect(secretsIn(config)).toEqual(expect.arrayContaining(["sk-0123456789abcdef", azureKey]));
  expect(JSON.stringify(config)).not.toMatch(/sk-0123|azure-key/);
});

test("a key may stand in .env under the name that the list gives it, and under no other", () => {
  expect(problemsOf(read(list, {}, `AZURE_KEY=${azureKey}`))).toEqual([]);
  const found = problemsOf(read(list, {}, "AZURE_KEYS=other"));
  expect(found.map(({ name }) => name)).toEqual(["AZURE_KEYS", "ENDPOINTS[1].apiKeyFrom"]);
});

test("the list may stand in a file, which a mistake names", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "endpoints.json"), JSON.stringify(list.slice(2)));
  const dotenv = (path: string) =>
    `TELEGRAM_BOT_TOKEN=${served.TELEGRAM_BOT_TOKEN}\nOPENAI_MODEL=gpt-oss:20b\nENDPOINTS=${path}\n`;
  writeFileSync(join(folder, ".env"), dotenv("endpoints.json"));
  expect(configOf(loadConfig(folder)).openai?.endpoints).toHaveLength(1);
  writeFileSync(join(folder, ".env"), dotenv("nowhere.json"));
  const [problem] = problemsOf(loadConfig(folder));
  expect(problem?.message).toBe("takes JSON, or the path of a file that can be read.");
});

test("every mistake of every endpoint stands in one report, and no secret in any", () => {
  const result = read(
    [
      { baseUrl: "ftp://x", apiKey: "sk-0123456789 abcdef", rpm: 0, modells: ["x"] },
      { apiKey: azureKey, apiKeyFrom: "AZURE_KEY", models: "gpt-6-luna", proxy: true },
      { baseUrl: "http://elsewhere.example/v1" },
      { baseUrl: "https://a.example/v1", apiKey: "one", apiKeyFrom: "TWO" },
      "https://a.example/v1",
      { baseUrl: "https://b.example/v1", apiKeyFrom: "NOWHERE" },
      { baseUrl: "https://c.example/v1", apiKey: "k" },
      { baseUrl: "https://c.example/v1/", apiKey: "k" },
    ],
    {},
  );
  const found = problemsOf(result);
  expect(found.map(({ name }) => name)).toEqual([
    "ENDPOINTS[0].baseUrl",
    "ENDPOINTS[0].apiKey",
    "ENDPOINTS[0].rpm",
    "ENDPOINTS[0]",
    "ENDPOINTS[1].baseUrl",
    "ENDPOINTS[1].models",
    "ENDPOINTS[1].proxy",
    "ENDPOINTS[2].baseUrl",
    "ENDPOINTS[3].apiKeyFrom",
    "ENDPOINTS[4]",
    "ENDPOINTS[5].apiKeyFrom",
    "ENDPOINTS[7]",
  ]);
  const text = formatProblems(found);
  expect(text).toMatch(/rpm takes requests as a whole number from 1\./);
  expect(text).toMatch(/"modells", which is none of an endpoint's\. Nearest: models\./);
  expect(text).toMatch(/would send secrets unencrypted to another host/);
  expect(text).not.toMatch(/0123456789/);
});

test.each([
  ["[]", "takes a list of at least one endpoint."],
  ["{}", "takes a list of endpoints."],
  ['[{"apiKey": "sk-0123456789abcdef"', "is not JSON."],
  ["nowhere.json", "takes JSON, or the path of a file that can be read."],
])("ENDPOINTS=%s is refused without being shown", (text, message) => {
  const [problem] = problemsOf(read(text));
  expect(problem).toMatchObject({ name: "ENDPOINTS", message });
  expect(problem?.got).toMatch(/not shown/);
});

test("a model that nobody serves is a mistake, and what the list makes idle is said", () => {
  const only = [{ baseUrl: "https://a.example/v1", models: ["other"] }];
  const [problem] = problemsOf(read(only));
  expect(problem).toMatchObject({ name: "OPENAI_MODEL", message: "is served by none of ENDPOINTS." });
  const { warnings } = configOf(read(list.slice(2), { OPENAI_RPM: "5", OPENAI_PROJECT: "p" }));
  expect(warnings).toEqual(["Not used, for ENDPOINTS is set: OPENAI_PROJECT, OPENAI_RPM."]);
});
