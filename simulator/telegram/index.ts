/**
 * A Telegram for tests and for the playground: a real HTTP server that speaks the Bot API with the platform's rules
 * (lengths, entities, flood control, conflicts of pollers), people to write to the bot, and faults on demand.
 *
 * @example
 * await using telegram = await startTelegramSimulator();
 * const ada = telegram.createUser({ firstName: "Ada" });
 * const chat = telegram.createPrivateChat(ada);
 * telegram.says(ada, chat, "Hello");
 * // a bot with apiRoot telegram.url and token telegram.token answers
 * await telegram.until(() => telegram.visible(chat).at(-1)?.from.isBot);
 */

import { EventEmitter } from "node:events";
import { Drafts } from "./drafts.ts";
import { type Fault, type FaultScope, Faults, type InjectedFault } from "./faults.ts";
import { FloodControl, type FloodRates, realisticRates } from "./flood-control.ts";
import type { ChatChange } from "./messages.ts";
import type { MethodContext } from "./methods.ts";
import { type ContentKind, People, type SaysOptions, type SentFile } from "./people.ts";
import { Places } from "./places.ts";
import { Presses } from "./presses.ts";
import { type ApiServer, type RecordedCall, startServer } from "./server.ts";
import {
  type MessageState,
  type SimChat,
  type SimMessage,
  type SimUser,
  type TelegramSnapshot,
  type VisibleMessage,
  World,
} from "./state.ts";
import { until } from "./until.ts";
import { UpdateQueue, type WireUpdate } from "./updates.ts";
import { WebhookDelivery } from "./webhook.ts";

/** How a simulator is set up. */
export interface TelegramSimulatorOptions {
  /** 0, the default: the OS chooses. Always on loopback. */
  readonly port?: number;
  /** `<bot id>:<secret>`. */
  readonly token?: string;
  readonly bot?: { readonly firstName?: string; readonly username?: string };
  /** Default: realistic rates. `off`: no 429 but by fault. */
  readonly flood?: FloodRates | "off";
  /** How long a draft is shown that is not renewed; default: Telegram's 30 s. */
  readonly draftMs?: number;
  /** True: privacy mode is off, the bot sees every message of its groups. Default false, as with a new bot. */
  readonly canReadAllGroupMessages?: boolean;
  /** False: the server is from before rich messages. */
  readonly knowsRich?: boolean;
  /** How many calls and deliveries are kept, the newest; default: all. */
  readonly keepCalls?: number;
  /** False: a message keeps its latest state only. Default true. */
  readonly keepStates?: boolean;
  /** How long a second is for webhooks: their tries again, their limit. Default 1,000 ms. */
  readonly secondMs?: number;
  /** Goes on where the simulator ended that made this. */
  readonly snapshot?: TelegramSnapshot;
}

/** What listeners hear. `call` comes at a call's beginning and end; `polling`: a poll, a webhook's delivery or the pending updates changed. */
export type TelegramChange =
  | { readonly kind: "message" | "edited" | "deleted"; readonly message: VisibleMessage }
  | { readonly kind: "typing"; readonly chatId: number; readonly action: string; readonly untilMs: number }
  | { readonly kind: "draft"; readonly chatId: number }
  | { readonly kind: "call"; readonly call: RecordedCall }
  | { readonly kind: "polling" }
  | { readonly kind: "sockets" };

/** Something that names a chat. */
type ChatRef = { readonly id: number };

const defaultToken = "8000000001:AAF-simulated_bot_token_0123456789ab";

/** Starts a simulator on loopback; dispose it to close every socket and timer. */
export async function startTelegramSimulator(
  options: TelegramSimulatorOptions = {},
): Promise<TelegramSimulator> {
  const simulator = new TelegramSimulator(options);
  await simulator.listen();
  return simulator;
}

/** A running simulator. */
export class TelegramSimulator implements AsyncDisposable {
  /** The bot's token. */
  readonly token: string;
  /** The bot as getMe names it. */
  readonly botUser: SimUser;
  /** What the real platform would have mended in silence: crossing or wrongly nested entities. */
  readonly problems: string[] = [];
  /** Everybody whom a text of the bot's has called in a group: `@name in <chat id>`. */
  readonly pings: string[] = [];
  /** Delivery by webhook, which a bot sets. */
  readonly webhook: WebhookDelivery;
  /** What people see of answers that are not sent yet, and the stop buttons under them. */
  readonly drafts: Drafts;
  /** Presses that wait for their answer, and what people were shown for them. */
  readonly presses = new Presses();
  /** Topics, upgrades of groups, channels. */
  readonly places: Places;
  readonly #options: TelegramSimulatorOptions;
  readonly #world: World;
  readonly #updates: UpdateQueue;
  readonly #people: People;
  readonly #faults = new Faults();
  readonly #context: MethodContext;
  readonly #calls = new Map<number, RecordedCall>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #server: ApiServer | undefined;

