/** A Slack workspace on loopback: Web API and Socket Mode as a real server, with Slack's rules, and faults on demand. */

import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { SlackCall } from "./calls.ts";
import type { Deliverer, Delivery } from "./deliverer.ts";
import { Faults } from "./faults.ts";
import { readBody, uploadedText } from "./http-body.ts";
import { HttpDelivery } from "./http-delivery.ts";
import { OAuth, type OAuthOptions } from "./oauth.ts";
import type { MentionDelivery } from "./people.ts";
import type { Rates } from "./rates.ts";
import { allScopes } from "./scopes.ts";
import { SocketMode, type SocketModeTiming, slackSocketTiming } from "./socket-mode.ts";
import { type SharedParts, Team, type TeamIdentity } from "./team.ts";
import { WebApi } from "./web-api.ts";
import type { WorkspaceSnapshot } from "./workspace.ts";

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
  /** What the app is known by where people install it. */
  readonly oauth?: Partial<OAuthOptions>;
  /** 0 (default): the OS chooses. A restarted simulator may need its old port. */
  readonly port?: number;
}

/** One running simulator. */
export class SlackSimulator extends Team implements AsyncDisposable {
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly faults = new Faults();
  readonly socketMode: SocketMode;
  /** In use once the app has a Request URL: `http.verify`. */
  readonly http: HttpDelivery;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** How people install the app in further workspaces. */
  readonly oauth: OAuth;
  readonly #teams: Team[] = [this];
  readonly #shared: SimulatorParts;
  readonly #webApi: WebApi;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  constructor(server: Server, options: SlackSimulatorOptions, shared: SimulatorParts) {
    const identity = {
      teamId: options.snapshot?.teamId ?? options.teamId ?? "T0SIM",
      botUserId: options.snapshot?.botUserId ?? options.botUserId ?? "U0PARLEY",
      botName: options.botName ?? "parley",
    };
    super(identity, shared);
    this.#server = server;
    this.#shared = shared;
    this.origin = shared.origin;
    this.socketMode = shared.socketMode;
    this.http = shared.http;
    this.signingSecret = shared.signingSecret;
    this.botToken = options.botToken ?? "xoxb-simulated-bot-token";
    this.appToken = options.appToken ?? "xapp-simulated-app-token";
    if (options.snapshot) this.workspace.restore(options.snapshot);
    const scopes = options.scopes ?? allScopes;
    this.grants.set(this.botToken, { scopes, expiresAtMs: undefined });
    this.oauth = new OAuth(this.#teams, options.oauth);
    this.#webApi = new WebApi({
      keepCalls: options.keepCalls ?? Number.POSITIVE_INFINITY,
      teams: this.#teams,
      faults: this.faults,
      appToken: this.appToken,
      oauth: this.oauth,
      changed: shared.changed,
    });
    this.#serve();
  }

  /** A further workspace, in which nobody has installed the app yet. */
  addTeam(identity: { readonly teamId: string } & Partial<TeamIdentity>): Team {
    const { teamId, botUserId = `U0BOT${teamId.slice(1)}`, botName = "parley" } = identity;
    const team = new Team({ teamId, botUserId, botName }, this.#shared);
    this.#teams.push(team);
    return team;
  }

  /** The API root, ending in `/api/`. */
  get url(): string {
    return `${this.origin}/api/`;
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
    if (first === "oauth") return this.oauth.authorize(request, response);
    const body = await readBody(request);
    const [teamId = "", id = ""] = rest.slice(-2);
    const team = this.#teams.find((one) => one.teamId === teamId);
    if (first === "upload") {
      const upload = team?.context.uploads.get(id);
      if (upload) upload.content = uploadedText(request, body);
      response.writeHead(upload ? 200 : 404).end(`OK - ${body.length}`);
    } else if (first === "files-pri" && team) {
      sendFile(response, team, id, request.headers.authorization ?? "");
    } else if (first === "commands" && team) {
      const fault = this.faults.take("response_url", undefined);
      if (fault?.kind === "reset") return void response.socket?.resetAndDestroy();
      const answer =
        fault?.kind === "error"
          ? { status: 400, body: fault.code }
          : team.responseUrls.post(id, JSON.parse(body.toString("utf8")));
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
  return new SlackSimulator(server, options, toParts(server, options));
}

/** Without a token that may read files Slack answers 200 with a page to log in [platform-facts B13]. */
function sendFile(response: ServerResponse, team: Team, id: string, authorization: string): void {
  const grant = team.grants.get(authorization.replace(/^Bearer /, ""));
  const file = team.workspace.messages.flatMap(({ files }) => files).find((one) => one.id === id);
  if (grant?.scopes.includes("files:read") !== true || file === undefined) {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>Sign in</html>");
  } else response.writeHead(200, { "content-type": file.mimetype }).end(file.content);
}

/** What the simulator shares with its further workspaces. */
interface SimulatorParts extends SharedParts {
  readonly http: HttpDelivery;
  readonly signingSecret: string;
}

function toParts(server: Server, options: SlackSimulatorOptions): SimulatorParts {
  const changes = new EventEmitter().setMaxListeners(0);
  const changed = () => void changes.emit("change");
  const timing = { ...slackSocketTiming, ...options.socketTiming };
  const { keepCalls = Number.POSITIVE_INFINITY, signingSecret = "simulated-signing-secret" } = options;
  const socketMode = new SocketMode(timing, changed, keepCalls);
  const http = new HttpDelivery(timing, changed, keepCalls, signingSecret);
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    socketMode,
    http,
    signingSecret,
    deliverer: () => (http.url === undefined ? socketMode : http),
    mentions: { order: "random", gapMs: 0, ...options.mentions },
    events: options.events && new Set(options.events),
    rates: options.rates ?? "real",
    repliesMax: options.repliesMax ?? 999,
    keepStates: options.keepStates,
    changes,
    changed,
  };
}
