/** The composition root: from a configuration to a running service. Only it and `main.ts` know everybody. */

import { createHmac } from "node:crypto";
import type { Logger } from "pino";
import { createAnswering } from "./answering.ts";
import { createCommandDependencies, stopByButton } from "./commands.ts";
import { secretsIn } from "./config/secret.ts";
import type { Config } from "./config.ts";
import { createConfigured } from "./configured.ts";
import { createAdapters, type Parts } from "./connected.ts";
import { refuseStranger, runCommand } from "./core/commands/run.ts";
import { causeOf, createEvents } from "./core/events.ts";
import { putBack } from "./core/reply/repair.ts";
import { type Timing, timing as trueTiming } from "./core/timing.ts";
import { runTurn, type TurnDependencies } from "./core/turn.ts";
import { startHttpServer } from "./http/server.ts";
import { openModels } from "./models.ts";
import { type OpenQueue, openQueue } from "./queue/queue.ts";
import { createRights } from "./rights.ts";

/** What a service is started from. */
export interface ServiceOptions {
  readonly config: Config;
  /** `redis://…`, `rediss://…` or `unix:/path`. */
  readonly redisUrl: string;
  readonly log: Logger;
  readonly timing?: Timing;
  /** Separates installations in one Redis. */
  readonly namespace?: string;
  /** Redis has been out of reach for good: the process is to end. */
  readonly onGone: () => void;
}

/** A running service. Disposing it stops intake, lets turns end within the grace, gives the rest back, and closes. */
export interface Service extends AsyncDisposable {
  /** Where `/livez` and `/readyz` are served, and whatever the platforms deliver to. */
  readonly port: number;
  /** What is not ready, in sentences. */
  notReady(): Promise<readonly string[]>;
  readonly queue: OpenQueue;
  /** What stands before a command on each platform that is served. */
  readonly commandPrefixes: readonly string[];
}

/** Starts the role that `config` names. It resolves when the process listens; connecting goes on by itself. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config } = options;
  const timing = options.timing ?? trueTiming;
  const events = createEvents(options.log, secretsIn(config));
  const { historyDays, patience } = config;
  await using stack = new AsyncDisposableStack();
  const queue = stack.use(openQueue({ ...optionsOf(options), timing, events, historyDays, patience }));
  const adapters = createAdapters(stack, config, queue, events, timing);

  if (config.role !== "gateway") startWorkers(stack, options, { queue, adapters, events, timing });
  const serving = config.role === "worker" ? [] : [...adapters.values()];
  const intakes = serving.map(({ intake }) => intake);
  const notReady = async () => {
    const reasons = [await queue.notReady(), ...intakes.map((intake) => intake.notReady())];
    return reasons.filter((reason) => reason !== undefined);
  };
  stack.defer(async () => {
    await Promise.allSettled(intakes.map((intake) => intake.stop()));
  });
  const routes = serving.flatMap(({ platform: { name }, intake }) =>
    intake.routes.map((route) => ({
      platform: name,
      method: route.method,
      path: route.path,
      handle: route.handle.bind(route),
    })),
  );
  const http = stack.use(await startHttpServer({ ...config.listen, notReady, routes, events, timing }));
  for (const intake of intakes) {
    intake.start().catch((error: unknown) => events.intakeFailed({ cause: causeOf(error) }));
  }
  const owned = stack.move();
  const commandPrefixes = [...adapters.values()].map(({ responder }) => responder.commandPrefix);
  const dispose = () => owned.disposeAsync();
  return { port: http.port, notReady, queue, commandPrefixes, [Symbol.asyncDispose]: dispose };
}

function optionsOf({ redisUrl, namespace, onGone }: ServiceOptions) {
  return { url: redisUrl, onGone, ...(namespace === undefined ? {} : { namespace }) };
}

function startWorkers(stack: AsyncDisposableStack, { config }: ServiceOptions, parts: Parts): void {
  const { queue, adapters, events, timing } = parts;
  const { endpoints, admission, model } = openModels(stack, config, {
    queue,
    timing,
    events,
    onClosed: (closed) => {
      for (const platform of adapters.keys()) queue.tellClosed(platform, closed);
    },
  });
  const platforms = new Map([...adapters].map(([name, { platform }]) => [name, platform]));
  const secret = createPostSecret(config);
  const configured = createConfigured(config, model);
  const rights = createRights(config, parts);
  const turns: TurnDependencies = {
    platforms,
    store: queue.store,
    endpoints,
    admission,
    mayUse: rights.decide,
    turnAway: queue.requests.turnAway,
    configured,
    contextTokens: config.context.tokens,
    timing,
    events,
    postToken: (message, index) =>
      createHmac("sha256", secret).update(`${message} ${index}`).digest("base64url"),
    endUser: ({ platform, scope }, author) =>
      createHmac("sha256", secret).update(`user ${platform} ${scope} ${author}`).digest("base64url"),
  };
  const models = { endpoints, admission, endUser: turns.endUser };
  const commands = createCommandDependencies(config, parts, models, configured, rights);
  const workers = queue.startWorkers({
    concurrency: config.concurrency,
    contextTokens: config.context.tokens,
    lateAfterMs: config.lateAfterMs,
    run: (turn, signals) => runTurn(turns, turn, signals),
    command: (command) => runCommand(commands, command),
    refuse: (command) => refuseStranger(commands, command),
    stop: (pressed) => stopByButton(commands, pressed),
    ...createAnswering(parts, commands),
    announce: rights.announce,
    repair: async (repair, from) => {
      const platform = platforms.get(repair.target.address.platform);
      if (!platform) return { from, againMs: timing.brokenMs };
      return await putBack(platform, queue.store, timing, repair, from);
    },
  });
  stack.defer(() => workers.stop(config.shutdownGraceMs));
}

/** The key of posts' tokens: the same in every process that holds the same credentials. */
function createPostSecret({ telegram, slack }: Config): string {
  const ofSlack = slack?.access.kind === "token" ? slack.access.botToken : slack?.access.clientSecret;
  return `parley posts ${telegram?.botToken.reveal() ?? ""} ${ofSlack?.reveal() ?? ""}`;
}