  constructor(options: TelegramSimulatorOptions) {
    this.#options = options;
    this.token = options.token ?? defaultToken;
    this.#world = new World(options.keepStates ?? true);
    if (options.snapshot !== undefined) this.#world.load(options.snapshot);
    this.botUser = {
      id: Number(this.token.split(":")[0]),
      isBot: true,
      firstName: options.bot?.firstName ?? "Parley",
      username: options.bot?.username ?? "parley_bot",
    };
    this.#world.users.set(this.botUser.id, this.botUser);
    this.#updates = new UpdateQueue(options.snapshot?.nextUpdateId ?? 700_000_001, () => {
      this.webhook.look();
      this.#tell({ kind: "polling" });
    });
    this.webhook = new WebhookDelivery({
      updates: this.#updates,
      secondMs: options.secondMs ?? 1_000,
      keep: options.keepCalls ?? Infinity,
      changed: () => this.#tell({ kind: "polling" }),
    });
    this.#updates.restore(options.snapshot?.updates ?? []);
    this.drafts = new Drafts({
      lifetimeMs: options.draftMs ?? 30_000,
      changed: (chatId) => this.#tell({ kind: "draft", chatId }),
      stopped: (draft) => this.#people.stops(draft),
    });
    this.#context = {
      drafts: this.drafts,
      world: this.#world,
      updates: this.#updates,
      webhook: this.webhook,
      flood: new FloodControl(options.flood ?? realisticRates),
      botId: this.botUser.id,
      canReadAllGroupMessages: options.canReadAllGroupMessages ?? false,
      presses: this.presses,
      changed: (change) => this.#tell(this.#toVisible(change)),
      problem: (what) => this.problems.push(what),
      pinged: (name) => this.pings.push(name),
      knowsRich: options.knowsRich ?? true,
    };
    this.#people = new People(this.#context);
    this.places = new Places(this.#context);
  }

  /** Binds the socket; called by {@link startTelegramSimulator}. */
  async listen(): Promise<void> {
    const record = (call: RecordedCall) => this.#record(call);
    const socketsChanged = () => this.#tell({ kind: "sockets" });
    const parts = { token: this.token, context: this.#context, faults: this.#faults, record, socketsChanged };
    this.#server = await startServer(parts, this.#options.port ?? 0);
  }

  /** The bot's `apiRoot`. */
  get url(): string {
    return this.#listening.url;
  }

  /** Open sockets now. */
  get openSockets(): number {
    return this.#listening.sockets;
  }

  /** How many sockets were ever opened. */
  get connections(): number {
    return this.#listening.connections;
  }

  /** Every call, oldest first, in its state now. */
  get calls(): readonly RecordedCall[] {
    return [...this.#calls.values()];
  }

  /** The calls of one method. */
  callsOf(method: string): readonly RecordedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Updates not yet confirmed by a poll. */
  get pendingUpdates(): readonly WireUpdate[] {
    return this.#updates.pending;
  }

  /** True while a poll of the bot's waits for updates. */
  get polled(): boolean {
    return this.#updates.polled;
  }

  /** A new person; ids count up. */
  createUser(person: { firstName: string; lastName?: string; username?: string; isBot?: boolean }): SimUser {
    const { isBot = false, ...names } = person;
    const user = { id: 1_000 + this.#world.users.size, isBot, ...names };
    this.#world.users.set(user.id, user);
    return user;
  }

  /** Opens the private chat of a person with the bot, as pressing Start does (without the message). */
  createPrivateChat(user: SimUser): SimChat {
    return this.#addChat({ id: user.id, type: "private", memberIds: [user.id] });
  }

  /** A group with the bot in it; a supergroup unless told otherwise. */
  createGroup(group: {
    title: string;
    members: readonly SimUser[];
    type?: "group" | "supergroup";
    isForum?: boolean;
  }): SimChat {
    const { title, members, type = "supergroup", isForum = false } = group;
    const id = this.places.nextId(type);
    return this.#addChat({ id, type, title, memberIds: members.map(({ id }) => id), isForum });
  }

  /** All chats there are, in their state now; for a playground that was restored. */
  get chats(): readonly SimChat[] {
    return [...this.#world.chats.values()];
  }

  /** A user by id, for a playground that was restored. */
  user(id: number): SimUser {
    return this.#world.user(id);
  }

  /** A person writes. Above 4,096 characters it becomes several messages; the first is returned. */
  says(user: SimUser, chat: ChatRef, text: string, options: SaysOptions = {}): SimMessage {
    return this.#people.says(user, this.#chat(chat), text, options);
  }

  /** A person sends a photo, a voice message, … with an optional caption. */
  sends(
    user: SimUser,
    chat: ChatRef,
    kind: ContentKind,
    options: SaysOptions & { caption?: string } = {},
  ): SimMessage {
    return this.#people.sends(user, this.#chat(chat), kind, options.caption ?? "", options);
  }

  /** A person sends a file that the bot can fetch. */
  sendsFile(
    user: SimUser,
    chat: ChatRef,
    file: SentFile,
    options: SaysOptions & { caption?: string } = {},
  ): SimMessage {
    return this.#people.sendsFile(user, this.#chat(chat), file, options);
  }

  /** A person sends several photos or files at once: one message each, the caption on the first. */
  sendsAlbum(
    user: SimUser,
    chat: ChatRef,
    kinds: readonly ContentKind[],
    options: SaysOptions & { caption?: string } = {},
  ): readonly SimMessage[] {
    return this.#people.sendsAlbum(user, this.#chat(chat), kinds, options.caption ?? "", options);
  }

  /** A person edits an own message. */
  edits(message: SimMessage, text: string): SimMessage {
    return this.#people.edits(message, text);
  }

  /** A person deletes a message for everyone; the Bot API tells bots nothing of it. */
  deletes(message: { readonly chatId: number; readonly id: number }): void {
    const found = this.#world.find(message.chatId, message.id);
    if (found !== undefined) this.#context.changed({ kind: "deleted", message: this.#world.remove(found) });
  }

  /** A person presses a button under a message as they see it now. @returns the callback query's id */
  press(
    user: SimUser,
    { chatId, id }: { readonly chatId: number; readonly id: number },
    data: string,
  ): string {
    const message = this.#world.find(chatId, id);
    if (message === undefined) throw new Error(`There is no message ${id} in ${chatId} to press a button of`);
    return this.#people.presses(user, message, data);
  }

  /** A person blocks the bot: 403 from now on. */
  block(user: SimUser): void {
    this.#people.closes(this.#chat(user), user, "blocked");
  }

  /** A person takes the block back. */
  unblock(user: SimUser): void {
    this.#people.closes(this.#chat(user), user, undefined);
  }

  /** A member throws the bot out of a group. */
  kick(chat: ChatRef, by: SimUser): void {
    this.#people.closes(this.#chat(chat), by, "kicked");
  }

  /** Delivers a message again, `times` times, each under a new `update_id` (an old one would lie below the offset). */
  redeliver(message: SimMessage, times = 1): void {
    this.#people.redeliver(message, times);
  }

  /** Queues any update, however strange: `{message: {…}}`. */
  deliver(content: Readonly<Record<string, unknown>>): WireUpdate | undefined {
    return this.#updates.push(content);
  }

  /** Sets or (with "") removes a webhook from outside; polling is refused while it is set. */
  setWebhook(url: string): void {
    this.webhook.setFromOutside(url);
  }

  /** What people see in a chat now, oldest first. */
  visible(chat: ChatRef): VisibleMessage[] {
    return this.#world.visible(chat.id);
  }

  /** Every look a message has had, oldest first; of deleted messages too. */
  history(message: { readonly chatId: number; readonly id: number }): readonly MessageState[] {
    return this.#world.messagesIn(message.chatId).get(message.id)?.states ?? [];
  }

  /** The next matching calls go wrong in this way. */
  inject(fault: Fault, scope: FaultScope = {}): InjectedFault {
    return this.#faults.inject(fault, scope);
  }

  /** Calls `listener` at every change. @returns what ends it */
  onChange(listener: (change: TelegramChange) => void): () => void {
    this.#changes.on("change", listener);
    return () => this.#changes.off("change", listener);
  }

  /**
   * Resolves with what `probe` gives as soon as it is neither false nor undefined; looks after every change.
   * @param deadlineMs when to give up, with the last calls in the message
   */
  async until<T>(probe: () => T | undefined | false, deadlineMs = 20_000): Promise<T> {
    const lastCalls = () => this.calls.slice(-12).map((call) => `${call.n} ${call.method} ${call.status}`);
    return await until(probe, (listener) => this.onChange(listener), deadlineMs, lastCalls);
  }

  /** The world as JSON, for `options.snapshot` of a later simulator. */
  snapshot(): TelegramSnapshot {
    const { pending, nextId } = this.#updates;
    return { v: 1, ...this.#world.save(), updates: [...pending], nextUpdateId: nextId };
  }

  /** Closes the server, its sockets and its timers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#updates.close();
    this.webhook.close();
    this.drafts.close();
    await this.#server?.[Symbol.asyncDispose]();
  }

  get #listening(): ApiServer {
    if (this.#server === undefined) throw new Error("The Telegram simulator is not listening");
    return this.#server;
  }

  #chat({ id }: ChatRef): SimChat {
    const chat = this.#world.chats.get(id);
    if (chat === undefined) throw new Error(`The simulator knows no chat ${id}`);
    return chat;
  }

  #addChat(chat: SimChat): SimChat {
    this.#world.chats.set(chat.id, chat);
    return chat;
  }

  #record(call: RecordedCall): void {
    this.#calls.set(call.n, call);
    const tooOld = call.n - (this.#options.keepCalls ?? Infinity);
    if (tooOld > 0) this.#calls.delete(tooOld);
    this.#tell({ kind: "call", call });
  }

  #toVisible(change: ChatChange): TelegramChange {
    if (change.kind === "typing" || change.kind === "draft") return change;
    return { kind: change.kind, message: this.#world.toVisible(change.message) };
  }

  #tell(change: TelegramChange): void {
    this.#changes.emit("change", change);
  }
}
