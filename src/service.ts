/** The composition root: from a configuration to a running service. Only it and `main.ts` know everybody. */

import { createHmac } from "node:crypto";
import type { Logger } from "pino";
import { createSlack, type SlackOptions } from "./adapters/slack/index.ts";
import { createTelegram } from "./adapters/telegram/index.ts";
import { createAnswering } from "./answering.ts";
import { secretsIn } from "./config/secret.ts";
import type { SlackConfig } from "./config/slack.ts";
import { tokenKeyBytes } from "./config/slack-access.ts";
import type { Config } from "./config.ts";
import { createConfigured } from "./configured.ts";
import { type Asker, personEntry } from "./core/access.ts";
import type { AccessCheck } from "./core/access-check.ts";
import { createModelCheck } from "./core/commands/model-check.ts";
import { readTextFile } from "./core/commands/read-file.ts";
import { type CommandDependencies, runCommand } from "./core/commands/run.ts";
import { parseConversationId, toChatConversation } from "./core/conversation.ts";
import { causeOf, createEvents, type Events } from "./core/events.ts";
import type { Arrival } from "./core/inbox.ts";
import type { CommandResponder } from "./core/platform/command-responder.ts";
import type { Intake } from "./core/platform/intake.ts";
import type { PlatformPeople } from "./core/platform/people.ts";
import type { Platform } from "./core/platform/platform.ts";
import { putBack } from "./core/reply/repair.ts";
import { type Timing, timing as trueTiming } from "./core/timing.ts";
import { runTurn, type TurnDependencies } from "./core/turn.ts";
import { startHttpServer } from "./http/server.ts";
import { openModels } from "./models.ts";
import { type OpenQueue, openQueue } from "./queue/queue.ts";
import { adminsOn, createDecisions, createRights } from "./rights.ts";

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

/** One adapter, as every `createX` of `src/adapters` returns it. */
interface Adapter {
  readonly platform: Platform;
  readonly intake: Intake;
  readonly responder: CommandResponder;
  readonly people: PlatformPeople;
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

/** The adapters' own sockets are closed by `stack`: after the workers and intakes that use them. */
function createAdapters(
  stack: AsyncDisposableStack,
  config: Config,
  queue: OpenQueue,
  events: Events,
  timing: Timing,
): ReadonlyMap<string, Adapter> {
  const adapters: Adapter[] = [];
  const { inbox } = queue;
  if (config.telegram) {
    const { botToken, proxyUrl, webhook, ...rest } = config.telegram;
    const secrets = {
      botToken: botToken.reveal(),
      proxyUrl: proxyUrl?.reveal(),
      webhook: webhook && { url: webhook.url, secret: webhook.secret.reveal() },
      admins: () => adminsOn("telegram", config, queue),
    };
    adapters.push(stack.use(createTelegram({ ...secrets, ...rest }, inbox, events, timing)));
  }
  if (config.slack) {
    const { access, delivery, proxyUrl, ...rest } = config.slack;
    const secrets = {
      access: openSlackAccess(stack, access, queue),
      delivery: revealDelivery(delivery),
      proxyUrl: proxyUrl?.reveal(),
    };
    adapters.push(stack.use(createSlack({ ...secrets, ...rest }, inbox, events, timing)));
  }
  return new Map(adapters.map((adapter) => [adapter.platform.name, adapter]));
}

/** Opens the store of installations where there is one; its keys never leave this process. */
function openSlackAccess(
  stack: AsyncDisposableStack,
  access: SlackConfig["access"],
  queue: OpenQueue,
): SlackOptions["access"] {
  if (access.kind === "token") return { kind: "token", botToken: access.botToken.reveal() };
  const { kind, clientId, clientSecret, publicUrl, teams } = access;
  const tokenKeys = tokenKeyBytes(access.tokenKeys);
  const installations = stack.use(queue.openInstallations(tokenKeys));
  const stateSecret = createHmac("sha256", tokenKeys[0] ?? "")
    .update("parley install state")
    .digest("hex");
  const app = { clientId, clientSecret: clientSecret.reveal(), publicUrl, teams };
  return { kind, ...app, stateSecret, installations };
}

function revealDelivery(delivery: SlackConfig["delivery"]): SlackOptions["delivery"] {
  return delivery.kind === "socket"
    ? { kind: "socket", appToken: delivery.appToken.reveal() }
    : { kind: "http", signingSecret: delivery.signingSecret.reveal() };
}

interface Parts {
  readonly queue: OpenQueue;
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly events: Events;
  readonly timing: Timing;
}

function startWorkers(stack: AsyncDisposableStack, { config }: ServiceOptions, parts: Parts): void {
  const { queue, adapters, events, timing } = parts;
  const { endpoints, admission, model } = openModels(stack, config, {
    queue,
    timing,
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

function createCommandDependencies(
  config: Config,
  { queue, adapters, events, timing }: Parts,
  { endpoints, admission, endUser }: Pick<TurnDependencies, "endpoints" | "admission" | "endUser">,
  configured: TurnDependencies["configured"],
  check: AccessCheck,
): CommandDependencies {
  const { access } = config;
  const personOf = (asker: Asker) => personEntry(asker, access.forms);
  const { right } = check;
  const decisions = createDecisions(config, { queue, adapters, events, timing });
  return {
    conversations: { ...queue.conversations, claimOwnership: decisions.claimOwnership },
    turnAway: queue.requests.turnAway,
    buttons: queue.buttons,
    access: check.mayUse,
    ofAccess: { store: decisions.access, requests: queue.requests, rules: access, right, personOf },
    events,
    contextWindow: (model) => endpoints.contextWindow(model),
    contextTokens: config.context.tokens,
    commandPrefix: (platform) => adapters.get(platform)?.responder.commandPrefix ?? "/",
    read: async (command) => {
      const platform = adapters.get(parseConversationId(command.conversation).platform)?.platform;
      if (!platform) throw new Error(`No adapter for ${command.conversation}`);
      // A command is read like a message without text: for its author's name and membership.
      return await platform.read({ ...command, text: "", answer: true }, AbortSignal.timeout(10_000));
    },
    ofSettings: {
      settings: queue.settings,
      configured,
      catalogue: endpoints,
      checkModel: createModelCheck({ endpoints, admission, waitMs: timing.modelCheckMs }, endpoints),
      endUser,
      right,
      personOf,
      hasWorkspaces: (platform) =>
        access.forms.some((form) => form.platform === platform && form.opensToMembers),
      readFile: async (command, file) => {
        const responder = adapters.get(parseConversationId(command.conversation).platform)?.responder;
        if (!responder) throw new Error(`No adapter for ${command.conversation}`);
        return await readTextFile(responder, command, file, AbortSignal.timeout(timing.callMs * 2));
      },
      modelsWaitMs: timing.callMs,
    },
  };
}

type Pressed = Omit<Extract<Arrival, { readonly kind: "stop" }>, "kind" | "id">;

/** A platform's own stop button: the same as `/stop`, without an answer. */
async function stopByButton(
  { conversations }: CommandDependencies,
  { conversation, author, atMs, only }: Pressed,
): Promise<void> {
  const chat = toChatConversation(conversation);
  const by = { author, everybodys: false, order: atMs * 1_000 };
  if (only !== undefined) {
    await conversations.stop({ conversation: chat, reach: "chat", ...by, only });
    return;
  }
  const { running } = await conversations.stop({ conversation, reach: "conversation", ...by });
  // A flat direct message shows its sign at the question, which the platform takes for a thread.
  if (!running) await conversations.stop({ conversation: chat, reach: "conversation", ...by });
}
