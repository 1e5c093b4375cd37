import { expect, test } from "vitest";
import { toTitle } from "../../src/core/title.ts";

const family = "\u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f467}";

test.each([
  ["Hello", "Hello"],
  ["  two\n\nlines\tand  spaces ", "two lines and spaces"],
  ["", ""],
  [" \u0000\u202e\u{e0041}\n", ""],
  ["a".repeat(60), "a".repeat(60)],
  ["a".repeat(61), `${"a".repeat(60)}…`],
  [`${"word ".repeat(11)}longest`, `${"word ".repeat(10)}word…`],
  [`${family} family`, `${family} family`],
  ["half \ud83d", "half \ufffd"],
])("%j is called %j", (question, title) => {
  expect(toTitle(question)).toBe(title);
});

test("no title is longer than Slack takes, whatever its characters are made of", () => {
  expect(toTitle(family.repeat(60)).length).toBeLessThanOrEqual(200);
  expect(toTitle(`e${"\u0301".repeat(900)}`).length).toBeLessThanOrEqual(200);
});
