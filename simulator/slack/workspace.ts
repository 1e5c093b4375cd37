/** The state of one simulated Slack workspace: people, channels, messages with every state they had. */

import { EventEmitter } from "node:events";

/** A person or bot as `users.info` knows it. */
export interface SlackUser {
  readonly id: string;
  readonly name: string;
  /** True: of a single channel (`is_ultra_restricted`). */
  readonly guest: boolean | "multi-channel";
  /** From another workspace, through Slack Connect. */
  readonly stranger: boolean;
  /** The person's own workspace. */
  readonly teamId: string;
  /** On an Enterprise Grid: the workspaces of the organisation that the person belongs to. */
  readonly enterpriseTeams?: readonly string[];
  /** Administers the workspace, or owns it. */
  readonly role?: "admin" | "owner";
  /** Set for bots. */
  readonly botId?: string;
}

/** A channel, direct message or group direct message. */
export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  /** `group`: a private channel. */
  readonly kind: "channel" | "group" | "im" | "mpim";
  readonly members: readonly string[];
  readonly archived: boolean;
}

/** One block as it was sent; only its `type` is sure. */
export interface SlackBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What a message looked like from `atMs` on. */
export interface MessageState {
  readonly atMs: number;
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  /** Everything in this state that would ping: `<!channel>`, `<@U…>`, … */
  readonly pings: readonly string[];
  readonly deleted: boolean;
  /** When its author last changed it; absent before. */
  readonly editedTs?: string;
  /** Previews that Slack has added. */
  readonly attachments?: readonly unknown[];
}

/** One message. Its last state is what people see. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  /** The thread it is a reply in, or is the root of. */
  readonly threadTs?: string;
  readonly user: string;
  readonly botId?: string;
  readonly subtype?: string;
  /** Only this person sees it. */
  readonly ephemeralTo?: string;
  readonly metadata?: unknown;
  readonly files: readonly SlackFile[];
  /** What the post said about link previews. */
  readonly unfurl: { readonly links: boolean; readonly media: boolean };
  /** It was begun as a stream. */
  readonly stream?: StreamState;
  readonly states: readonly MessageState[];
}

/** How far a streamed message is. */
export interface StreamState {
  readonly state: "in_progress" | "completed" | "errored";
  readonly startedAtMs: number;
}

/** An uploaded file. */
export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly content: string;
  /** It lies with somebody else, at this address, and Slack only names it. */
  readonly externalUrl?: string;
}

/** A busy sign and when it ends by itself. */
export interface BusyStatus {
  readonly channel: string;
  readonly threadTs: string;
  readonly text: string;
  readonly untilMs: number;
}

/** The agent's session in a thread. */
export interface AgentSession {
  readonly status: string;
  /** As it was given when the session began. */
  readonly title: string;
}

/** Something that the app offers to ask. */
export interface SuggestedPrompt {
  readonly title: string;
  readonly message: string;
}

/** What a new message consists of. */
export type NewMessage = Omit<SlackMessage, "ts" | "states" | "files" | "unfurl"> & {
  /** The next one unless it is given. */
  readonly ts?: string;
  readonly text: string;
  readonly blocks?: readonly SlackBlock[];
  readonly pings?: readonly string[];
  readonly files?: readonly SlackFile[];
  readonly attachments?: MessageState["attachments"];
  readonly unfurl?: SlackMessage["unfurl"];
};

/** The whole state as JSON, for a playground that remembers. */
export interface WorkspaceSnapshot {
  readonly v: 1;
  readonly teamId: string;
  readonly botUserId: string;
  readonly users: readonly SlackUser[];
  readonly channels: readonly SlackChannel[];
  readonly messages: readonly SlackMessage[];
  readonly ids: number;
  readonly lastMicros: number;
}

/** The workspace. Every change is told to `changes` listeners. */
export class Workspace {
  readonly teamId: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly users = new Map<string, SlackUser>();
  readonly channels = new Map<string, SlackChannel>();
  readonly messages: SlackMessage[] = [];
  readonly statuses = new Map<string, BusyStatus>();
  /** Slack gives a stream up at this age (slackapi/node-slack-sdk#2702: about 5 min). */
  streamMs = 300_000;
  /** By `channel threadTs`. */
  readonly sessions = new Map<string, AgentSession>();
  /** By direct message. */
  readonly prompts = new Map<string, readonly SuggestedPrompt[]>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #ids = 0;
  #lastMicros = 0;

  readonly #keepStates: boolean;

  /** @param keepStates false: what a message looked like before is forgotten, only how often it changed is not */
  constructor(
    identity: { readonly teamId: string; readonly botUserId: string; readonly botName: string },
    keepStates = true,
  ) {
    this.#keepStates = keepStates;
    this.teamId = identity.teamId;
    this.botUserId = identity.botUserId;
    this.botId = `B${identity.botUserId.slice(1)}`;
    this.addUser({ id: this.botUserId, name: identity.botName, botId: this.botId });
  }

  /** A new id with Slack's initial letter. */
  nextId(letter: string): string {
    this.#ids += 1;
    return `${letter}${this.teamId.slice(1, 4)}${String(this.#ids).padStart(6, "0")}`;
  }

