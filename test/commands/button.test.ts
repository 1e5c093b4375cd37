/** What buttons carry, and what comes back of it. */

import { expect, test } from "vitest";
import { keptLine, parseButton, toButtons } from "../../src/core/commands/button.ts";

const longName = `${"vendor/".repeat(12)}model`;

function dataOf(argument: string, maxBytes: number) {
  const { buttons, lines } = toButtons([[{ label: "x", command: "model", argument }]], maxBytes);
  return { data: buttons[0]?.[0]?.data ?? "", lines };
}

test("a short command stands in the button itself and comes back as it would be typed", () => {
  const { data, lines } = dataOf("here gpt-x", 64);
  expect(lines.size).toBe(0);
  expect(parseButton(data)).toEqual({ name: "model", argument: "here gpt-x" });
  expect(parseButton(dataOf("", 64).data)).toEqual({ name: "model", argument: "" });
});

test("what a button cannot carry is kept under a token, the same one every time", () => {
  const { data, lines } = dataOf(longName, 64);
  expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
  expect(dataOf(longName, 64).data).toBe(data);
  const { name, argument } = parseButton(data) ?? {};
  expect(name).toBe(keptLine);
  expect(lines.get(argument ?? "")).toBe(`model ${longName}`);
  expect(dataOf(longName, 2_000).lines.size).toBe(0);
});

test("a line that just fits is not kept, one byte more is, and letters beyond ASCII count as they weigh", () => {
  const bytes = (argument: string) => Buffer.byteLength(dataOf(argument, 64).data);
  expect(bytes("x".repeat(57))).toBe(64);
  expect(dataOf("x".repeat(58), 64).lines.size).toBe(1);
  expect(dataOf("ж".repeat(29), 64).lines.size).toBe(1);
});

test.each([
  "",
  "/",
  "/shutdown now",
  "model x",
  "#",
  "#short",
  `#${"x".repeat(200)}`,
  "#../../../../../../etcxx",
])("%j says nothing", (data) => {
  expect(parseButton(data)).toBeUndefined();
});
