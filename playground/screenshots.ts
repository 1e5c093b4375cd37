/** Takes the pictures of the documentation: `node playground/screenshots.ts`. Needs a Chromium on the PATH. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { readConfig } from "../src/config.ts";
import { launchBrowser, pathOfChromium } from "./browser.ts";
import { startPlayground } from "./start.ts";

const docs = fileURLToPath(new URL("../docs/", import.meta.url));

/** A pane's own field. */
function fieldOf(page: Page, pane: string) {
  return page.locator(`[data-pane=${pane}] > footer textarea, [data-pane=${pane}] .room-main textarea`);
}

async function say(page: Page, pane: string, text: string): Promise<void> {
  await fieldOf(page, pane).fill(text);
  await fieldOf(page, pane).press("Enter");
}

async function reply(page: Page, pane: string, text: string): Promise<void> {
  const field = page.locator(`[data-pane=${pane}] .thread textarea`);
  await field.fill(text);
  await field.press("Enter");
}

/** Resolves when a pane shows this many answers that are no longer being written. */
async function answered(page: Page, pane: string, count: number): Promise<void> {
  const scope = ["private", "group"].includes(pane) ? ".bubbles" : ".thread";
  const done = page.locator(`[data-pane=${pane}] ${scope} [data-bot]:not(.is-live)`);
  await done.nth(count - 1).waitFor({ timeout: 60_000 });
}

/** Chooses who types in a pane's own field. */
async function typeAs(page: Page, pane: string, name: string): Promise<void> {
  const scope = pane === "group" ? "" : ".room-main ";
  await page.locator(`[data-pane=${pane}] ${scope}.type-as`).getByText(name, { exact: true }).click();
}

/** The first questions, in every pane at the same time. */
async function ask(page: Page): Promise<void> {
  await say(page, "private", "Hello");
  await say(page, "group", "@parley_bot what do we pack for the ridge walk?");
  await typeAs(page, "channel", "Maya");
  await say(page, "channel", "The build is green again.");
  await typeAs(page, "channel", "Alex");
  await say(page, "channel", "@Parley what speaks for small pull requests?");
  await say(page, "dm", "Give me a checklist for a release");
  await Promise.all(["private", "group", "channel", "dm"].map((pane) => answered(page, pane, 1)));
}

/** What people say after the first answers. */
async function goOn(page: Page): Promise<void> {
  await typeAs(page, "group", "Maya");
  await say(page, "group", "@parley_bot thanks!");
  await typeAs(page, "channel", "Maya");
  await say(page, "channel", "I will read that after lunch.");
  await reply(page, "channel", "And what speaks against them?");
  await reply(page, "dm", "Thanks!");
  await Promise.all(["group", "channel", "dm"].map((pane) => answered(page, pane, 2)));
  await typeAs(page, "group", "Alex");
  await say(page, "group", "See you on Sunday at eight.");
}

async function takePictures(page: Page): Promise<void> {
  await ask(page);
  await goOn(page);
  await say(page, "private", "Compare tea and coffee in a table");
  // In mid-stream: the table has come, the code not yet.
  await page.locator("[data-pane=private] .is-live pre").first().waitFor({ timeout: 30_000 });
  await page.screenshot({ path: join(docs, "playground.png") });
  await answered(page, "private", 2);
  await reply(page, "channel", "So what would you do?");
  await page.locator("[data-pane=channel] .thread .is-live ul").waitFor({ timeout: 30_000 });
  await page.locator("[data-pane=channel]").screenshot({ path: join(docs, "playground-streaming.png") });
}

const chromium = await pathOfChromium();
if (chromium === undefined) throw new Error("There is no Chromium on this machine.");
const read = readConfig({ PORT: "0" }, "");
if ("problems" in read) throw new Error("The defaults are no configuration.");
const folder = mkdtempSync(join(tmpdir(), "parley-pictures-"));
try {
  await using playground = await startPlayground({
    config: read.config,
    useModel: false,
    folder,
    say: () => undefined,
    onGone: () => process.exit(1),
  });
  const browser = await launchBrowser(chromium);
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 2,
    colorScheme: "light",
  });
  await page.goto(playground.url);
  await page.locator(".pane").first().waitFor();
  await takePictures(page);
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
