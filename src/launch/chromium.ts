/** Finding a Chromium on this machine, for the tests of the playground's page. */

import { type ChildEnvironment, outputOf } from "./processes.ts";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
] as const;

/** The first program that answers to `--version`; Ubuntu's placeholder for a snap does not. */
export async function findChromium(env?: ChildEnvironment): Promise<string | undefined> {
  for (const name of names) {
    const output = await outputOf(name, ["--version"], env);
    if (output !== undefined && /chrom/i.test(output)) return name;
  }
  return undefined;
}
