/** Before the tests: a Redis server must be there, a Chromium can be; what can be installed safely is. */

import { findChromium } from "../src/launch/chromium.ts";
import { canInstallByApt, detectSystem, installByApt, installCommand } from "../src/launch/packages.ts";
import { ensureRedisServer } from "../src/launch/redis.ts";
import { StartRefused } from "../src/launch/refusal.ts";

async function prepareRedis(): Promise<void> {
  try {
    await ensureRedisServer({ mayInstall: true, say: console.log });
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function prepareChromium(): Promise<void> {
  if ((await findChromium()) !== undefined) return;
  const system = detectSystem();
  if (canInstallByApt("chromium", system)) {
    console.log(
      "There is no Chromium on this machine: installing it by apt for the page's tests (takes a while) …",
    );
    const failure = await installByApt("chromium");
    if (failure === undefined && (await findChromium()) !== undefined) return;
    console.log(`apt could not install chromium: ${failure ?? "it does not start"}`);
  }
  console.log(
    `Without a Chromium the tests of the playground's page are left out. Install it by: ${installCommand("chromium", system)}`,
  );
}

await prepareRedis();
if (process.exitCode === undefined) await prepareChromium();
