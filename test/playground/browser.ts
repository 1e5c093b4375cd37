/** A real Chromium for the page's tests. Without one they are left out, and `scripts/prepare-tests.ts` says so. */

import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { launchBrowser as launch, pathOfChromium } from "../../playground/browser.ts";

/** The program's path; undefined where there is none. */
export const chromiumPath = await pathOfChromium();

/** Starts a browser with a fresh profile. */
export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("There is no Chromium on this machine.");
  return await launch(chromiumPath);
}

/** One visit to the playground's page. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
}

/** Opens the page. Disposing fails when it logged an error or asked any other server than its own. */
export async function visit(
  browser: Browser,
  url: string,
  options: { frozen?: boolean; viewport?: { width: number; height: number } } = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: options.viewport ?? { width: 1440, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A connection that is lost on purpose is logged by the browser itself.
    if (message.type() === "error" && !/WebSocket connection/.test(message.text())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== url) complaints.push(`request: ${request.url()}`);
  });
  if (options.frozen) await page.clock.install();
  await page.goto(url);
  await page.getByText("connected", { exact: true }).waitFor();
  return {
    page,
    async [Symbol.asyncDispose]() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** The four panes by the names that a screen reader tells. */
export const panes = {
  private: "Telegram private chat",
  group: "Telegram group",
  channel: "Slack channel",
  dm: "Slack direct message",
} as const;

/** A pane. */
export function paneOf(page: Page, pane: keyof typeof panes) {
  return page.getByRole("region", { name: panes[pane], exact: true });
}

/** Types into a pane's own field (not its thread's) and presses Enter. */
export async function types(page: Page, pane: keyof typeof panes, text: string): Promise<void> {
  const field = paneOf(page, pane).getByRole("textbox", { name: /^Message to/ });
  await field.fill(text);
  await field.press("Enter");
}
