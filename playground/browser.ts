/** A Chromium of this machine, for the page's tests and pictures; the playground itself needs none. */

import { type Browser, chromium } from "playwright-core";
import { findChromium } from "../src/launch/chromium.ts";
import { outputOf } from "../src/launch/processes.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where the program is; undefined when this machine has none. */
export async function pathOfChromium(): Promise<string | undefined> {
  const name = await findChromium();
  if (name === undefined || name.startsWith("/")) return name;
  // Playwright takes a path only.
  return (await outputOf("/bin/sh", ["-c", `command -v ${name}`], undefined))?.trim();
}

/** Starts it without a window and with a fresh profile. */
export async function launchBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, headless: true, args: flags });
}
