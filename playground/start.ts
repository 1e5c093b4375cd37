/** The playground: the real service on a private Redis, simulated platforms, a demo model, and a page to type on. */

import { mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { type Logger, pino } from "pino";
import type { Config } from "../src/config.ts";
import { type Timing, timing as trueTiming } from "../src/core/timing.ts";
import { askRedis } from "../src/launch/ask-redis.ts";
import { checkRedis } from "../src/launch/check-redis.ts";
import { explainRedis } from "../src/launch/explain-redis.ts";
import { lockFolder } from "../src/launch/folder-lock.ts";
import { logOptions } from "../src/launch/log.ts";
import { useRedis } from "../src/launch/redis.ts";
import { StartRefused } from "../src/launch/refusal.ts";
import { type DemoModelOptions, startDemoModel } from "./demo-model.ts";
import { InnerService } from "./inner-service.ts";
import { PageFeed } from "./page-feed.ts";
import { startPageServer } from "./page-server.ts";
import { toServiceConfig } from "./service-config.ts";
import { welcome } from "./terminal.ts";
import { openWorld, type World } from "./world.ts";

/** How a playground is started. */
export interface PlaygroundOptions {
  readonly config: Config;
  /** True: `config.openai` answers. False: the demo model. */
  readonly useModel: boolean;
  /** Where conversations, Redis data and the log are kept; one playground at a time uses it. */
  readonly folder: string;
  /** Redis has been out of reach for good: the process is to end. */
  readonly onGone: () => void;
  /** Writes to the terminal, default: to standard output. */
  readonly say?: (text: string) => void;
  /** The pace of the demo model. */
  readonly demo?: DemoModelOptions;
  readonly timing?: Timing;
}

/** A running playground. Disposing it ends everything at once and keeps the conversations. */
export interface Playground extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
  /** The two platforms, for tests. */
  readonly world: World;
  /** Resolves when the playground is over. */
  readonly ended: Promise<void>;
}

/**
 * Starts everything and says so in the terminal.
 * @throws StartRefused when there is no Redis server, the configured one takes no writes, or the folder is in use by
 *   another process
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { config, folder } = options;
  const say = options.say ?? ((text: string) => void process.stdout.write(`${text}\n`));
  await using stack = new AsyncDisposableStack();
  const ended = Promise.withResolvers<void>();
  stack.defer(() => ended.resolve());
  const redis = stack.use(await useRedis(config.redis, { folder, mayInstall: true, say }));
  const notes = redis.isPrivate ? [] : await requireWrites(redis.url);
  // A private Redis has locked the folder already; beside a shared one the saved chats still need one owner.
  if (!redis.isPrivate) {
    const lock = await lockFolder(folder);
    stack.defer(() => lock.release());
  }
  const log = openLog(stack, folder, config.logLevel);
  const world = stack.use(await openWorld(folder, say));
  const demo = options.useModel ? undefined : stack.use(await startDemoModel(options.demo));
  const service = stack.use(
    new InnerService({
      world,
      configFor: (ways) => toServiceConfig(config, world, { demo, ways }),
      redisUrl: redis.url,
      log,
      onGone: options.onGone,
      timing: options.timing ?? trueTiming,
    }),
  );
  await service.start();
  const model = demo?.model ?? config.openai?.model ?? "none";
  const facts = { model, isDemo: demo !== undefined };
  const feed = stack.use(new PageFeed(world, facts, service));
  const page = stack.use(
    await startPageServer({ world, feed, switchboard: service, port: config.listen.port }),
  );
  say(
    welcome({
      ...facts,
      url: page.url,
      takenPort: [0, page.port].includes(config.listen.port) ? undefined : config.listen.port,
      isRestored: world.isRestored,
      warnings: [...config.warnings, ...notes],
      logFile: relative(process.cwd(), logPath(folder)),
    }),
  );
  const owned = stack.move();
  return {
    url: page.url,
    world,
    ended: ended.promise,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Without a Redis that takes writes nothing on the page would be answered, and nobody would be told why.
 * @returns what is wrong with it all the same
 */
async function requireWrites(url: string): Promise<readonly string[]> {
  const { bad, refuses } = await askRedis(url, checkRedis).catch((cause: unknown) => {
    throw new StartRefused(`Redis at ${explainRedis(cause, url)}`, { cause });
  });
  if (refuses.length > 0) throw new StartRefused(refuses.map((why) => `Redis: ${why}`).join("\n"));
  return bad.map((fault) => `Redis: ${fault}`);
}

/** The service's log goes to a file: the terminal is for the person who plays. */
function openLog(stack: AsyncDisposableStack, folder: string, level: Config["logLevel"]): Logger {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(logPath(folder), { force: true });
  const file = pino.destination({ dest: logPath(folder), sync: true, mode: 0o600 });
  stack.defer(() => file.end());
  return pino(logOptions({ logLevel: level, role: "all" }), file);
}

function logPath(folder: string): string {
  return join(folder, "playground.log");
}
