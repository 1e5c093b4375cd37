/** What people do in the simulated workspace. Each act changes the workspace and tells the app what Slack would. */

import type { Deliverer, Delivery } from "./deliverer.ts";
import {
  changeEvents,
  type EventBody,
  homeOpenedEvent,
  messageEvents,
  stopEvent,
  subscriptionName,
} from "./events.ts";
import type { ResponseUrls } from "./response-urls.ts";
import { typedText } from "./text.ts";
import type { Views } from "./views.ts";
import type { SlackChannel, SlackFile, SlackMessage, SlackUser, Workspace } from "./workspace.ts";

/** A thing with an id, or the id itself. */
export type Ref = string | { readonly id: string };

/** A file that comes with a message. */
export interface NewFile {
  readonly name: string;
  readonly mimetype: string;
  readonly content?: string;
  readonly externalUrl?: string;
}

/** How a message is said. */
export interface SayOptions {
  /** The ts of the thread's root. */
  readonly thread?: string;
  /** "Also send to channel". */
  readonly broadcast?: boolean;
  /** `me_message`, `file_share`, … */
  readonly subtype?: string;
  readonly files?: readonly NewFile[];
  /** Which ts the message gets; otherwise the next one. */
  readonly ts?: string;
  /** Messages that it forwards: they stand beside the text (slackapi/slack-skills-plugin#149). */
  readonly forwards?: readonly { readonly author: string; readonly text: string }[];
  /** Taken as Slack's own text, without turning names into mentions and without escaping. */
  readonly raw?: boolean;
}

/** How the two deliveries of a mention follow each other. */
export interface MentionDelivery {
  readonly order: "message-first" | "mention-first" | "random";
  readonly gapMs: number;
}

interface Parts {
  readonly workspace: Workspace;
  /** The way that is in use when it is asked for. */
  readonly deliverer: () => Deliverer;
  readonly responseUrls: ResponseUrls;
  readonly views: Views;
  readonly origin: string;
  readonly mentions: MentionDelivery;
  /** The events that the app has subscribed to; undefined: all. */
  readonly events: ReadonlySet<string> | undefined;
  /** Without the app in the workspace nobody is told of anything. */
  readonly isInstalled: () => boolean;
}

/** The people of a workspace. */
export class People {
  readonly #parts: Parts;
  readonly #sent = new Map<string, EventBody[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Says something; `@name` mentions. @returns the message's ts */
  says(user: Ref, channel: Ref, text: string, options: SayOptions = {}): string {
    const { workspace } = this.#parts;
    const author = workspace.users.get(idOf(user));
    if (!author) throw new Error(`No user ${idOf(user)}`);
    const subtype = options.subtype ?? (options.broadcast ? "thread_broadcast" : undefined);
    const message = workspace.addMessage({
      channel: idOf(channel),
      user: author.id,
      text: options.raw ? text : typedText(text, workspace.users.values(), workspace.channels.values()),
      files: (options.files ?? []).map((file) => newFile(workspace, file)),
      ...(options.forwards ? { attachments: options.forwards.map(forwarded) } : {}),
      ...(author.botId ? { botId: author.botId } : {}),
      ...(options.thread ? { threadTs: options.thread } : {}),
      ...(options.ts ? { ts: options.ts } : {}),
      ...(options.files && !subtype ? { subtype: "file_share" } : subtype ? { subtype } : {}),
    });
    this.announce("new", message.channel, message.ts);
    return message.ts;
  }

