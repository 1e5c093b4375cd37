import { describe, expect, test } from "vitest";
import { EventReader, LineTooLong } from "../../src/adapters/openai/sse.ts";

/** All events of a body that arrives in pieces of `size` bytes. */
function read(body: string, size: number) {
  const bytes = Buffer.from(body);
  const reader = new EventReader(1_000);
  const events = [];
  for (let at = 0; at < bytes.length; at += size) events.push(...reader.read(bytes.subarray(at, at + size)));
  return [...events, ...reader.end()];
}

const message = (data: string) => ({ name: "message", data });

describe.each([1, 2, 3, 7, 10_000])("read in pieces of %i bytes", (size) => {
  test.each([
    ["one event", "data: a\n\n", [message("a")]],
    ["characters of several bytes", "data: 漢👨‍👩‍👧‍👦\n\n", [message("漢👨‍👩‍👧‍👦")]],
    ["lines that end as on Windows", "data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]],
    ["data without a space, or with two", "data:a\n\ndata:  b\n\n", [message("a"), message(" b")]],
    ["data in several lines", "data: a\ndata: b\n\n", [message("a\nb")]],
    ["comments and unknown fields", ": hello\nid: 7\nretry: 1\ndata: a\n\n:\n\n", [message("a")]],
    [
      "a named event, then one without",
      "event: error\ndata: a\n\ndata: b\n\n",
      [{ name: "error", data: "a" }, message("b")],
    ],
    ["a last event without its blank line", "data: a\n\ndata: b\n", [message("a"), message("b")]],
    ["a last event without its line's end", "data: a\n\ndata: b", [message("a"), message("b")]],
    ["llama.cpp's error line", 'error: {"code":500}\n\n', [{ name: "error", data: '{"code":500}' }]],
    ["nothing", "", []],
  ])("%s", (_, body, events) => {
    expect(read(body, size)).toEqual(events);
  });

  test("a line above the limit is not kept", () => {
    expect(() => read(`data: ${"a".repeat(1_100)}\n\n`.repeat(2), Math.min(size, 1_050))).toThrow(
      LineTooLong,
    );
  });
});
