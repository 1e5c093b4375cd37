import { inspect } from "node:util";
import { expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import type { Environment } from "../../src/config/variables.ts";
import { readConfig } from "../../src/config.ts";

const served = {
  TELEGRAM_BOT_TOKEN: `123456789:${"A".repeat(35)}`,
  SLACK_BOT_TOKEN: "xoxb-1234567890",
  SLACK_APP_TOKEN: "xapp-1234567890",
  OPENAI_API_KEY: "sk-12345678",
  OPENAI_MODEL: "small",
};

function report(environment: Environment): string {
  const result = readConfig({ ...served, ...environment }, "");
  return "problems" in result ? formatProblems(result.problems) : "";
}

test("each party has a proxy of its own, whose address is a secret", () => {
  const result = readConfig(
    {
      ...served,
      TELEGRAM_PROXY_URL: "http://ada:s3cret@proxy.example:3128",
      SLACK_PROXY_URL: "https://proxy.example",
      OPENAI_PROXY_URL: "http://127.0.0.1:8888/",
    },
    "",
  );
  if (!("config" in result)) throw new Error("all of it is right");
  const { telegram, slack, openai, warnings } = result.config;
  expect(telegram?.proxyUrl?.reveal()).toBe("http://ada:s3cret@proxy.example:3128");
  expect(slack?.proxyUrl?.reveal()).toBe("https://proxy.example");
  expect(openai?.endpoints[0]?.proxyUrl?.reveal()).toBe("http://127.0.0.1:8888/");
  expect(inspect(result.config, { depth: 9 })).not.toContain("s3cret");
  expect(warnings).toEqual([
    expect.stringMatching(/^TELEGRAM_PROXY_URL sends the proxy's password unencrypted/),
  ]);
});

test.each([
  ["socks5://ada:s3cret@proxy.example:1080", /takes the address of a proxy that knows CONNECT/],
  ["proxy.example:3128", /takes the address of a proxy that knows CONNECT/],
  ["http://ada:s3cret@proxy.example/path", /takes an address without a path/],
  ["http://ada:s3c%ret@proxy.example", /begins no escape; write it %25/],
])("%s is no proxy's address, and is not shown", (address, problem) => {
  const text = report({ TELEGRAM_PROXY_URL: address });
  expect(text).toMatch(problem);
  expect(text).toContain("a value that is not shown");
  expect(text).not.toMatch(/s3c|1080/);
});

test("a proxy alone does not connect its platform", () => {
  expect(report({ SLACK_BOT_TOKEN: "", SLACK_APP_TOKEN: "", SLACK_PROXY_URL: "http://p.example" })).toMatch(
    /SLACK_BOT_TOKEN is missing, and SLACK_PROXY_URL is set/,
  );
});

test("secrets are not sent through a proxy without TLS unless the host is named as trusted", () => {
  const local = { OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" };
  const far = { ...local, OPENAI_PROXY_URL: "http://proxy.example:3128" };
  expect(report(far)).toMatch(/OPENAI_BASE_URL would send secrets unencrypted through the proxy/);
  expect(report({ ...far, INSECURE_HOSTS: "127.0.0.1" })).toBe("");
  expect(report({ ...local, OPENAI_PROXY_URL: "http://127.0.0.1:3128" })).toBe("");
  expect(report({ OPENAI_PROXY_URL: "http://proxy.example:3128" })).toBe("");
});
