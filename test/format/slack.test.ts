/** What a reply looks like in Slack. `·` stands for a zero-width character that the renderer has put in. */

import { describe, expect, test } from "vitest";
import { createSlackRenderer, parseSlackBody, prefixed } from "../../src/adapters/slack/format.ts";
import type { Page } from "../../src/core/platform/page.ts";
import { mrkdwn } from "./readable.ts";

function pages(markdown: string): readonly Page[] {
  return createSlackRenderer().render(markdown, "final");
}

function shown(markdown: string): string {
  return pages(markdown).map(mrkdwn).join("\n=== next page ===\n");
}

const appearances: readonly (readonly [what: string, markdown: string, chat: string])[] = [
  ["styles", "**b** *i* ~~s~~ `c`", "*b* _i_ ~s~ `c`"],
  ["nested styles", "**b _both_ b**", "*b* *_both_* *b*"],
  ["styles inside words", "a**b**c", "a·*b*·c"],
  ["styles beside punctuation", "(**b**), *x*.", "(·*b*·), _x_·."],
  ["styles over two lines", "**a\nb**", "*a*\n*b*"],
  ["no style around code", "**see `x` there**", "*see* `x` *there*"],
  ["bold beside Chinese", "**标题：**内容", "*标题：*·内容"],
  ["a heading", "## Title\ntext", "*Title*\n\ntext"],
  ["a link", "[docs](https://a.test/b_c?d=1&e=2)", "<https://a.test/b_c?d=1&amp;e=2|docs>"],
  ["a bold link", "**[docs](https://a.test)**", "*<https://a.test/|docs>*"],
  ["a label with marks", "[a|b>c*](https://a.test/x|y)", "<https://a.test/x%7Cy|a¦b&gt;c·*·>"],
  ["a bare address", "see https://a.test/_x_y, ok", "see <https://a.test/_x_y>, ok"],
  ["text with Slack's characters", "a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"],
  ["code with Slack's characters", "`<!here> &`", "`&lt;!here&gt; &amp;`"],
  ["marks that are no styles", "5 * 3, snake_case_name, a~b", "5 * 3, snake_case_name, a~b"],
  ["marks that could be styles", "\\*x\\* \\_y\\_ \\~z\\~", "·*·x·*· ·_·y·_· ·~·z·~·"],
  ["backticks in text", "\\`x\\`", "ˋxˋ"],
  ["backticks in code", "`` a`b ``", "`aˋb`"],
  ["a fence in code", "````\n```\n````", "```\n`·`·`\n```"],
  ["a greater-than sign at a line's start", "a\n\\> b", "a\n·&gt; b"],
  [
    "pings as markup",
    "<!channel> <@U123> <!subteam^S1>",
    "&lt;!channel&gt; &lt;@U123&gt; &lt;!subteam^S1&gt;",
  ],
  [
    "pings as names",
    "@channel @here @Everyone `@here` a@channels",
    "@·channel @·here @·Everyone `@·here` a@channels",
  ],
  [
    "a link in Slack's own markup",
    "<https://evil.test|https://bank.test>",
    "<https://evil.test>|<https://bank.test>",
  ],
  ["a link that lies", "[bank.test](https://evil.test)", "<https://evil.test/|bank.test> (evil.test)"],
  ["an image", "![alt](https://a.test/?d=S)", "alt (<https://a.test/?d=S>)"],
  ["raw HTML", "</code><a href=x>", "&lt;/code&gt;&lt;a href=x&gt;"],
  ["lists", "- a\n  1. b\n- c", "• a\n   1. b\n• c"],
  ["a quotation", "> a **b**\n> c\n>\n> d\n\ne", "> a *b*\n> c\n>\n> d\n\ne"],
  ["code in a quotation", "> a\n> ```\n> x\n> ```", "> a\n\n```\nx\n```"],
  ["a code block", "```ts\na < b\n```", "```\na &lt; b\n```"],
  ["a table", "| a | bb |\n|--:|----|\n| 123 | x |", "```\n  a | bb\n----+---\n123 | x\n```"],
];

describe("in Slack", () => {
  test.each(appearances)("%s", (_what, markdown, chat) => {
    expect(shown(markdown)).toBe(chat);
  });

  test.each([
    ["nothing", ""],
    ["spaces", " \n "],
    ["only zero width", "\u200b\u200d\u2060"],
  ])("%s gives no page", (_what, markdown) => {
    expect(pages(markdown)).toEqual([]);
  });

  test("a page is sections that are shown whole and in which Slack looks for no names", () => {
    const body = parseSlackBody(pages("Hello **you**")[0]?.body);
    expect(body).toEqual({
      text: "Hello *you*",
      blocks: [
        { type: "section", expand: true, text: { type: "mrkdwn", text: "Hello *you*", verbatim: true } },
      ],
    });
  });

  test("a long page becomes two sections, cut between paragraphs", () => {
    const paragraphs = Array.from({ length: 12 }, (_, index) => `${index} ${"word ".repeat(55)}end.`);
    const body = parseSlackBody(pages(paragraphs.join("\n\n"))[0]?.body);
    expect(body.blocks.map((block) => block.text.text).join("\n\n")).toBe(body.text);
    expect(body.blocks).toHaveLength(2);
  });

  test("code that is cut between sections is closed and opened again", () => {
    const code = Array.from({ length: 200 }, (_, index) => `line ${index} of code`).join("\n");
    const body = parseSlackBody(pages(`\`\`\`\n${code}\n\`\`\``)[0]?.body);
    expect(body.blocks).toHaveLength(2);
    for (const { text } of body.blocks) expect(text.text).toMatch(/^```\n[^`]+\n```$/);
  });

  test("the plain text has neither markup nor escapes", () => {
    expect(pages("**a** < `b` [c](https://d.test)")[0]?.plain).toBe("a < b c");
  });

  test("words in front stand in the text and in the first section", () => {
    const page = pages("**b**")[0];
    if (!page) throw new Error("There is no page.");
    const marked = prefixed(page, "(sent again)");
    expect(parseSlackBody(marked.body).text).toBe("(sent again)\n*b*");
    expect(parseSlackBody(marked.body).blocks[0]?.text.text).toBe("(sent again)\n*b*");
    expect(marked.plain).toBe("(sent again)\nb");
    expect(createSlackRenderer().prefixed(page, "(sent again)")).toEqual(marked);
  });
});
