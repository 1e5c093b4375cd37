/** Rich messages as readable text: every kind of block, and what a hostile one may not cost. */

import { expect, test } from "vitest";
import { toReadableText } from "../../src/adapters/telegram/rich-text.ts";

const read = (...blocks: readonly unknown[]) => toReadableText({ blocks }, 1_000);
const paragraph = (text: unknown) => ({ type: "paragraph", text });

test.each([
  ["paragraphs", [paragraph("One"), paragraph("Two")], "One\n\nTwo"],
  ["a heading", [{ type: "heading", size: 1, text: "Cats" }, paragraph("purr")], "Cats\n\npurr"],
  [
    "nested formatting",
    [paragraph(["a ", { type: "bold", text: ["b", { type: "italic", text: "c" }] }, " d"])],
    "a bc d",
  ],
  ["a link", [paragraph({ type: "url", text: "here", url: "https://example.org" })], "here"],
  ["an emoji", [paragraph({ type: "custom_emoji", custom_emoji_id: "1", alternative_text: "👍" })], "👍"],
  ["a formula", [{ type: "mathematical_expression", expression: "E = mc^2" }], "E = mc^2"],
  ["code", [{ type: "pre", text: "let x;", language: "js" }], "```\nlet x;\n```"],
  [
    "a list",
    [
      {
        type: "list",
        items: [
          { label: "1.", blocks: [paragraph("one")] },
          { label: "•", has_checkbox: true, is_checked: true, blocks: [paragraph("two")] },
        ],
      },
    ],
    "1. one\n[x] two",
  ],
  [
    "a table",
    [
      {
        type: "table",
        caption: "Ages",
        cells: [
          [{ text: "Ada" }, { text: "36" }],
          [{ text: "Bob" }, {}],
        ],
      },
    ],
    "Ages\nAda | 36\nBob | ",
  ],
  ["a quotation", [{ type: "blockquote", blocks: [paragraph("Be")], credit: "W. S." }], "Be"],
  ["details", [{ type: "details", summary: "More", blocks: [paragraph("inside")] }], "More\ninside"],
  [
    "a picture",
    [{ type: "photo", photo: [{}], caption: { text: "My cat", credit: "Bob" } }],
    "[a photo]\nMy cat\nBob",
  ],
  ["buttons", [{ type: "buttons", buttons: [{ text: "Buy", url: "https://evil.test" }] }], ""],
  ["a block that does not exist yet", [{ type: "hologram", text: "hello" }], "hello"],
])("%s can be read", (_what, blocks, expected) => {
  expect(read(...blocks)).toBe(expected.trim());
});

test.each([
  ["nothing", undefined],
  ["a text", "rich"],
  ["no blocks", {}],
  ["blocks of another kind", { blocks: 5 }],
  ["empty things", { blocks: [null, 5, "x", { type: 7, text: { text: null } }] }],
])("%s is nothing to read", (_what, given) => {
  expect(toReadableText(given, 1_000)).toBe("");
});

test("a text of any depth and length costs no more than its bound", () => {
  let deep: unknown = "bottom";
  for (let level = 0; level < 100_000; level += 1) deep = { type: "bold", text: deep };
  expect(read(paragraph(deep), paragraph("after"))).toBe("after");
  const many = Array.from({ length: 10_000 }, () => paragraph("x".repeat(100)));
  expect(toReadableText({ blocks: many }, 1_000).length).toBeLessThanOrEqual(1_000);
});
