import { pino } from "pino";
import { expect, test } from "vitest";
import { createEvents } from "../../src/core/events.ts";
import { SecretMask } from "../../src/core/secret-mask.ts";
import { words } from "../../src/core/words.ts";

function maskOf(...secrets: readonly string[]): SecretMask {
  const mask = new SecretMask();
  mask.add(secrets);
  return mask;
}

test("secrets are masked wherever they stand, the longer one of two that begin alike", () => {
  const mask = maskOf("first-token", "first-token-too", "another-one");
  const text = "first-token-too, another-onefirst-token; first-toke and another-on are none";
  const { masked } = words;
  expect(mask.mask(text)).toBe(`${masked}, ${masked}${masked}; first-toke and another-on are none`);
});

test("what is too short to be told from a word is not masked", () => {
  expect(maskOf("short", "").mask("short words")).toBe("short words");
});

test("of very many secrets the newest are known, and a long line is masked at once", () => {
  const secrets = Array.from({ length: 20_050 }, (_, index) => `xoxb-secret-${index}.`);
  const mask = maskOf(...secrets);
  expect(mask.mask(`${secrets[0]} ${secrets.at(-1)}`)).toBe(`${secrets[0]} ${words.masked}`);
  expect(mask.mask("xoxb-".repeat(20_000))).toBe("xoxb-".repeat(20_000));
});

test("no event says a secret, known from the start or learnt later, in whichever field", () => {
  const log: string[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => void log.push(line) });
  const events = createEvents(logger, ["sk-canary-key"]);
  events.conceal(["xoxb-canary-token"]);
  events.callFailed({
    platform: "xoxb-canary-token",
    method: "m",
    outcome: "o",
    cause: "said sk-canary-key.",
  });
  events.arrivalsRefused({ platform: "p", cause: "for xoxb-canary-token" });
  events.turnYielded({ conversation: "xoxb-canary-token" });
  expect(log).toHaveLength(3);
  expect(log.join("")).not.toContain("canary");
});
