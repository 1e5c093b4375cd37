/** A Slack workspace on loopback: Web API and Socket Mode as a real server, with Slack's rules, and faults on demand. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { SlackCall } from "./calls.ts";
import type { Deliverer, Delivery } from "./deliverer.ts";
import { Faults } from "./faults.ts";
import { readBody, uploadedText } from "./http-body.ts";
import { HttpDelivery } from "./http-delivery.ts";
import type { MethodContext } from "./method.ts";
import { idOf, type MentionDelivery, People, type Ref, type SayOptions } from "./people.ts";
import { RateLimiter, type Rates } from "./rates.ts";
import { ResponseUrls } from "./response-urls.ts";
import { allScopes } from "./scopes.ts";
import { SocketMode, type SocketModeTiming, slackSocketTiming } from "./socket-mode.ts";
import { botPings, historyOf, type VisibleMessage, visibleMessages } from "./view.ts";
import { WebApi } from "./web-api.ts";
import {
  type MessageState,
  type SlackChannel,
  type SlackUser,
  Workspace,
  type WorkspaceSnapshot,
} from "./workspace.ts";

/** What may differ from a fresh workspace with Slack's own rules. */
export interface SlackSimulatorOptions {
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  readonly teamId?: string;
  readonly botUserId?: string;
  readonly botName?: string;
  /** Default `real`. */
  readonly rates?: Rates;
  /** Of deliveries by HTTP as well. */
  readonly socketTiming?: Partial<SocketModeTiming>;
  readonly mentions?: Partial<MentionDelivery>;
  /** The scopes of the bot token; default: all that any method here needs. */
  readonly scopes?: readonly string[];
  /** The events that the app has subscribed to (`message.im`, `app_mention`, …); default: all. */
  readonly events?: readonly string[];
  /** The most that `conversations.replies` gives at once; 15 for apps outside the Marketplace. Default 999. */
  readonly repliesMax?: number;
  /** False: a message keeps its latest state only, and how many it had. Default true. */
  readonly keepStates?: boolean;
  /** How many calls and deliveries are kept in the record, the newest; default: all. */
  readonly keepCalls?: number;
  /** The state of an earlier run. */
  readonly snapshot?: WorkspaceSnapshot;
  /** 0 (default): the OS chooses. A restarted simulator may need its old port. */
  readonly port?: number;
}

