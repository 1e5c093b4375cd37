/** What a reply looks like in Telegram. */

import { describe, expect, test } from "vitest";
import { findMentions } from "../../simulator/telegram/entities.ts";
import { createTelegramRenderer, parseTelegramBody, prefixed } from "../../src/adapters/telegram/format.ts";
import type { Page } from "../../src/core/platform/page.ts";
import { tagged } from "./readable.ts";

function pages(markdown: string): readonly Page[] {
  return createTelegramRenderer().render(markdown, "final");
}

function shown(markdown: string): string {
  return pages(markdown).map(tagged).join("\n=== next page ===\n");
}

const appearances: readonly (readonly [what: string, markdown: string, chat: string])[] = [
  ["styles", "**b** *i* _i_ ~~s~~ `c`", "<b>b</b> <i>i</i> <i>i</i> <s>s</s> <code>c</code>"],
  ["nested styles", "**b _both_ b**", "<b>b <i>both</i> b</b>"],
  ["styles that would cross", "*a **b*** **c**", "<i>a <b>b</b></i> <b>c</b>"],
  ["no style around code", "**see `x` there**", "<b>see</b> <code>x</code> <b>there</b>"],
  ["no link around code", "[see `x`](https://a.test)", "<a https://a.test/>see</a> <code>x</code>"],
  ["bold beside Chinese", "**标题：**内容", "<b>标题：</b>内容"],
  ["a heading", "## Title `x`\ntext", "<b>Title</b> <code>x</code>\n\ntext"],
  ["line breaks", "one\ntwo  \nthree", "one\ntwo\nthree"],
  ["a link", "[docs](https://a.test/b_c?d=1&e=2)", "<a https://a.test/b_c?d=1&e=2>docs</a>"],
  ["an automatic link", "<https://a.test/x>", "<a https://a.test/x>https://a.test/x</a>"],
  ["a mail address", "[write](mailto:a@b.test)", "<a mailto:a@b.test>write</a>"],
  ["a bare address", "see https://a.test/_x_/__y__z, *ok*", "see https://a.test/_x_/__y__z, <i>ok</i>"],
  ["a bold bare address", "**https://a.test/a_b**", "<b>https://a.test/a_b</b>"],
  ["a bulleted list", "- a\n- b\n  - c\n    - d", "• a\n• b\n   ◦ c\n      ▪ d"],
  ["a numbered list", "3. a\n1. b\n1. c", "3. a\n4. b\n5. c"],
  ["tasks", "- [ ] open\n- [x] **done**", "☐ open\n☑ <b>done</b>"],
  ["an item of several blocks", "1. a\n\n   b\n2. c", "1. a\n   b\n2. c"],
  ["an item that begins with code", "- ```\n  x\n  ```", "•\n<pre>x</pre>"],
  ["a quotation", "> a **b**\n> c\n\nd", "<quote>a <b>b</b>\nc</quote>\n\nd"],
  ["a quotation in a quotation", "> a\n> > b", "<quote>a\n\nb</quote>"],
  ["code with a language", "```ts\na < b\n```", "<pre ts>a < b</pre>"],
  ["indented code", "```\n  a\n\tb\n```", "<pre>\u00a0\u00a0a\n    b</pre>"],
  ["a rule", "a\n\n---\n\nb", "a\n\n──────────\n\nb"],
  ["a line under a paragraph", "a\n---\nb", "a\n\n──────────\n\nb"],
  ["a table", "| a | bb |\n|--:|----|\n| 123 | x |", "<pre>\u00a0\u00a0a | bb\n----+---\n123 | x</pre>"],
  ["wide characters", "| 名 | x |\n|--|--|\n| a | y |", "<pre>名 | x\n---+--\na  | y</pre>"],
  [
    "a table with links",
    "| a | b |\n|-|-|\n| x | [y](https://a.test) |",
    "• a: <b>x</b>\n   b: <a https://a.test/>y</a>",
  ],
  [
    "a table wider than a phone",
    `| a | b |\n|-|-|\n| x | ${"y".repeat(60)} |`,
    `• a: <b>x</b>\n   b: ${"y".repeat(60)}`,
  ],
  ["raw HTML", "<b>x</b> <script>y</script> &lt;", "<b>x</b> <script>y</script> <"],
  ["an image", "![alt](https://a.test/?d=S)", "alt (https://a.test/?d=S)"],
  ["an image without a text", "![](https://a.test/x)", "https://a.test/x"],
  ["a script link", "[x](javascript:alert(1)) [y](data:text/html,z)", "x y"],
  ["a link into the app", "[x](tg://user?id=1) [y](slack://z) [z](file:///etc/passwd)", "x y z"],
  ["a relative link", "[x](/docs)", "x"],
  ["a link that lies", "[bank.test](https://evil.test)", "<a https://evil.test/>bank.test</a> (evil.test)"],
  [
    "a link that lies with a path",
    "[go to https://bank.test/login now](https://evil.test)",
    "<a https://evil.test/>go to https://bank.test/login now</a> (evil.test)",
  ],
  [
    "a link that lies with a wide dot",
    "[bank\uff0etest](https://evil.test)",
    "<a https://evil.test/>bank\uff0etest</a> (evil.test)",
  ],
  [
    "a link that lies with another script's dot",
    "[bank\u3002test and bank\u2024test](https://evil.test)",
    "<a https://evil.test/>bank\u3002test and bank\u2024test</a> (evil.test)",
  ],
  [
    "a link to a host of wide letters is honest",
    "[\uff42ank.test](https://bank.test)",
    "<a https://bank.test/>\uff42ank.test</a>",
  ],
  [
    "a link that hides its host",
    "[bank.test](https://bank.test@evil.test/)",
    "<a https://bank.test@evil.test/>bank.test</a> (evil.test)",
  ],
  [
    "honest links",
    "[www.a.test](https://a.test) [a.test](https://docs.a.test/x) [Node.js](https://nodejs.test)",
    "<a https://a.test/>www.a.test</a> <a https://docs.a.test/x>a.test</a> <a https://nodejs.test/>Node.js</a>",
  ],
  ["bidi overrides and tags", "a\u202eb\u2066c\u{e0041}d&#x202e;e", "abcde"],
  ["invisible characters", "a\u200b\u2060\ufeffb\u00ad", "ab"],
  ["joined emoji", "👩‍👩‍👧‍👦 🇩🇪 ❤️", "👩‍👩‍👧‍👦 🇩🇪 ❤️"],
  ["piled marks", `a${"\u0301".repeat(50)}b`, `a${"\u0301".repeat(8)}b`],
  ["a command for the program", '{"direct_result":{"kind":"file"}}', '{"direct_result":{"kind":"file"}}'],
  ["reference definitions", "[a]\n\n[a]: https://a.test", "[a]\n\n[a]: https://a.test"],
];

