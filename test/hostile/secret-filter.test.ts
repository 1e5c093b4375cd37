/** Secrets in what a model writes, wherever its pieces break. */

import { expect, test } from "vitest";
import { Secret, secretsIn } from "../../src/config/secret.ts";
import { SecretFilter } from "../../src/core/secret-filter.ts";
import { seeded } from "../format/readable.ts";

const secrets = ["sk-canary-0123456789", "xoxb-canary", "a+b(c)*[d]", "aaaaaaaaab"];

/** What is shown after each piece. */
function shownAfter(pieces: readonly string[]): readonly string[] {
  const filter = new SecretFilter(secrets);
  let shown = "";
  const states = pieces.map((piece) => {
    shown += filter.add(piece);
    return shown;
  });
  return [...states, shown + filter.end()];
}

test.each([
  ["nothing secret", "yes, skip sk-candy and xox", "yes, skip sk-candy and xox"],
  ["one", "it is sk-canary-0123456789.", "it is [secret]."],
  ["two in a row", "sk-canary-0123456789xoxb-canary", "[secret][secret]"],
  ["one with signs in it", "xa+b(c)*[d]x", "x[secret]x"],
  ["one that begins within its own beginning", "aaaaaaaaaaaab", "aaa[secret]"],
  ["one that is not whole", "sk-canary-01234", "sk-canary-01234"],
])("%s, in one piece or letter by letter", (_what, text, expected) => {
  expect(shownAfter([text]).at(-1)).toBe(expected);
  const letters = shownAfter([...text]).at(-1) ?? "";
  // So much of a beginning is shown before it can be told.
  expect(letters.replaceAll(/(?:sk-|xox|aaa|a\+b)(?=\[secret\])/g, "").replaceAll("[secret]", "")).toBe(
    expected.replaceAll(/(?:sk-|xox|aaa|a\+b)(?=\[secret\])/g, "").replaceAll("[secret]", ""),
  );
});

test("wherever the pieces break, no more than three characters of a secret are ever shown", () => {
  const random = seeded(7);
  for (let round = 0; round < 300; round += 1) {
    const text = Array.from({ length: 12 }, () =>
      random() < 0.5 ? `word ${Math.floor(random() * 9)} ` : (secrets[Math.floor(random() * 4)] ?? ""),
    ).join("");
    const pieces: string[] = [];
    for (let at = 0; at < text.length; ) {
      const end = at + 1 + Math.floor(random() * 9);
      pieces.push(text.slice(at, end));
      at = end;
    }
    const states = shownAfter(pieces);
    for (const [index, state] of states.entries()) {
      expect(state).not.toMatch(/sk-c|xoxb|aaaa|a\+b\(/);
      expect(states[index + 1]?.startsWith(state) ?? true).toBe(true);
    }
    expect(states.at(-1)?.match(/word \d/g)).toEqual(text.match(/word \d/g));
  }
});

test("a text without secrets passes at once", () => {
  const pieces = ["It ", "says: ", "x", "o", "x", ", and ", "sk", "ip."];
  const states = shownAfter(pieces);
  expect(states.slice(0, -1)).toEqual(pieces.map((_, index) => pieces.slice(0, index + 1).join("")));
});

test("all secrets of a configuration are known, those within addresses and tokens too", () => {
  const found = secretsIn({
    telegram: { botToken: new Secret("123456789:AAF-canary-of-the-bot") },
    redis: { url: new Secret("redis://user:p%40ssword-canary@redis:6379") },
    tokenKeys: [new Secret("key-canary-1"), new Secret("short")],
    model: "small",
  });
  expect(found).toEqual([
    "123456789:AAF-canary-of-the-bot",
    "AAF-canary-of-the-bot",
    "redis://user:p%40ssword-canary@redis:6379",
    "p%40ssword-canary",
    "p@ssword-canary",
    "key-canary-1",
  ]);
});