/** One running simulator. */
export class SlackSimulator implements AsyncDisposable {
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly workspace: Workspace;
  readonly people: People;
  readonly faults = new Faults();
  readonly socketMode: SocketMode;
  /** In use once the app has a Request URL: `http.verify`. */
  readonly http: HttpDelivery;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly #webApi: WebApi;
  readonly #responseUrls: ResponseUrls;
  readonly #uploads: MethodContext["uploads"] = new Map();
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  constructor(server: Server, options: SlackSimulatorOptions) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.botToken = options.botToken ?? "xoxb-simulated-bot-token";
    this.appToken = options.appToken ?? "xapp-simulated-app-token";
    this.signingSecret = options.signingSecret ?? "simulated-signing-secret";
    const identity = {
      teamId: options.snapshot?.teamId ?? options.teamId ?? "T0SIM",
      botUserId: options.snapshot?.botUserId ?? options.botUserId ?? "U0PARLEY",
      botName: options.botName ?? "parley",
    };
    this.workspace = new Workspace(identity, options.keepStates);
    const { workspace, origin } = this;
    if (options.snapshot) workspace.restore(options.snapshot);
    const { keepCalls = Number.POSITIVE_INFINITY, repliesMax = 999 } = options;
    const socketTiming = { ...slackSocketTiming, ...options.socketTiming };
    const socketMode = new SocketMode(socketTiming, () => workspace.changed(), keepCalls);
    const responseUrls = new ResponseUrls(workspace);
    const mentions: MentionDelivery = { order: "random", gapMs: 0, ...options.mentions };
    const events = options.events && new Set(options.events);
    const deliverer = () => this.deliverer;
    const people = new People({ workspace, deliverer, responseUrls, origin, mentions, events });
    const announce: MethodContext["announce"] = (...change) => people.announce(...change);
    this.socketMode = socketMode;
    this.http = new HttpDelivery(socketTiming, () => workspace.changed(), keepCalls, this.signingSecret);
    this.people = people;
    this.#responseUrls = responseUrls;
    this.#webApi = new WebApi({
      keepCalls,
      context: { workspace, socketMode, origin, announce, uploads: this.#uploads, repliesMax },
      faults: this.faults,
      rates: new RateLimiter(options.rates ?? "real"),
      tokens: { bot: this.botToken, app: this.appToken },
      scopes: options.scopes ?? allScopes,
    });
    this.#serve();
  }

  /** The API root, ending in `/api/`. */
  get url(): string {
    return `${this.origin}/api/`;
  }

  get teamId(): string {
    return this.workspace.teamId;
  }

  get botUserId(): string {
    return this.workspace.botUserId;
  }

  /** Socket Mode, until the app has a Request URL. */
  get deliverer(): Deliverer {
    return this.http.url === undefined ? this.socketMode : this.http;
  }

  /** Every attempt to deliver something, in the way that is in use. */
  get deliveries(): readonly Delivery[] {
    return this.deliverer.deliveries;
  }

  /** Every Web API call so far. */
  get calls(): readonly SlackCall[] {
    return this.#webApi.calls;
  }

  /** How many calls there ever were, also those no longer in the record. */
  get counts(): { readonly calls: number; readonly limited: number } {
    return this.#webApi.counts;
  }

  /** Calls of one method. */
  callsOf(method: string): readonly SlackCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  createUser(user: {
    readonly name: string;
    readonly guest?: boolean;
    readonly stranger?: boolean;
  }): SlackUser {
    return this.workspace.addUser({ ...user, ...(user.stranger ? { teamId: "T0OTHER" } : {}) });
  }

  /** Another app's bot. */
  createBot(name: string): SlackUser {
    return this.workspace.addUser({ name, botId: this.workspace.nextId("B") });
  }

  /** A channel with the bot and `members` in it. */
  createChannel(
    name: string,
    members: readonly Ref[],
    options: { withBot?: boolean; isPrivate?: boolean } = {},
  ): SlackChannel {
    const bot = options.withBot === false ? [] : [this.botUserId];
    return this.workspace.addChannel({
      name,
      kind: options.isPrivate ? "group" : "channel",
      members: [...bot, ...members.map(idOf)],
    });
  }

  /** The direct conversation of `user` and the bot. */
  createDm(user: Ref): SlackChannel {
    return this.workspace.addChannel({
      name: idOf(user),
      kind: "im",
      members: [idOf(user), this.botUserId],
    });
  }

  createMpim(users: readonly Ref[]): SlackChannel {
    const members = [...users.map(idOf), this.botUserId];
    return this.workspace.addChannel({ name: `mpdm-${members.join("-")}`, kind: "mpim", members });
  }

  /** A person says something; `@name` mentions. @returns the message's ts */
  says(user: Ref, channel: Ref, text: string, options?: SayOptions): string {
    return this.people.says(user, channel, text, options);
  }

  /** Runs a slash command. @returns its delivery; undefined when the app did not acknowledge in time */
  runsCommand(user: Ref, channel: Ref, command: string, text: string): Promise<Delivery | undefined> {
    return this.people.runsCommand(user, channel, command, text);
  }

  /** Presses Slack's own Stop button in a thread. */
  pressesStop(user: Ref, channel: Ref, thread: string): void {
    this.people.pressesStop(user, channel, thread);
  }

  /** Delivers a message's events once more. */
  redeliver(channel: Ref, ts: string): void {
    this.people.redeliver(channel, ts);
  }

  /** What a person sees now: a thread with its root, or the channel without replies. Ephemerals included. */
  visible(channel: Ref, thread?: string): readonly VisibleMessage[] {
    return visibleMessages(this.workspace, idOf(channel), thread);
  }

  /** Only what the bot has written there, as plain text. */
  answers(channel: Ref, thread?: string): readonly string[] {
    const own = this.visible(channel, thread).filter((seen) => seen.authorId === this.botUserId);
    return own.map((seen) => seen.text);
  }

  /** Every state a message had, with the plain text of each. */
  history(channel: Ref, ts: string): readonly (MessageState & { readonly seen: string })[] {
    return historyOf(this.workspace, idOf(channel), ts);
  }

  /** The busy sign in a thread; empty when there is none. */
  status(channel: Ref, thread: string): string {
    return this.workspace.status(idOf(channel), thread);
  }

  /** Everything that any message of the bot would have pinged, edits included. */
  get botPings(): readonly string[] {
    return botPings(this.workspace);
  }

  /** Tells `listener` of every change: messages, calls, sockets, acknowledgements. @returns ends it */
  onChange(listener: () => void): () => void {
    return this.workspace.onChange(listener);
  }

  /** Resolves as soon as `predicate` holds, looking again at every change. @throws when that takes too long */
  until(predicate: () => boolean, timeoutMs = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        stop();
        settle();
      };
      const look = () => {
        if (predicate()) end(resolve);
      };
      const failure = new Error(`Not so within ${timeoutMs} ms: ${predicate}`);
      const timer = setTimeout(() => end(() => reject(failure)), timeoutMs);
      const stop = this.onChange(look);
      look();
    });
  }

  /** The workspace as JSON, for `options.snapshot` of a later run. */
  snapshot(): WorkspaceSnapshot {
    return this.workspace.snapshot();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#webApi.close();
    this.socketMode.close();
    this.http.close();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(): void {
    this.#server.on("request", (request, response) => {
      this.#route(request, response).catch(() => response.socket?.destroy());
    });
    this.#server.on("upgrade", (request, socket, head) => {
      const ticket = new URL(request.url ?? "/", this.origin).searchParams.get("ticket") ?? "";
      if (!this.socketMode.takeTicket(ticket)) socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      else this.#sockets.handleUpgrade(request, socket, head, (open) => this.socketMode.attach(open));
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, first = "", ...rest] = new URL(request.url ?? "/", this.origin).pathname.split("/");
    if (first === "api") return this.#webApi.serve(rest.join("/"), request, response);
    const body = await readBody(request);
    const id = rest.at(-1) ?? "";
    if (first === "upload") {
      const upload = this.#uploads.get(id);
      if (upload) upload.content = uploadedText(request, body);
      response.writeHead(upload ? 200 : 404).end(`OK - ${body.length}`);
    } else if (first === "commands") {
      const answer = this.#responseUrls.post(id, JSON.parse(body.toString("utf8")));
      response.writeHead(answer.status).end(answer.body);
    } else response.writeHead(404).end();
  }
}

/** Starts a simulator on 127.0.0.1. Dispose of it to end it. */
export async function startSlackSimulator(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return new SlackSimulator(server, options);
}
