/** What a reader sees of markup that is only half written. */

import { describe, expect, test } from "vitest";
import { createTelegramRenderer } from "../../src/adapters/telegram/format.ts";
import { marked } from "../../src/core/markdown/mark.ts";
import { everything } from "./corpus.ts";
import { tagged } from "./readable.ts";

function preview(markdown: string): string {
  return createTelegramRenderer().render(markdown, "preview").map(tagged).join("\n=== next page ===\n");
}

const halves: readonly (readonly [what: string, markdown: string, chat: string])[] = [
  ["bold", "a **bo", "a <b>bo</b>"],
  ["bold with half its end", "a **bo*", "a <b>bo</b>"],
  ["bold that has only begun", "a **", "a"],
  ["bold and italic", "***x y", "<b><i>x y</i></b>"],
  ["nested styles", "**a _b", "<b>a <i>b</i></b>"],
  ["strike", "a ~~b c", "a <s>b c</s>"],
  ["strike with half its end", "~~b~", "<s>b</s>"],
  ["code", "a `b * c", "a <code>b * c</code>"],
  ["code with half its end", "``a`b`", "<code>a`b</code>"],
  ["a link's label", "see [the do", "see the do"],
  ["a link without its address", "see [the docs](", "see the docs"],
  ["a link with half its address", "see [the docs](https://a.te", "see the docs"],
  ["an image", "![a cat](https://a.t", "a cat"],
  ["a bold link", "**[do", "<b>do</b>"],
  ["an automatic link", "see <https://a.test/x", "see <a https://a.test/x>https://a.test/x</a>"],
  ["a backslash", "a \\", "a"],
  ["arithmetic", "5*3 and 2**8 is", "5*3 and 2**8 is"],
  ["a finished style", "a *b*", "a <i>b</i>"],
  ["an opened bracket long ago", `[a ${"word ".repeat(80)}`.trim(), `[a ${"word ".repeat(80)}`.trim()],
  ["a fence", "```", ""],
  ["a fence with half its language", "a\n\n```py", "a"],
  ["a fence with code", "```py\nx = 1", "<pre py>x = 1</pre>"],
  ["a fence with half its end", "```py\nx = 1\n``", "<pre py>x = 1</pre>"],
  ["a list's next mark", "- a\n-", "• a"],
  ["a numbered list's next mark", "1. a\n2.", "1. a"],
  ["a list's first mark", "text\n-", "text"],
  ["a nested list's mark", "- a\n  - ", "• a"],
  ["a heading's mark", "a\n\n##", "a"],
  ["a table's header", "a\n\n| x | y", "a"],
  ["a table's header below a text", "a\n| x | y |\n", "a"],
  ["a table with half its second line", "| x | y |\n|--", ""],
  ["a table without rows", "| x | y |\n|---|---|", "<pre>x | y\n--+--</pre>"],
  ["a table with a row that has begun", "| x | y |\n|---|---|\n|", "<pre>x | y\n--+--</pre>"],
  ["a table with half a row", "| x | y |\n|---|---|\n| **1", "<pre>x | y\n--+--\n1 |</pre>"],
  ["a quotation's mark", "> a\n>", "<quote>a</quote>"],
];

describe("a preview shows", () => {
  test.each(halves)("no stray markup of %s", (_what, markdown, chat) => {
    expect(preview(markdown)).toBe(chat);
  });

  test("no stray markup at any point of a whole reply", () => {
    const renderer = createTelegramRenderer();
    const stray: string[] = [];
    for (let end = 1; end < everything.length; end += 1) {
      const plain = renderer.render(everything.slice(0, end), "preview").at(-1)?.plain ?? "";
      const found = /\*\*|~~|`|\]\(|^\s*#|^\|/m.exec(plain);
      if (found) stray.push(JSON.stringify(everything.slice(Math.max(0, end - 40), end)));
    }
    expect(stray).toEqual([]);
  });
});

describe("the final state", () => {
  test("keeps as it stands what a preview would complete", () => {
    const renderer = createTelegramRenderer();
    expect(renderer.render("a **b", "preview").map(tagged)).toEqual(["a <b>b</b>"]);
    expect(renderer.render("a **b", "final").map(tagged)).toEqual(["a **b"]);
  });

  test("closes the fence in which a model stopped", () => {
    expect(createTelegramRenderer().render("```py\nx", "final").map(tagged)).toEqual(["<pre py>x</pre>"]);
  });

  test.each([
    ["in a fence", "```py\nx", "<pre py>x</pre>"],
    ["in a longer fence", "~~~~\n```\nx", "<pre>```\nx</pre>"],
    ["behind a fence", "```\nx\n```", "<pre>x</pre>"],
    ["in a fence in a list", "1. a\n\n   ```\n   x", "1. a\n<pre>x</pre>"],
    ["in a fence in a quotation", "> ```\n> x", "<quote><pre>x</pre></quote>"],
    ["in a table", "| a |\n|---|\n| b |", "<pre>a\n-\nb</pre>"],
  ])("shows a mark as words when the model stopped %s", (_where, markdown, chat) => {
    const final = createTelegramRenderer().render(marked(markdown, "_[stopped]_"), "final");
    expect(final.map(tagged)).toEqual([`${chat}\n\n<i>[stopped]</i>`]);
  });
});