  /** Edits an own message. */
  edits(channel: Ref, ts: string, text: string): void {
    const { workspace } = this.#parts;
    const typed = typedText(text, workspace.users.values(), workspace.channels.values());
    workspace.changeMessage(this.#message(channel, ts), { text: typed, editedTs: workspace.nextTs() });
    this.announce("changed", idOf(channel), ts);
  }

  /** Slack adds the preview of a link to a message. */
  unfurls(channel: Ref, ts: string): void {
    const attachments = [{ id: 1, title: "Example Domain", from_url: "https://example.com/" }];
    this.#parts.workspace.changeMessage(this.#message(channel, ts), { attachments });
    this.announce("changed", idOf(channel), ts);
  }

  /** Deletes a message, whosever it is. */
  deletes(channel: Ref, ts: string): void {
    const gone = { deleted: true, text: "", blocks: [], pings: [] };
    this.#parts.workspace.changeMessage(this.#message(channel, ts), gone);
    this.announce("changed", idOf(channel), ts);
  }

  /** Runs a slash command. @returns its delivery; undefined when the app did not acknowledge in time */
  async runsCommand(user: Ref, channel: Ref, command: string, text: string): Promise<Delivery | undefined> {
    const { workspace, deliverer, responseUrls, origin } = this.#parts;
    const [author, room] = [workspace.users.get(idOf(user)), workspace.channels.get(idOf(channel))];
    if (!author || !room) throw new Error(`No user ${idOf(user)} or channel ${idOf(channel)}`);
    const delivery = await deliverer().sendOnce("slash_commands", {
      token: "verification-token-unused",
      team_id: workspace.teamId,
      team_domain: "simulated",
      channel_id: room.id,
      channel_name: room.kind === "im" ? "directmessage" : room.name,
      user_id: author.id,
      user_name: author.name.toLowerCase(),
      command,
      text,
      api_app_id: "A0PARLEY",
      is_enterprise_install: "false",
      response_url: responseUrls.create(origin, room.id, author.id),
      trigger_id: this.#parts.views.trigger(author.id),
    });
    const isTaken = delivery.ackedAtMs !== undefined;
    const error = delivery.status === undefined ? "operation_timeout" : "http_service_error";
    const failed = `${command} failed with the error "${error}"`;
    const shown = isTaken ? answerOf(delivery) : { text: failed };
    if (shown) responseUrls.show(room.id, author.id, shown);
    return isTaken ? delivery : undefined;
  }

  /** Presses Slack's own Stop button in a thread. */
  pressesStop(user: Ref, channel: Ref, thread: string): void {
    this.delivers(stopEvent(this.#parts.workspace, idOf(channel), idOf(user), thread));
  }

  /** Opens the app: its direct message, or its home tab. */
  opensApp(user: Ref, dm: Ref, tab: "home" | "messages" = "messages"): void {
    this.delivers(homeOpenedEvent(this.#parts.workspace, idOf(dm), idOf(user), tab));
  }

  /** Delivers a message's events once more, with their old event ids. */
  redeliver(channel: Ref, ts: string): void {
    const bodies = this.#sent.get(`${idOf(channel)} ${ts}`) ?? [];
    for (const body of bodies) this.#parts.deliverer().sendEvent(body, 1);
  }

  /** Delivers any event that the app has subscribed to. */
  delivers(body: EventBody): void {
    const { events, deliverer, isInstalled } = this.#parts;
    if (isInstalled() && (events?.has(subscriptionName(body)) ?? true)) deliverer().sendEvent(body);
  }

  /** Tells the app of a new or changed message, in the order and with the gap set for mentions. */
  announce(change: "new" | "changed", channel: string, ts: string): void {
    const { workspace, mentions } = this.#parts;
    const message = this.#message(channel, ts);
    if (change === "changed") {
      for (const body of changeEvents(workspace, message)) this.delivers(body);
      return;
    }
    const bodies = messageEvents(workspace, message);
    const turned = mentions.order === "random" ? Math.random() < 0.5 : mentions.order === "mention-first";
    const ordered = turned ? bodies.toReversed() : bodies;
    this.#sent.set(`${channel} ${ts}`, ordered);
    for (const [index, body] of ordered.entries()) {
      if (index === 0 || mentions.gapMs === 0) this.delivers(body);
      else setTimeout(() => this.delivers(body), index * mentions.gapMs).unref();
    }
  }

  #message(channel: Ref, ts: string): SlackMessage {
    const found = this.#parts.workspace.message(idOf(channel), ts);
    if (!found) throw new Error(`No message ${ts} in ${idOf(channel)}`);
    return found;
  }
}

/** The id behind a reference. */
export function idOf(ref: Ref | SlackUser | SlackChannel): string {
  return typeof ref === "string" ? ref : ref.id;
}

/** An acknowledgement may carry the answer at once. */
function answerOf(delivery: Delivery): Readonly<Record<string, unknown>> | undefined {
  const answer = delivery.answer;
  const shows = typeof answer === "object" && answer !== null && ("text" in answer || "blocks" in answer);
  return shows ? { ...answer } : undefined;
}

function forwarded({ author, text }: { readonly author: string; readonly text: string }) {
  const about = { channel_id: "C0ELSEWHERE", ts: "1700000000.000100", fallback: `[${author}] ${text}` };
  return { ...about, is_share: true, is_msg_unfurl: true, author_name: author, text, mrkdwn_in: ["text"] };
}

function newFile(workspace: Workspace, file: NewFile): SlackFile {
  return { id: workspace.nextId("F"), title: file.name, content: "", ...file };
}
