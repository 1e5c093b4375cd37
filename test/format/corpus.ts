/** Replies as models write them, and as an attacker would. */

const prose = [
  "The quick **brown fox** jumps over `the lazy` dog and *keeps* running, because [links](https://example.org/a?b=c) are nice.",
  'It said: "Hello". Then it went on — 12.5 % of them, at least — and nobody knew why (not even ~~you~~ I).',
  "Zażółć gęślą jaźń. 今天天气很好，**我们**去公园散步吧。👩‍👩‍👧‍👦 and 🇩🇪 and é stay whole.",
  "A second line follows\nright here, with `code` in it, and\na third.",
].join("\n\n");

const code = [
  "```ts",
  "export function fibonacci(n: number): number {",
  "  if (n < 2) return n;",
  "",
  "  return fibonacci(n - 1) + fibonacci(n - 2); // a && b || c",
  "}",
  "```",
].join("\n");

const list = [
  "1. **First**: do this",
  "2. Second, with a longer text that explains what there is to do and why it matters",
  "   - nested one",
  "   - nested two with `code`",
  "     1. deep",
  "3. Third",
  "",
  "   with a paragraph of its own.",
  "4. [ ] open",
  "5. [x] done",
].join("\n");

const table = [
  "| Name | Amount | Note |",
  "|:-----|-------:|:----:|",
  "| Apple | 3 | red |",
  "| 你好世界 | 10 | **bold** |",
  "| Pear | 7 | `code` |",
].join("\n");

const quote = ["> Somebody said **this**,", "> and more of it.", ">", "> - a point", "> - another"].join(
  "\n",
);

/** One of everything. */
export const everything = [
  "# A title",
  prose,
  "## A list:",
  list,
  code,
  table,
  "---",
  quote,
  "The end.",
].join("\n\n");

function repeated(text: string, length: number): string {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}

/** Well-formed replies of several pages: what they show does not depend on where they are cut. */
export const wellFormed: Readonly<Record<string, string>> = {
  prose: Array.from({ length: 20 }, (_, index) => `Paragraph ${index}. ${prose}`).join("\n\n"),
  everything: Array.from({ length: 8 }, (_, index) => `${everything} Round ${index}.`).join("\n\n"),
  "a long list": Array.from(
    { length: 300 },
    (_, index) => `${index + 1}. item ${index} with **bold ${index}** text`,
  ).join("\n"),
  "lazy numbers": Array.from({ length: 300 }, (_, index) => `1. item number ${index} and some text`).join(
    "\n",
  ),
  "a long code block": `\`\`\`py\n${Array.from({ length: 400 }, (_, index) => `    line_${index} = ${index} * 2  # c`).join("\n")}\n\`\`\`\nAfter.`,
  "a long table": `${table}\n${Array.from({ length: 300 }, (_, index) => `| row ${index} | ${index} | note |`).join("\n")}`,
  "a wide table": `| A | B | C |\n|---|---|---|\n${Array.from({ length: 60 }, (_, index) => `| row ${index} | ${"words of text ".repeat(4)}${index} | see [this](https://example.org/${index}) |`).join("\n")}`,
  "a long quote": Array.from({ length: 200 }, (_, index) => `> quoted line ${index} of text`).join("\n"),
  "one long paragraph": Array.from({ length: 1500 }, (_, index) => `word${index}`).join(" "),
  "one long bold paragraph": `**${Array.from({ length: 1500 }, (_, index) => `word${index}`).join(" ")}** end`,
  "a deep list item": `- top\n${Array.from({ length: 400 }, (_, index) => `  - nested ${index} with text`).join("\n")}`,
  "code in a list": `1. first\n\n   \`\`\`sh\n${Array.from({ length: 300 }, (_, index) => `   echo ${index} "some text here"`).join("\n")}\n   \`\`\`\n2. second`,
  chinese: repeated("今天天气很好，我们去公园散步吧。", 12_000),
};

/** Inputs that break parsers or deceive people, each about 40,000 characters. */
export const hostile: Readonly<Record<string, string>> = {
  brackets: "[".repeat(5_000),
  backticks: "`".repeat(39_000),
  "backtick runs": Array.from({ length: 270 }, (_, index) => `${"`".repeat(index)}a`).join(""),
  "open emphasis": "_*a".repeat(13_334),
  "open emphasis, long": "_*a".repeat(40_000),
  comments: "<!--".repeat(25_000),
  tildes: "~".repeat(100_000),
  strikes: "~~a".repeat(13_000),
  "deep quotes": ">".repeat(40_000),
  "deeper and deeper quotes": Array.from({ length: 250 }, (_, index) => `${">".repeat(index)}a`).join("\n"),
  "deep lists": "- ".repeat(20_000),
  "deep numbers": "1. ".repeat(13_000),
  "deep indented lists": Array.from({ length: 2_000 }, (_, index) => `${" ".repeat(index * 2)}- a`)
    .join("\n")
    .slice(0, 40_000),
  "open links": "[a](".repeat(10_000),
  "open images": "![".repeat(20_000),
  "nested links": "[a".repeat(5_000) + "](x)".repeat(5_000),
  "nested styles": "*aa ".repeat(1_900) + "aa* ".repeat(1_900) + "_b **c ".repeat(3_000),
  "strong openers": "**a".repeat(13_000),
  stars: "*".repeat(40_000),
  "half emphasis": "a** b".repeat(8_000),
  pipes: "|".repeat(40_000),
  "wide table": `${"a|".repeat(300)}\n${"-|".repeat(300)}\n${`${"a|".repeat(300)}\n`.repeat(60)}`,
  "huge row": `| a | b |\n|---|---|\n| ${"x".repeat(9_000)} | ${"y &<> ".repeat(1_500)} |\n| 1 | 2 |`,
  angles: "<".repeat(40_000),
  ampersands: "&".repeat(40_000),
  backslashes: "\\".repeat(40_000),
  "one word": "x".repeat(40_000),
  "one emoji": "👩‍".repeat(14_000),
  flags: "🇩🇪".repeat(10_000),
  marks: `a${"\u0301".repeat(10_000)}b`,
  "marks everywhere": "a\u0301\u0302\u0303".repeat(10_000),
  "line ends": "\n".repeat(40_000),
  "zero width": "\u200b\u200d\u2060".repeat(13_000),
  "zero width text": "a\u200b\u202e\u2066b\u{e0041}".repeat(6_000),
  surrogates: "\ud800a\udc00".repeat(13_000),
  controls: "a\u0000\u0007\u001b[31mb\r\n".repeat(4_000),
  definitions: "[x]: y\n".repeat(6_000),
  parentheses: `[a](${"(".repeat(39_000)}`,
  spaces: `a${" ".repeat(39_998)}b`,
  titles: '[a](b "'.repeat(6_000),
  "many links": "[a](https://example.org/very/long/path/that/goes/on) ".repeat(760),
  "many entities": "**a** *b* `c` ~~d~~ ".repeat(2_000),
  "many fences": "```\na\n".repeat(6_600),
  "fences in quotes": "> ```\n> a\n".repeat(4_000),
  "empty markup": "[](https://a.test)".repeat(2_200),
  entities: "&#x202e;&lt;&amp;".repeat(2_400),
  headings: "# \n".repeat(13_000),
  "markers only": "- \n".repeat(13_000),
};
