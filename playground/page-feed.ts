/** Turns what happens on the simulated platforms into what the page is told. */

import { randomUUID } from "node:crypto";
import { type SlackMessage, stateOf } from "../simulator/slack/workspace.ts";
import type { TelegramChange } from "../simulator/telegram/index.ts";
import type { RecordedCall } from "../simulator/telegram/server.ts";
import type { VisibleMessage } from "../simulator/telegram/state.ts";
import type { Switchboard } from "./inner-service.ts";
import { viewMarkdown } from "./markdown-view.ts";
import type {
  MetersView,
  PageChange,
  PageState,
  PersonView,
  SlackMessageView,
  SlackStatusView,
  SlackViewView,
  TelegramDraftView,
  TelegramMessageView,
  WaysView,
} from "./protocol.ts";
import { adminAmong, type World } from "./world.ts";

/** What is said of the model on the page. */
export interface ModelFacts {
  readonly model: string;
  readonly isDemo: boolean;
}

const noDraft = { text: "", entities: [], canStop: false } as const;

/** How often the call meters are sent at most. */
const metersMs = 500;

/** Watches a world. */
export class PageFeed implements Disposable {
  readonly #world: World;
  readonly #facts: ModelFacts;
  readonly #switchboard: Switchboard;
  readonly #listeners = new Set<(changes: readonly PageChange[]) => void>();
  readonly #endings: (() => void)[];
  readonly #run = randomUUID();
  readonly #slackSeen = new Map<string, SlackMessage>();
  readonly #statusSeen = new Map<string, string>();
  #viewsSeen = "[]";
  readonly #telegramCalls = { calls: 0, limited: 0 };
  #slackLook: NodeJS.Immediate | undefined;
  #metersTimer: NodeJS.Timeout | undefined;

  constructor(world: World, facts: ModelFacts, switchboard: Switchboard) {
    this.#world = world;
    this.#facts = facts;
    this.#switchboard = switchboard;
    this.#slackChanges();
    this.#endings = [
      world.telegram.onChange((change) => this.#telegramChanged(change)),
      world.slack.onChange(() => {
        // Slack's simulator says only that something changed: one look for all of a tick.
        this.#slackLook ??= setImmediate(() => this.#lookAtSlack());
      }),
      switchboard.onChange(() => this.#tell([{ type: "ways", ways: this.#ways() }])),
    ];
  }

  /** Everything there is now. */
  state(): PageState {
    const { telegram, slack, cast } = this.#world;
    const { botUser } = telegram;
    const chats = [cast.telegram.private, cast.telegram.group];
    return {
      type: "state",
      run: this.#run,
      ...this.#facts,
      telegram: {
        bot: { id: botUser.id, name: botUser.firstName, username: botUser.username ?? "" },
        chats: this.#telegramChats(),
        messages: chats.flatMap((id) => telegram.visible({ id }).map(toTelegramView)),
        drafts: chats.map((id) => this.#draftIn(id)),
      },
      slack: {
        bot: { id: slack.botUserId, name: this.#slackName(slack.botUserId) },
        names: this.#slackNames(),
        rooms: this.#slackRooms(),
        messages: slack.workspace.messages
          .filter((message) => !stateOf(message).deleted)
          .map((message) => this.#toSlackView(message)),
        statuses: [...slack.workspace.statuses.values()].filter(({ text }) => text !== ""),
        views: this.#views(),
      },
      meters: this.#meters(),
      ways: this.#ways(),
    };
  }

  /** @returns what ends it */
  onChanges(listener: (changes: readonly PageChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    for (const end of this.#endings) end();
    clearImmediate(this.#slackLook);
    clearTimeout(this.#metersTimer);
    this.#listeners.clear();
  }

  #telegramChanged(change: TelegramChange): void {
    switch (change.kind) {
      case "message":
      case "edited":
        this.#tell([{ type: "telegram", message: toTelegramView(change.message) }]);
        break;
      case "deleted":
        this.#tell([{ type: "telegram-gone", chat: change.message.chatId, id: change.message.id }]);
        break;
      case "typing":
        this.#tell([{ type: "telegram-typing", chat: change.chatId, forMs: change.untilMs - Date.now() }]);
        break;
      case "draft":
        this.#tell([{ type: "telegram-draft", draft: this.#draftIn(change.chatId) }]);
        break;
      case "call":
        this.#count(change.call);
        this.#alert(change.call);
        break;
      default:
        // Polls and sockets are not to be seen in a chat.
        break;
    }
  }

  /** A call is told at its beginning and at its end; polls are no traffic that anybody wants counted. */
  #count({ method, status }: { readonly method: string; readonly status?: unknown }): void {
    if (method === "getUpdates" || status === undefined) return;
    this.#telegramCalls.calls += 1;
    if (status === 429) this.#telegramCalls.limited += 1;
    this.#metersSoon();
  }

  /** An answer to a press that shows something. */
  #alert({ method, status, payload }: RecordedCall): void {
    if (method !== "answerCallbackQuery" || status !== 200) return;
    const { telegram } = this.#world;
    const answer = telegram.presses.answers.find(({ query }) => query === payload.callback_query_id);
    if (answer === undefined || answer.text === "") return;
    const person = telegram.user(answer.userId).firstName;
    this.#tell([{ type: "telegram-alert", person, text: answer.text }]);
  }

  /** Forms and homes of the people on the page. */
  #views(): readonly SlackViewView[] {
    const { modals, homes } = this.#world.slack.views;
    return [...modals, ...homes].map(([person, { type, title, blocks, errors }]) => ({
      person,
      kind: type,
      title,
      blocks: blocks.map(viewBlock),
      errors: Object.values(errors),
    }));
  }

  #lookAtSlack(): void {
    this.#slackLook = undefined;
    this.#tell(this.#slackChanges());
    this.#metersSoon();
  }

  /** Messages are immutable: another object under the same ts is a change. */
  #slackChanges(): PageChange[] {
    const changes: PageChange[] = [];
    for (const message of this.#world.slack.workspace.messages) {
      const key = `${message.channel} ${message.ts}`;
      if (this.#slackSeen.get(key) === message) continue;
      this.#slackSeen.set(key, message);
      const { channel, ts } = message;
      if (stateOf(message).deleted) changes.push({ type: "slack-gone", channel, ts });
      else changes.push({ type: "slack", message: this.#toSlackView(message) });
    }
    for (const status of this.#world.slack.workspace.statuses.values()) {
      if (this.#isNews(status)) changes.push({ type: "slack-status", status });
    }
    const views = this.#views();
    const seen = JSON.stringify(views);
    if (seen !== this.#viewsSeen) changes.push({ type: "slack-views", views });
    this.#viewsSeen = seen;
    return changes;
  }

  #isNews({ channel, threadTs, text, untilMs }: SlackStatusView): boolean {
    const [key, value] = [`${channel} ${threadTs}`, `${untilMs} ${text}`];
    if (this.#statusSeen.get(key) === value) return false;
    this.#statusSeen.set(key, value);
    return true;
  }

  #metersSoon(): void {
    this.#metersTimer ??= setTimeout(() => {
      this.#metersTimer = undefined;
      this.#tell([{ type: "meters", meters: this.#meters() }]);
    }, metersMs);
  }

  #ways(): WaysView {
    const { ways, isSwitching } = this.#switchboard;
    return { ways, isSwitching };
  }

  /** The page shows no topics. */
  #draftIn(chat: number): TelegramDraftView {
    const { text, entities, canStop } = this.#world.telegram.drafts.in({ id: chat }) ?? noDraft;
    return { chat, text, entities, canStop };
  }

  #meters(): MetersView {
    return { telegram: { ...this.#telegramCalls }, slack: { ...this.#world.slack.counts } };
  }

  #tell(changes: readonly PageChange[]): void {
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes);
  }

  #telegramChats(): PageState["telegram"]["chats"] {
    const { telegram, cast } = this.#world;
    const people = toPeople(cast.telegram.people, (id) => telegram.user(id).firstName);
    const group = telegram.chats.find(({ id }) => id === cast.telegram.group);
    return [
      {
        key: "private",
        id: cast.telegram.private,
        title: telegram.botUser.firstName,
        people: people.slice(0, 1),
      },
      { key: "group", id: cast.telegram.group, title: group?.title ?? "Group", people },
    ];
  }

