/** The `response_url` of slash commands and presses: five posts within thirty minutes. */

import { randomUUID } from "node:crypto";
import { SlackRefusal } from "./method.ts";
import { content } from "./methods/chat.ts";
import { pingsIn } from "./text.ts";
import type { SlackMessage, Workspace } from "./workspace.ts";

const usesMax = 5;
const lifetimeMs = 30 * 60_000;

interface Known {
  readonly channel: string;
  readonly user: string;
  readonly bornMs: number;
  uses: number;
  readonly original: SlackMessage | undefined;
}

/** All addresses handed out. */
export class ResponseUrls {
  readonly #known = new Map<string, Known>();
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** A new address for answers to `user` in `channel`. @param original the message whose button was pressed */
  create(origin: string, channel: string, user: string, original?: SlackMessage): string {
    const id = randomUUID();
    this.#known.set(id, { channel, user, bornMs: Date.now(), uses: 0, original });
    return `${origin}/commands/${this.#workspace.teamId}/${id}`;
  }

  /** Takes one answer. @returns the HTTP status and body that Slack gives */
  post(id: string, body: Readonly<Record<string, unknown>>): { status: number; body: string } {
    const found = this.#known.get(id);
    if (!found || Date.now() - found.bornMs > lifetimeMs) return { status: 404, body: "expired_url" };
    found.uses += 1;
    if (found.uses > usesMax) return { status: 404, body: "used_url" };
    try {
      this.show(found.channel, found.user, body, found.original);
      return { status: 200, body: "ok" };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      return { status: 400, body: error.code };
    }
  }

  /** Shows an answer, to `user` alone unless it says `in_channel`; or in place of the original. */
  show(
    channel: string,
    user: string,
    body: Readonly<Record<string, unknown>>,
    original?: SlackMessage,
  ): void {
    const { text, blocks } = content(body);
    const now = original && this.#workspace.message(original.channel, original.ts);
    if (body.replace_original === true && now) {
      const pings = pingsIn(text, blocks, { looksForNames: false });
      this.#workspace.changeMessage(now, { text, blocks, pings });
      return;
    }
    const { botUserId, botId } = this.#workspace;
    this.#workspace.addMessage({
      channel,
      user: botUserId,
      botId,
      text,
      blocks,
      pings: pingsIn(text, blocks, { looksForNames: false }),
      unfurl: { links: body.unfurl_links !== false, media: body.unfurl_media !== false },
      ...(typeof body.thread_ts === "string" ? { threadTs: body.thread_ts } : {}),
      ...(body.response_type === "in_channel" ? {} : { ephemeralTo: user }),
    });
  }
}
