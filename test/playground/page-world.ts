/** A page on two simulated platforms without a service: what the bot does, a test does over the platforms' own HTTP. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { PageFeed } from "../../playground/page-feed.ts";
import { type PageServer, startPageServer } from "../../playground/page-server.ts";
import { openWorld, type World } from "../../playground/world.ts";

/** The platforms, their page, and the bot's hands. */
export interface PageWorld extends AsyncDisposable {
  readonly world: World;
  readonly page: PageServer;
  /** Serves the same world once more. */
  servePage(port: number): Promise<PageServer>;
  /** Calls the Bot API as the bot. @returns `result` */
  telegram(method: string, payload: object): Promise<{ readonly message_id: number }>;
  /** Calls Slack's Web API as the bot. */
  slack(method: string, payload: object): Promise<{ readonly ts: string }>;
}

/** Starts one on ports that the OS chooses. */
export async function startPageWorld(): Promise<PageWorld> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "parley-page-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const world = stack.use(await openWorld(folder, () => undefined));
  const feed = stack.use(new PageFeed(world, { model: "none", isDemo: true }));
  const servePage = (port: number) => startPageServer({ world, feed, port });
  const page = stack.use(await servePage(0));
  const { telegram, slack } = world;
  const owned = stack.move();
  return {
    world,
    page,
    servePage,
    telegram: async (method, payload) => {
      const answer = await post(`${telegram.url}/bot${telegram.token}/${method}`, payload, {});
      return sent.parse(answer).result;
    },
    slack: async (method, payload) => {
      const answer = await post(`${slack.url}${method}`, payload, {
        authorization: `Bearer ${slack.botToken}`,
      });
      return done.parse(answer);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the Bot API answers to a message; to other calls it answers `true`. */
const sent = z.object({
  ok: z.literal(true),
  result: z.object({ message_id: z.number() }).catch({ message_id: 0 }),
});
const done = z.object({ ok: z.literal(true), ts: z.string().catch("") });

async function post(url: string, payload: object, headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close", ...headers },
    body: JSON.stringify(payload),
  });
  return await response.json();
}
