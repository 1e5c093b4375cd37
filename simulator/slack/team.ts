/** One workspace of the simulated Slack: its people and channels, and the tokens by which the app reaches it. */

import type { EventEmitter } from "node:events";
import type { Deliverer, Delivery } from "./deliverer.ts";
import { eventBody } from "./events.ts";
import { Interactions } from "./interactions.ts";
import type { MethodContext } from "./method.ts";
import { idOf, type MentionDelivery, People, type Ref, type SayOptions } from "./people.ts";
import { RateLimiter, type Rates } from "./rates.ts";
import { ResponseUrls } from "./response-urls.ts";
import type { SocketMode } from "./socket-mode.ts";
import { botPings, historyOf, type VisibleMessage, visibleMessages } from "./view.ts";
import { Views } from "./views.ts";
import { type MessageState, type SlackChannel, type SlackUser, Workspace } from "./workspace.ts";

/** Who the workspace and the app's bot in it are. */
export interface TeamIdentity {
  readonly teamId: string;
  readonly botUserId: string;
  readonly botName: string;
}

/** What all workspaces of one simulated Slack share. */
export interface SharedParts {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly socketMode: SocketMode;
  /** The way that is in use when it is asked for. */
  readonly deliverer: () => Deliverer;
  readonly mentions: MentionDelivery;
  /** The events that the app has subscribed to; undefined: all. */
  readonly events: ReadonlySet<string> | undefined;
  readonly rates: Rates;
  readonly repliesMax: number;
  readonly keepStates: boolean | undefined;
  readonly changes: EventEmitter;
  /** Tells everybody that something has changed. */
  readonly changed: () => void;
}

/** What a token that the app holds is good for. */
export interface Grant {
  readonly scopes: readonly string[];
  /** When it ends; undefined: never by itself. */
  readonly expiresAtMs: number | undefined;
}

/** One workspace. */
export class Team {
  readonly workspace: Workspace;
  readonly people: People;
  readonly responseUrls: ResponseUrls;
  /** Forms and homes that stand before people. */
  readonly views: Views;
  /** People at the app's buttons and forms. */
  readonly interactions: Interactions;
  readonly rates: RateLimiter;
  readonly context: MethodContext;
  /** Tokens that the app holds now. */
  readonly grants = new Map<string, Grant>();
  /** Tokens that it held once. */
  readonly revoked = new Set<string>();
  readonly #shared: SharedParts;

  constructor(identity: TeamIdentity, shared: SharedParts) {
    this.#shared = shared;
    const { origin, socketMode, deliverer, mentions, events, repliesMax } = shared;
    const workspace = new Workspace(identity, shared.keepStates);
    workspace.onChange(shared.changed);
    this.workspace = workspace;
    this.rates = new RateLimiter(shared.rates);
    this.responseUrls = new ResponseUrls(workspace);
    const isInstalled = () => this.grants.size > 0;
    const { responseUrls } = this;
    const views = new Views((letter) => workspace.nextId(letter), shared.changed);
    this.views = views;
    this.interactions = new Interactions({ workspace, views, deliverer, responseUrls, origin });
    const people = new People({
      workspace,
      deliverer,
      responseUrls,
      views,
      origin,
      mentions,
      events,
      isInstalled,
    });
    this.people = people;
    const announce: MethodContext["announce"] = (...change) => people.announce(...change);
    const revoke = (token: string) => this.revoke(token);
    this.context = { workspace, socketMode, origin, announce, uploads: new Map(), repliesMax, revoke, views };
  }

  get teamId(): string {
    return this.workspace.teamId;
  }

  get botUserId(): string {
    return this.workspace.botUserId;
  }

  /** Takes a token back without telling the app. */
  revoke(token: string): void {
    this.grants.delete(token);
    this.revoked.add(token);
    this.workspace.changed();
  }

  /** Somebody removes the app: its tokens are void, and it is told so by two events in either order. */
  uninstalls(
    order: readonly ("app_uninstalled" | "tokens_revoked")[] = ["tokens_revoked", "app_uninstalled"],
  ): void {
    for (const token of [...this.grants.keys()]) this.revoke(token);
    for (const type of order) this.tellsEnd(type);
  }

  /** Tells the app that it was removed or its token revoked. @param atMs when that happened; default now */
  tellsEnd(type: "app_uninstalled" | "tokens_revoked", atMs = Date.now()): void {
    const revoked = { tokens: { oauth: [], bot: [this.botUserId] } };
    const event = { type, ...(type === "tokens_revoked" ? revoked : {}) };
    // Neither names who authorised it: nobody does any more (docs.slack.dev/reference/events/app_uninstalled).
    const { authorizations: _, ...body } = eventBody(this.workspace, event);
    this.#shared.deliverer().sendEvent({ ...body, event_time: Math.floor(atMs / 1_000) });
  }

  createUser(user: {
    readonly name: string;
    readonly guest?: SlackUser["guest"];
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
    this.#shared.changes.on("change", listener);
    return () => this.#shared.changes.off("change", listener);
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
}