  #slackRooms(): PageState["slack"]["rooms"] {
    const { slack, cast } = this.#world;
    const people = toPeople(cast.slack.people, (id) => this.#slackName(id));
    const channel = slack.workspace.channels.get(cast.slack.channel);
    return [
      { key: "channel", id: cast.slack.channel, title: channel?.name ?? "channel", people },
      { key: "dm", id: cast.slack.dm, title: this.#slackName(slack.botUserId), people: people.slice(0, 1) },
    ];
  }

  #slackNames(): Readonly<Record<string, string>> {
    const { users, channels } = this.#world.slack.workspace;
    return Object.fromEntries([...users.values(), ...channels.values()].map(({ id, name }) => [id, name]));
  }

  #slackName(id: string): string {
    return this.#world.slack.workspace.users.get(id)?.name ?? id;
  }

  #toSlackView(message: SlackMessage): SlackMessageView {
    const { text, blocks } = stateOf(message);
    const { channel, ts, threadTs, user, botId, ephemeralTo, files, states } = message;
    return {
      channel,
      ts,
      ...(threadTs === undefined ? {} : { threadTs }),
      from: user,
      author: this.#slackName(user),
      isBot: botId !== undefined,
      text,
      blocks: blocks.map(viewBlock),
      edits: states.length - 1,
      isStream: this.#world.slack.workspace.streamState(message) === "in_progress",
      ephemeral: ephemeralTo !== undefined,
      ...(ephemeralTo === undefined ? {} : { onlyFor: this.#slackName(ephemeralTo) }),
      files: files.map(({ name, content }) => ({ name, text: content })),
    };
  }
}

function toPeople<Id>(ids: readonly Id[], nameOf: (id: Id) => string): readonly PersonView<Id>[] {
  const admin = adminAmong(ids);
  return ids.map((id) => ({ id, name: nameOf(id), isAdmin: id === admin }));
}

/** Markdown is read here: the page has no parser. */
function viewBlock(block: Readonly<Record<string, unknown>>): unknown {
  if (block.type !== "markdown") return block;
  return { type: "markdown", nodes: viewMarkdown(String(block.text ?? "")) };
}

function toTelegramView(message: VisibleMessage): TelegramMessageView {
  const { chatId, id, from, sentAtMs, text, entities, edits, replyTo, document, buttons } = message;
  return {
    chat: chatId,
    id,
    from: from.id,
    author: from.firstName,
    isBot: from.isBot,
    sentAtMs,
    text,
    entities,
    edits,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(buttons === undefined ? {} : { buttons }),
    ...(message.forcesReply === undefined ? {} : { forcesReply: true }),
    ...(document === undefined ? {} : { file: { name: document.fileName, text: document.text } }),
  };
}
