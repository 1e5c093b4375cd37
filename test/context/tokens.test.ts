import { describe, expect, test } from "vitest";
import { countTokens, cutToTokens } from "../../src/core/tokens.ts";

describe("counting", () => {
  test.each([
    ["", 0],
    ["hello world", 2],
    ["The quick brown fox jumps over the lazy dog.", 10],
  ])("%j has its known number of tokens", (text, tokens) => {
    expect(countTokens(text)).toBe(tokens);
  });

  test("a long text of words counts as the encoder counts it in one piece", () => {
    const text = "The quick brown fox jumps over the lazy dog. ".repeat(100);
    expect(countTokens(text)).toBe(1_001);
  });

  test("special tokens are text like any other", () => {
    expect(countTokens("<|endoftext|>")).toBeGreaterThan(1);
  });

  test.each([
    ["a letter", "a".repeat(1_000_000)],
    ["emoji of several parts", "👨‍👩‍👧‍👦".repeat(90_000)],
    ["combining marks", "\u0301".repeat(1_000_000)],
    ["spaces", " ".repeat(1_000_000)],
    ["half surrogates", "\ud800".repeat(1_000_000)],
  ])("a million of %s is counted piece by piece: in one piece it takes minutes", (_, text) => {
    expect(countTokens(text)).toBeGreaterThan(0);
  });
});

describe("cutting", () => {
  const text = "One two three four five six seven eight nine ten. ".repeat(50);

  test.each([1, 7, 63, 64, 65, 300])("to %i tokens leaves that many, and the beginning", (maxTokens) => {
    const cut = cutToTokens(text, maxTokens);
    expect(text.startsWith(cut)).toBe(true);
    expect(countTokens(cut)).toBe(maxTokens);
  });

  test("a text that fits stays whole", () => {
    expect(cutToTokens(text, 10_000)).toBe(text);
  });

  test("no family loses a member", () => {
    const family = "👨‍👩‍👧‍👦";
    const cut = cutToTokens(family.repeat(40), 100);
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.length % family.length).toBe(0);
  });

  test("to nothing leaves nothing", () => {
    expect(cutToTokens(text, 0)).toBe("");
  });
});