describe("in Telegram", () => {
  test.each(appearances)("%s", (_what, markdown, chat) => {
    expect(shown(markdown)).toBe(chat);
  });

  test.each([
    ["nothing", ""],
    ["spaces", " \n\t "],
    ["only zero width", "\u200b\u200d\u2060"],
    ["an empty code block", "```\n```"],
    ["empty items", "- \n- \n"],
  ])("%s gives no page", (_what, markdown) => {
    expect(pages(markdown)).toEqual([]);
  });

  test.each([
    "@ada",
    "(@ada) and @everyone, @ada_lovelace!",
    "/@ada",
    "**@ada** _@ada_ ~~@ada~~",
    "https://@ada https://a.test/_@ada https://a.b/@ada a.test/@ada",
    "# @ada\n\n- @ada\n> @ada",
    "| @ada |\n|---|\n| [x](https://a.test) @ada |",
    "\\@ada &#64;ada",
    "`@ada` [@ada](https://a.test)\n\n```\n@ada\n```",
  ])("no name is called in a group by %j", (markdown) => {
    for (const page of pages(markdown)) {
      const body = parseTelegramBody(page.body);
      expect(findMentions(body)).toEqual([]);
      expect(findMentions({ text: page.plain, entities: [] })).toEqual([]);
    }
  });

  test("in private, where nobody else could be called, names stay what they are", () => {
    const [page] = createTelegramRenderer({ place: "private" }).render("ask @BotFather", "final");
    expect(page?.plain).toBe("ask @BotFather");
    const inGroup = pages("mail a@b.test, see https://a.test/@x and `@code`")[0];
    expect(parseTelegramBody(inGroup?.body).text).toBe("mail a@b.test, see https://a.test/%40x and @code");
  });

  test("beyond a hundred entities the least important ones go", () => {
    const { entities } = parseTelegramBody(
      pages(`${"*i* ".repeat(99)}\`c\` [l](https://a.test) **b**`)[0]?.body,
    );
    expect(entities).toHaveLength(100);
    expect(entities.slice(-3).map(({ type }) => type)).toEqual(["code", "text_link", "bold"]);
  });

  test("a page keeps room for the bytes of its addresses", () => {
    const rendered = pages(`[x](https://a.test/${"y".repeat(1_900)}) `.repeat(6));
    const bytes = rendered.map((page) =>
      parseTelegramBody(page.body).entities.reduce((sum, { url }) => sum + (url?.length ?? 0), 0),
    );
    expect(Math.max(...bytes)).toBeLessThan(6_001);
    expect(rendered).toHaveLength(2);
  });

  test("words in front move everything behind them", () => {
    const page = pages("**b** text")[0];
    if (!page) throw new Error("There is no page.");
    const marked = prefixed(page, "(sent again)");
    expect(tagged(marked)).toBe("(sent again)\n<b>b</b> text");
    expect(marked.plain).toBe("(sent again)\nb text");
    expect(marked.fingerprint).not.toBe(page.fingerprint);
    expect(createTelegramRenderer().prefixed(page, "(sent again)")).toEqual(marked);
  });

  test("a page reads back from storage", () => {
    const page = pages("**b** [l](https://a.test)\n```js\nx\n```")[0];
    expect(parseTelegramBody(JSON.parse(JSON.stringify(page?.body)))).toEqual(page?.body);
  });
});