  /** A new ts: seconds with six decimals, unique and rising. */
  nextTs(): string {
    this.#lastMicros = Math.max(Date.now() * 1000, this.#lastMicros + 1);
    const digits = String(this.#lastMicros);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }

  addUser(user: Partial<SlackUser> & { readonly name: string }): SlackUser {
    const added = { id: this.nextId("U"), guest: false, stranger: false, teamId: this.teamId, ...user };
    this.users.set(added.id, added);
    this.changed();
    return added;
  }

  changeUser(id: string, change: Partial<SlackUser>): void {
    const user = this.users.get(id);
    if (!user) throw new Error(`No user ${id}`);
    this.users.set(id, { ...user, ...change });
    this.changed();
  }

  addChannel(channel: Omit<SlackChannel, "id" | "archived"> & { readonly id?: string }): SlackChannel {
    const letter = { channel: "C", group: "C", im: "D", mpim: "G" }[channel.kind];
    const added = { id: this.nextId(letter), archived: false, ...channel };
    this.channels.set(added.id, added);
    this.changed();
    return added;
  }

  changeChannel(id: string, change: Partial<SlackChannel>): void {
    const channel = this.channels.get(id);
    if (!channel) throw new Error(`No channel ${id}`);
    this.channels.set(id, { ...channel, ...change });
    this.changed();
  }

  addMessage(message: NewMessage): SlackMessage {
    const { text, blocks = [], pings = [], files = [], attachments, unfurl, ...rest } = message;
    const beside = attachments === undefined ? {} : { attachments };
    const state = { atMs: Date.now(), text, blocks, pings, deleted: false, ...beside };
    const ts = message.ts ?? this.nextTs();
    const added = { ...rest, ts, files, unfurl: unfurl ?? { links: true, media: true }, states: [state] };
    this.messages.push(added);
    this.changed();
    return added;
  }

  /** Gives a message a new state; the old ones stay readable. */
  changeMessage(
    message: SlackMessage,
    change: Partial<MessageState>,
    fields: Partial<Pick<SlackMessage, "metadata" | "stream" | "unfurl">> = {},
  ): SlackMessage {
    const state = { ...stateOf(message), ...change, atMs: Date.now() };
    const before = this.#keepStates ? message.states : message.states.map(withoutLook);
    const changed = { ...message, ...fields, states: [...before, state] };
    this.messages[this.messages.indexOf(message)] = changed;
    this.changed();
    return changed;
  }

  /** The message, deleted or not. */
  message(channel: string, ts: string): SlackMessage | undefined {
    return this.messages.findLast((message) => message.channel === channel && message.ts === ts);
  }

  /** How far a stream is now; undefined for a message that is none. */
  streamState({ stream }: SlackMessage): StreamState["state"] | undefined {
    const isOver = stream?.state === "in_progress" && Date.now() - stream.startedAtMs > this.streamMs;
    return isOver ? "errored" : stream?.state;
  }

  /** The streams that are open in a thread. */
  openStreams(channel: string, threadTs: string): SlackMessage[] {
    const inThread = this.messages.filter((one) => one.channel === channel && one.threadTs === threadTs);
    return inThread.filter((message) => this.streamState(message) === "in_progress");
  }

  /** Slack gives a stream up, as it does for reasons of its own. */
  giveUpStream(message: SlackMessage): void {
    if (message.stream) this.changeMessage(message, {}, { stream: { ...message.stream, state: "errored" } });
  }

  setStatus(status: BusyStatus): void {
    this.statuses.set(`${status.channel} ${status.threadTs}`, status);
    this.changed();
  }

  /** The busy sign as people see it now; empty when there is none. */
  status(channel: string, threadTs: string): string {
    const status = this.statuses.get(`${channel} ${threadTs}`);
    return status && status.untilMs > Date.now() ? status.text : "";
  }

  /** Tells `listener` of every change. @returns ends it */
  onChange(listener: () => void): () => void {
    this.#changes.on("change", listener);
    return () => this.#changes.off("change", listener);
  }

  /** Says that something changed, here or beside the workspace (a call, an acknowledgement). */
  changed(): void {
    this.#changes.emit("change");
  }

  snapshot(): WorkspaceSnapshot {
    const { teamId, botUserId, messages } = this;
    const [users, channels] = [[...this.users.values()], [...this.channels.values()]];
    const [ids, lastMicros] = [this.#ids, this.#lastMicros];
    return structuredClone({ v: 1, teamId, botUserId, users, channels, messages, ids, lastMicros });
  }

  /** Takes over what {@link snapshot} gave. */
  restore(snapshot: WorkspaceSnapshot): void {
    this.users.clear();
    this.channels.clear();
    for (const user of snapshot.users) this.users.set(user.id, user);
    for (const channel of snapshot.channels) this.channels.set(channel.id, channel);
    this.messages.splice(0, this.messages.length, ...snapshot.messages);
    this.#ids = snapshot.ids;
    this.#lastMicros = snapshot.lastMicros;
    this.changed();
  }
}

/** What a message looks like now. */
export function stateOf(message: SlackMessage): MessageState {
  const last = message.states.at(-1);
  if (!last) throw new Error(`Message ${message.ts} has no state`);
  return last;
}

function withoutLook(state: MessageState): MessageState {
  return { ...state, text: "", blocks: [], pings: [] };
}
