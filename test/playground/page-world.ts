/** A page on two simulated platforms without a service: what the bot does, a test does over the platforms' own HTTP. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Switchboard } from "../../playground/inner-service.ts";
import { PageFeed } from "../../playground/page-feed.ts";
import { type PageServer, startPageServer } from "../../playground/page-server.ts";
import { usualWays, type Ways } from "../../playground/ways.ts";
import { openWorld, type World } from "../../playground/world.ts";

/** The platforms, their page, and the bot's hands. */
export interface PageWorld extends AsyncDisposable {
  readonly world: World;
  readonly page: PageServer;
  readonly switchboard: TestSwitchboard;
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
  const switchboard = new TestSwitchboard();
  const feed = stack.use(new PageFeed(world, { model: "none", isDemo: true }, switchboard));
  const servePage = (port: number) => startPageServer({ world, feed, switchboard, port });
  const page = stack.use(await servePage(0));
  const { telegram, slack } = world;
  const owned = stack.move();
  return {
    world,
    page,
    switchboard,
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

/** A switchboard without a service behind it: a test says what it shows. */
export class TestSwitchboard implements Switchboard {
  /** What the page asked for. */
  readonly wished: Ways[] = [];
  readonly #listeners = new Set<() => void>();
  ways = usualWays;
  isSwitching = false;

  switchTo(ways: Ways): void {
    this.wished.push(ways);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows something else. */
  show({ isSwitching, ...ways }: Partial<Ways> & { readonly isSwitching: boolean }): void {
    this.isSwitching = isSwitching;
    this.ways = { ...this.ways, ...ways };
    for (const listener of this.#listeners) listener();
  }
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
