/** What a reply looks like in Telegram as a rich message. */

import { describe, expect, test } from "vitest";
import { readRichMessage } from "../../simulator/telegram/rich.ts";
import { createTelegramRenderer, parseTelegramBody } from "../../src/adapters/telegram/format.ts";
import { toBlocks } from "../../src/core/markdown/blocks.ts";
import { layout } from "../../src/core/markdown/layout.ts";
import { runsText } from "../../src/core/markdown/runs.ts";
import { wellFormed } from "./corpus.ts";

function pages(markdown: string) {
  return createTelegramRenderer({ rich: true }).render(markdown, "final");
}

/** The blocks of a reply of one page; undefined where it goes out in the classic form. */
function blocksOf(markdown: string): unknown {
  const [page, second] = pages(markdown);
  expect(second).toBeUndefined();
  return parseTelegramBody(page?.body).rich;
}

/** What a person reads of all pages. */
function seen(markdown: string): string {
  return pages(markdown)
    .map(({ body }) => parseTelegramBody(body).rich ?? [])
    .map((blocks) => readRichMessage({ blocks, skip_entity_detection: true }, () => undefined).text)
    .join("\n");
}

const paragraph = (text: unknown) => ({ type: "paragraph", text });
const cell = (text: string | undefined, align = "left", more = {}) => ({
  align,
  valign: "middle",
  ...(text === undefined ? {} : { text }),
  ...more,
});

const appearances: readonly (readonly [what: string, markdown: string, blocks: readonly unknown[]])[] = [
  ["a paragraph with a line break", "one\ntwo", [paragraph("one\ntwo")]],
  [
    "styles",
    "a **b *c*** ~~d~~ `e`",
    [
      paragraph([
        "a ",
        { type: "bold", text: "b " },
        { type: "bold", text: { type: "italic", text: "c" } },
        " ",
        { type: "strikethrough", text: "d" },
        " ",
        { type: "code", text: "e" },
      ]),
    ],
  ],
  [
    "headings",
    "# One\n\n### Three",
    [
      { type: "heading", text: "One", size: 1 },
      { type: "heading", text: "Three", size: 3 },
    ],
  ],
  ["fenced code", "```ts\na\n\tb\n```", [{ type: "pre", text: "a\n    b", language: "ts" }]],
  ["a rule", "a\n\n---\n\nb", [paragraph("a"), { type: "divider" }, paragraph("b")]],
  [
    "a quotation",
    "> a\n>\n> - b",
    [
      {
        type: "blockquote",
        blocks: [paragraph("a"), { type: "list", items: [{ blocks: [paragraph("b")] }] }],
      },
    ],
  ],
  [
    "a list in a list",
    "3. a\n   - b\n4. c",
    [
      {
        type: "list",
        items: [
          {
            blocks: [paragraph("a"), { type: "list", items: [{ blocks: [paragraph("b")] }] }],
            value: 3,
            type: "1",
          },
          { blocks: [paragraph("c")], value: 4, type: "1" },
        ],
      },
    ],
  ],
  [
    "tasks",
    "- [x] a\n- [ ] b",
    [
      {
        type: "list",
        items: [
          { blocks: [paragraph("a")], has_checkbox: true, is_checked: true },
          { blocks: [paragraph("b")], has_checkbox: true },
        ],
      },
    ],
  ],
  [
    "a table",
    "| a | b |\n|---|--:|\n| 1 | |",
    [
      {
        type: "table",
        cells: [
          [cell("a", "left", { is_header: true }), cell("b", "right", { is_header: true })],
          [cell("1"), cell(undefined, "right")],
        ],
        is_bordered: true,
        is_striped: true,
      },
    ],
  ],
  [
    "links, written out or not",
    "[docs](https://a.test) at https://b.test/c.",
    [
      paragraph([
        { type: "url", text: "docs", url: "https://a.test/" },
        " at ",
        { type: "url", text: "https://b.test/c", url: "https://b.test/c" },
        ".",
      ]),
    ],
  ],
  ["a mail address as text", "[write](mailto:a@b.test?subject=x)", [paragraph("write (a@b.test)")]],
  [
    "an image as text",
    "![alt](https://a.test/?d=S)",
    [paragraph(["alt (", { type: "url", text: "https://a.test/?d=S", url: "https://a.test/?d=S" }, ")"])],
  ],
  ["names as text", "@ada <!channel> [x](tg://user?id=1)", [paragraph("@ada <!channel> x")]],
  ["HTML as text", "<b>x</b> <img src=y>", [paragraph("<b>x</b> <img src=y>")]],
];

describe("as a rich message", () => {
  test.each(appearances)("%s", (_what, markdown, blocks) => {
    expect(blocksOf(markdown)).toEqual(blocks);
  });

  test("more columns than Telegram draws are shown in a fixed-width font", () => {
    const row = (text: string) => `|${`${text}|`.repeat(22)}`;
    expect(blocksOf([row("a"), row("-"), row("b")].join("\n"))).toMatchObject([{ type: "pre" }]);
  });

  test("what is nested deeper than Telegram takes becomes lines, and nothing of it is lost", () => {
    const deep = Array.from({ length: 30 }, (_, level) => `${"  ".repeat(level)}- level ${level}`).join("\n");
    const text = seen(deep);
    for (let level = 0; level < 30; level += 1) expect(text).toContain(`level ${level}`);
  });

  test("an item that goes on from the page before is not marked a second time", () => {
    const [, second] = pages(`1. a\n2. ${"word ".repeat(1_000)}\n3. c`);
    const rich = parseTelegramBody(second?.body).rich;
    expect(rich).toMatchObject([{ type: "paragraph" }, { type: "list", items: [{ value: 3 }] }]);
  });

  test("an address with & in it makes its page a classic one, for rich messages would lead elsewhere", () => {
    expect(blocksOf("| a |\n|---|\n| [x](https://a.test/?b=1&c=2) |")).toBeUndefined();
  });

  test("words in front stand in a paragraph of their own", () => {
    const renderer = createTelegramRenderer({ rich: true });
    const [page] = renderer.render("# a", "final");
    const marked = page && renderer.prefixed(page, "(sent again)");
    expect(parseTelegramBody(marked?.body).rich?.[0]).toEqual(paragraph("(sent again)"));
    expect(marked?.plain).toBe("(sent again)\na");
  });

  test.each(Object.keys(wellFormed).filter((key) => key !== "a wide table"))(
    "every word is there once, in order: %s",
    (key) => {
      const markdown = wellFormed[key] ?? "";
      const blocks = toBlocks(markdown, { offset: 0, heal: false, ordinal: undefined, tables: true });
      const pieces = layout(blocks, { tableColumns: 1_000 });
      const whole = pieces.map((piece) => (piece.kind === "code" ? piece.text : runsText(piece.runs)));
      expect(lettersOf(seen(markdown))).toBe(lettersOf(whole.join("\n")));
    },
  );
});

/** Letters and digits; what a table repeats on each page is left out. */
function lettersOf(text: string): string {
  return text.replace(/^\s*Name +\| Amount.*$/gm, "").replace(/[^\p{L}\p{N}]/gu, "");
}
