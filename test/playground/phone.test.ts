import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchBrowser, paneOf, visit } from "./browser.ts";
import { startPageWorld } from "./page-world.ts";

const phone = { width: 390, height: 844 };

/** What a person cannot reach: things that end outside the bar or window they stand in. */
async function cutOff(page: Page): Promise<readonly string[]> {
  const parts: readonly string[][] = await Promise.all(
    [".bar", ".telegram", ".slack"].map(async (name) => {
      const part = page.locator(name);
      const end = endOf(await part.boundingBox());
      const things = await part.locator("button, textarea, label, .meter, .model").all();
      const cut = await Promise.all(
        things.map(async (thing) =>
          endOf(await thing.boundingBox()) > end ? [(await thing.textContent()) ?? ""] : [],
        ),
      );
      return cut.flat();
    }),
  );
  return parts.flat();
}

function endOf(box: { readonly x: number; readonly width: number } | null): number {
  return box === null ? 0 : box.x + box.width;
}

describe.runIf(chromiumPath !== undefined)("the playground's page on a phone", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test.each([phone, { width: 820, height: 1_100 }, { width: 1_024, height: 720 }])(
    "at $width × $height nothing is cut off, and nothing has to be scrolled sideways",
    async (viewport) => {
      await using world = await startPageWorld();
      await using visitor = await visit(browser, world.page.url, { viewport });
      const { page } = visitor;
      expect(await paneOf(page, "channel").getByText("channel · Alex (admin), Maya").isVisible()).toBe(true);
      expect(await cutOff(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
    },
  );

  test("an open thread has the room of its channel, which is back when it is closed", async () => {
    await using world = await startPageWorld();
    await using visitor = await visit(browser, world.page.url, { viewport: phone });
    const { page } = visitor;
    const { cast, slack } = world.world;
    slack.says(cast.slack.people[0] ?? "", cast.slack.channel, "Hello");
    const pane = paneOf(page, "channel");
    await pane.getByRole("button", { name: "Reply in thread" }).click();
    const thread = pane.getByRole("complementary", { name: "Thread" });
    await thread.getByText("Hello").waitFor();
    expect((await thread.boundingBox())?.width).toBe((await pane.boundingBox())?.width);
    await thread.getByRole("button", { name: "Close the thread" }).click();
    await pane.getByRole("textbox", { name: /^Message to/ }).waitFor();
    expect(await thread.isVisible()).toBe(false);
  });
});
