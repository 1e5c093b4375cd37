/** The `response_url` of slash commands: five posts within thirty minutes. */

import { randomUUID } from "node:crypto";
import { SlackRefusal } from "./method.ts";
import { content } from "./methods/chat.ts";
import { pingsIn } from "./text.ts";
import type { Workspace } from "./workspace.ts";

const usesMax = 5;
const lifetimeMs = 30 * 60_000;

/** All addresses handed out. */
export class ResponseUrls {
  readonly #known = new Map<string, { channel: string; user: string; bornMs: number; uses: number }>();
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** A new address for answers to `user` in `channel`. */
  create(origin: string, channel: string, user: string): string {
    const id = randomUUID();
    this.#known.set(id, { channel, user, bornMs: Date.now(), uses: 0 });
    return `${origin}/commands/${this.#workspace.teamId}/${id}`;
  }

  /** Takes one answer. @returns the HTTP status and body that Slack gives */
  post(id: string, body: Readonly<Record<string, unknown>>): { status: number; body: string } {
    const found = this.#known.get(id);
    if (!found || Date.now() - found.bornMs > lifetimeMs) return { status: 404, body: "expired_url" };
    found.uses += 1;
    if (found.uses > usesMax) return { status: 404, body: "used_url" };
    try {
      this.show(found.channel, found.user, body);
      return { status: 200, body: "ok" };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      return { status: 400, body: error.code };
    }
  }

  /** Shows an answer, to `user` alone unless it says `in_channel`. */
  show(channel: string, user: string, body: Readonly<Record<string, unknown>>): void {
    const { text, blocks } = content(body);
    const { botUserId, botId } = this.#workspace;
    this.#workspace.addMessage({
      channel,
      user: botUserId,
      botId,
      text,
      blocks,
      pings: pingsIn(text, blocks, { looksForNames: false }),
      unfurl: { links: body.unfurl_links !== false, media: body.unfurl_media !== false },
      ...(body.response_type === "in_channel" ? {} : { ephemeralTo: user }),
    });
  }
}
