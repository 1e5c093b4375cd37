import { expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import type { Environment } from "../../src/config/variables.ts";
import { readConfig } from "../../src/config.ts";

const model = { OPENAI_API_KEY: "sk-12345678", OPENAI_MODEL: "small" };
const bot = { ...model, SLACK_BOT_TOKEN: "xoxb-1234567890" };
const secret = { SLACK_SIGNING_SECRET: "0123456789abcdef0123456789abcdef" };
const app = { SLACK_APP_TOKEN: "xapp-1234567890" };

function deliveryOf(environment: Environment) {
  const result = readConfig(environment, "");
  return "config" in result ? result.config.slack?.delivery : undefined;
}

function report(environment: Environment): string {
  const result = readConfig(environment, "");
  return "problems" in result ? formatProblems(result.problems) : "";
}

test("an app token means Socket Mode, whatever else is set", () => {
  expect(deliveryOf({ ...bot, ...app })).toMatchObject({ kind: "socket" });
  expect(deliveryOf({ ...bot, ...app, ...secret })).toMatchObject({ kind: "socket" });
});

test("a signing secret alone means HTTP", () => {
  const delivery = deliveryOf({ ...bot, ...secret });
  expect(delivery).toMatchObject({ kind: "http" });
  expect(JSON.stringify(delivery)).not.toContain("0123456789abcdef");
});

test.each([{}, { SLACK_SIGNING_SECRET: "" }, { SLACK_APP_TOKEN: "" }])(
  "with neither of them the report says which ones would do (%#)",
  (environment) => {
    expect(report({ ...bot, ...environment })).toMatch(
      /one setting.*SLACK_APP_TOKEN is missing.*for HTTP set SLACK_SIGNING_SECRET/s,
    );
  },
);

test.each(["short", `${secret.SLACK_SIGNING_SECRET} `, "xoxb-1234567890-1234567890"])(
  "a signing secret that is none is refused without being shown (%#)",
  (value) => {
    const shown = report({ ...bot, SLACK_SIGNING_SECRET: value });
    expect(shown).toMatch(/SLACK_SIGNING_SECRET (is not|has|looks like)/);
    expect(shown).not.toContain(value);
  },
);
