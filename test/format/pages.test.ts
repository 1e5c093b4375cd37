/** Where a long reply is cut, and how it goes on. */

import { describe, expect, test } from "vitest";
import { createSlackRenderer } from "../../src/adapters/slack/format.ts";
import { createTelegramRenderer, parseTelegramBody } from "../../src/adapters/telegram/format.ts";
import type { Page } from "../../src/core/platform/page.ts";
import { wellFormed } from "./corpus.ts";
import { tagged } from "./readable.ts";

function pages(markdown: string): readonly Page[] {
  return createTelegramRenderer().render(markdown, "final");
}

/** Text of about `length` characters. */
function words(length: number): string {
  return "lorem ipsum "
    .repeat(Math.ceil(length / 12))
    .slice(0, length - 1)
    .trimEnd()
    .concat(".");
}

function firstLine(page: Page | undefined): string {
  return tagged(page).split("\n")[0] ?? "";
}

function lastLine(page: Page | undefined): string {
  return tagged(page).split("\n").at(-1) ?? "";
}

describe("a long reply", () => {
  test.each([
    ["Telegram", createTelegramRenderer],
    ["Slack", createSlackRenderer],
  ])("of 9,000 characters is three pages in %s, each of which begins differently", (_name, create) => {
    const text = Array.from({ length: 60 }, (_, index) => `${index}. ${words(145)}`).join("\n\n");
    const renderer = create();
    for (let end = 50; end < 9_000; end += 50) renderer.render(text.slice(0, end), "preview");
    const final = renderer.render(text.slice(0, 9_000), "final");
    expect(final).toHaveLength(3);
    expect(new Set(final.map(({ plain }) => plain.slice(0, 20))).size).toBe(3);
  });

  test("is cut between paragraphs when one ends near the page's end", () => {
    const [first, second] = pages([words(3_500), words(900)].join("\n\n"));
    expect(first?.plain).toBe(words(3_500));
    expect(second?.plain).toBe(words(900));
  });

  test("leaves no page half empty for the sake of a paragraph's end", () => {
    const all = pages([words(2_300), words(2_300), words(2_300), words(2_000)].join("\n\n"));
    expect(all).toHaveLength(3);
    for (const page of all.slice(0, -1)) expect(page.plain.length).toBeGreaterThan(3_200);
  });

  test("is not cut between a heading and its text", () => {
    const [first, second] = pages([words(3_600), "## Next", words(900)].join("\n\n"));
    expect(first?.plain).toBe(words(3_600));
    expect(firstLine(second)).toBe("<b>Next</b>");
  });

  test("is cut behind a sentence inside a long paragraph", () => {
    const [first, second] = pages(`${words(3_800)} A new sentence ${words(900)}`);
    expect(first?.plain).toBe(words(3_800));
    expect(second?.plain.startsWith("A new sentence")).toBe(true);
  });

  test("is cut between words when there are no sentences", () => {
    const [first, second] = pages("word ".repeat(1_000));
    expect(first?.plain.endsWith("word")).toBe(true);
    expect(second?.plain.startsWith("word")).toBe(true);
  });

  test("is never cut inside a character", () => {
    const family = "👩‍👩‍👧‍👦";
    for (const page of pages(`a${family.repeat(1_000)}`)) {
      expect(page.plain.replaceAll(family, "").replace(/^a/, "")).toBe("");
    }
  });

  test("closes code at the cut and opens it again with its language", () => {
    const all = pages(wellFormed["a long code block"] ?? "");
    expect(all.length).toBeGreaterThan(2);
    for (const page of all) expect(firstLine(page)).toMatch(/^<pre py>/);
    for (const page of all.slice(0, -1)) expect(lastLine(page)).toMatch(/<\/pre>$/);
  });

  test("goes on counting a list, also one that was numbered lazily", () => {
    const [first, second] = pages(wellFormed["lazy numbers"] ?? "");
    const last = Number(/^\d+/.exec(lastLine(first))?.[0]);
    expect(last).toBeGreaterThan(50);
    expect(firstLine(second)).toMatch(new RegExp(`^${last + 1}\\. `));
  });

  test("goes on inside an item without a second mark", () => {
    const [, second] = pages(`- a\n- ${words(6_000)}\n- c`);
    expect(second?.plain).toMatch(/^lorem|^ipsum/);
    expect(lastLine(second)).toBe("• c");
  });

  test("repeats a table's header on the next page", () => {
    const [first, second] = pages(wellFormed["a long table"] ?? "");
    expect(firstLine(first)).toMatch(/^<pre>Name +\| Amount \| *Note/);
    expect(firstLine(second)).toMatch(/^<pre>Name +\| Amount \| *Note/);
  });

  test("goes on quoting, and goes on in bold", () => {
    const quoted = pages(wellFormed["a long quote"] ?? "");
    for (const page of quoted) expect(tagged(page)).toMatch(/^<quote>[^<]*<\/quote>$/);
    const [, second] = pages(wellFormed["one long bold paragraph"] ?? "");
    expect(tagged(second)).toMatch(/^<b>[^<*]*<\/b>/);
  });

  test("shows a table's row that fits on no page as it was written", () => {
    const all = pages(`| a | b |\n|---|---|\n| ${"x".repeat(9_000)} | y |\n`);
    expect(all).toHaveLength(3);
    expect(
      all
        .map(({ plain }) => plain)
        .join("")
        .match(/x/g),
    ).toHaveLength(9_000);
  });

  test("measures a page after rendering: markup takes no room", () => {
    const all = pages(`${"**bold** ".repeat(600)}`);
    expect(all).toHaveLength(1);
    expect(parseTelegramBody(all[0]?.body).text).toHaveLength(600 * 5 - 1);
  });
});

describe("a renderer", () => {
  test("gives the same page objects again when nothing has changed", () => {
    const renderer = createTelegramRenderer();
    const before = renderer.render("a **b**", "preview");
    expect(renderer.render("a **b**", "preview")).toBe(before);
  });

  test("tells equal looks by equal fingerprints", () => {
    const renderer = createTelegramRenderer();
    const before = renderer.render("a *b*", "preview")[0]?.fingerprint;
    expect(renderer.render("a *b* ", "preview")[0]?.fingerprint).toBe(before);
    expect(renderer.render("a *b* c", "preview")[0]?.fingerprint).not.toBe(before);
  });

  test("starts over when the text is another one", () => {
    const renderer = createTelegramRenderer();
    renderer.render(words(9_000), "preview");
    expect(renderer.render("Something else.", "preview").map(({ plain }) => plain)).toEqual([
      "Something else.",
    ]);
  });

  test("waits for the other half of a character", () => {
    const renderer = createTelegramRenderer();
    expect(renderer.render("a \ud83d", "preview")[0]?.plain).toBe("a");
    expect(renderer.render("a \ud83d\ude00", "preview")[0]?.plain).toBe("a 😀");
  });
});
