import { expect, test } from "vitest";
import { countQuoted, type QuotedMessage, quote } from "../../src/core/background-text.ts";
import {
  buildContext,
  type ContextEntry,
  type ContextSource,
  messageTokens,
} from "../../src/core/context.ts";
import { countTokens } from "../../src/core/tokens.ts";
import { words } from "../../src/core/words.ts";

const { before, after, leftOut } = words.background;
const counted = (entry: ContextEntry) => ({ ...entry, tokens: messageTokens(entry) });
const said = (order: number, text: string): QuotedMessage =>
  countQuoted({ order, opening: order === 0, quote: quote("Ann", text) });

/** A thread of a root and `count` messages of about `tokens` tokens each. */
const thread = (count: number, tokens: number) => [
  said(0, "The root"),
  ...Array.from({ length: count }, (_, index) => said(index + 1, `m${index + 1} ${"why ".repeat(tokens)}`)),
];

function source(given: Partial<ContextSource>): ContextSource {
  return {
    systemPrompt: "Be kind.",
    newestFirst: [],
    question: counted({ role: "user", text: "And now?", speaker: "Bob" }),
    budgetTokens: 16_000,
    ...given,
  };
}

const shown = (given: Partial<ContextSource>) => buildContext(source(given)).messages.at(-1)?.content ?? "";
const tokensOf = (messages: readonly { content: string }[]) =>
  messages.reduce((sum, { content }) => sum + countTokens(content) + 4, 3);

test("a thread's past stands before the conversation, and every line of it is marked", () => {
  const history = [counted({ role: "assistant", text: "A" }), counted({ role: "user", text: "Q" })];
  const background = [said(0, "The root"), said(1, "one\ntwo\r\nthree\u2028four")];
  expect(buildContext(source({ background, newestFirst: history })).messages).toEqual([
    { role: "system", content: "Be kind." },
    {
      role: "user",
      content: `${before}\n> Ann: The root\n> Ann: one\n> two\n> three\n> four\n${after}\n\nQ`,
    },
    { role: "assistant", content: "A" },
    { role: "user", content: "Bob: And now?" },
  ]);
});

test("nothing is said of a thread without a past", () => {
  expect(shown({ background: [] })).toBe("Bob: And now?");
});

test.for([400, 700, 1_500])(
  "within %i tokens the root and the newest are told, and that some are not",
  (budgetTokens) => {
    const background = thread(50, 60);
    const { messages } = buildContext(source({ background, budgetTokens }));
    const content = messages.at(-1)?.content ?? "";
    expect(content.startsWith(`${before}\n> Ann: The root\n${leftOut}\n`)).toBe(true);
    expect(content).toContain("> Ann: m50 ");
    expect(content).not.toContain("> Ann: m1 ");
    expect(tokensOf(messages)).toBeLessThanOrEqual(budgetTokens + 10);
    expect(tokensOf(messages)).toBeGreaterThan(budgetTokens - 60);
  },
);

test("a root as long as a book takes a quarter at most, and says that it was cut", () => {
  const background = [said(0, "book ".repeat(20_000)), said(1, "Newest")];
  const { messages } = buildContext(source({ background, budgetTokens: 2_000 }));
  expect(tokensOf(messages)).toBeLessThan(2_000 / 4 + 200);
  expect(messages.at(-1)?.content).toContain(`${words.background.cut}\n> Ann: Newest`);
});

test("what was said to the bot comes before what was not: a long conversation leaves of the thread its root", () => {
  const newestFirst = Array.from({ length: 100 }, (_, index) =>
    counted({ role: index % 2 === 0 ? "assistant" : "user", text: `h${index} ${"so ".repeat(40)}` }),
  );
  const background = thread(50, 10);
  const { messages } = buildContext(source({ background, newestFirst, budgetTokens: 1_000 }));
  expect(messages[1]?.content.startsWith(`${before}\n> Ann: The root\n${leftOut}\n${after}`)).toBe(true);
  expect(JSON.stringify(messages)).toContain("h0 ");
  expect(JSON.stringify(messages)).not.toContain("m50 ");
  expect(tokensOf(messages)).toBeLessThanOrEqual(1_010);
});

test("a context that was too long for the model is told half of the thread", () => {
  const background = thread(50, 60);
  const whole = tokensOf(buildContext(source({ background })).messages);
  const half = buildContext(source({ background }), true).messages;
  expect(tokensOf(half)).toBeLessThanOrEqual(whole / 2 + 10);
  expect(half.at(-1)?.content).toContain("The root");
});

test("a tiny window has room for the root, and none for anything beside a long question", () => {
  const background = thread(50, 60);
  expect(shown({ background, budgetTokens: 100 })).toContain("> Ann: The root");
  const text = `${"long ".repeat(220)}question`;
  const question = counted({ role: "user", text });
  expect(shown({ background, question, budgetTokens: 100 })).toBe(text);
});
