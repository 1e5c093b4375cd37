/** Slack's numbers, each with its source, and the flood budgets that a call takes from. */

import type { CallKind, FloodBudget, FloodRate, RefusedBudget } from "../../core/platform/flood-budget.ts";
import type { PlatformLimits } from "../../core/platform/platform.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";

/** What the option of a select carries: 75 characters [@slack/types]; a button takes 2,000. In bytes, which are never fewer. */
export const buttonBytes = 75;

/** Of what a message forwards so many messages are read, and so much of their text. Parley's own choice. */
export const forwardedMax = 10;
export const quotedUtf16 = 8_000;

/** The starting rates. */
export interface SlackRates {
  /** `chat.update` in one workspace: tier 3, "50+ per minute" (docs.slack.dev/apis/web-api/rate-limits). */
  readonly update: FloodRate;
  /** `chat.postMessage` in one channel: about one per second. */
  readonly post: FloodRate;
}

/** The busy sign ends by itself after 2 min (assistant.threads.setStatus). */
const busyIntervalMs = 100_000;
/** A page alone in its workspace would use up the 45 edits of a minute at this pace. */
const previewIntervalMs = 1_350;
/** The same for appends, of which there may be twice as many. */
const appendIntervalMs = 700;

/** "Several hundred per minute" for a whole workspace; taken low. */
const workspacePosts: FloodRate = { intervalMs: 250, burst: 20, reserve: 0 };
/** chat.delete: tier 3. */
const removals: FloodRate = { intervalMs: 1_400, burst: 5, reserve: 0 };
/** assistant.threads.setStatus: about 60 per minute and conversation. */
const statuses: FloodRate = { intervalMs: 1_100, burst: 5, reserve: 0 };

/**
 * chat.startStream and chat.stopStream: tier 2, "20+ per minute", chat.appendStream: tier 4, "100+"
 * (docs.slack.dev/apis/web-api/rate-limits). Fewer are opened than may be closed, for a close cannot be done without.
 */
const opens: FloodRate = { intervalMs: 3_300, burst: 2, reserve: 0 };
const closes: FloodRate = { intervalMs: 3_200, burst: 2, reserve: 1 };
const appends: FloodRate = { intervalMs: 700, burst: 10, reserve: 3 };

/** agents.sessions.setStatus: tier 3 of the workspace; beginnings leave room for ends, or a sign would stand too long. */
const sessions: FloodRate = { intervalMs: 1_400, burst: 5, reserve: 3 };

/** conversations.replies: tier 3. A reading is one call, of a long thread up to three. */
const readings: FloodRate = { intervalMs: 1_400, burst: 5, reserve: 0 };

/** assistant.threads.setSuggestedPrompts: tier 3 by one source, tier 4 by another. */
const offers: FloodRate = { intervalMs: 1_400, burst: 5, reserve: 0 };

/** views.publish: tier 4. Who only looks leaves room for who has changed something there. */
const homes: FloodRate = { intervalMs: 700, burst: 8, reserve: 3 };

/** No burst above holds more than 6 s of its limit: how much of a minute Slack takes at once is not published. */

/** The numbers and habits that core works with. */
export function createLimits(rates: SlackRates): PlatformLimits {
  return {
    previewIntervalMs: (_target, call) => (call === "grow" ? appendIntervalMs : previewIntervalMs),
    busyIntervalMs,
    // A session that is `processing` shows Slack's stop button until it is `active` again (agents.sessions.setStatus).
    busyUntilEnd: true,
    canFindPosts: true,
    hasBackground: true,
    budgets: (target, call) => budgetsOf(rates, target, call),
  };
}

/**
 * What a 429 on `call` closes: Slack limits a method per workspace, posts per channel as well. Which of the two was meant it
 * does not say: channels that are refused together mean the workspace.
 */
export function refusedBudget(target: ReplyTarget, call: CallKind): RefusedBudget {
  switch (call) {
    case "post":
      return { key: channelKey(target, call), within: workspaceKey(target, call) };
    case "status":
      return { key: channelKey(target, call) };
    default:
      return { key: workspaceKey(target, call) };
  }
}

function budgetsOf(rates: SlackRates, target: ReplyTarget, call: CallKind): readonly FloodBudget[] {
  switch (call) {
    case "edit":
      return [{ key: workspaceKey(target, call), ...rates.update }];
    case "post":
      return [
        { key: channelKey(target, call), ...rates.post },
        { key: workspaceKey(target, call), ...off(workspacePosts, rates.post) },
      ];
    case "open":
      return [
        { key: channelKey(target, "post"), ...rates.post },
        { key: workspaceKey(target, call), ...off(opens, rates.post) },
      ];
    case "grow":
      return [{ key: workspaceKey(target, call), ...off(appends, rates.update) }];
    case "close":
      return [{ key: workspaceKey(target, call), ...off(closes, rates.update) }];
    // Slack has none.
    case "draft":
      return [];
    case "remove":
      return [{ key: workspaceKey(target, call), ...off(removals, rates.update) }];
    case "status":
      return [
        { key: channelKey(target, call), ...off(statuses, rates.post) },
        { key: sessionsBudget(target), ...off(sessions, rates.update) },
      ];
    case "background":
      return [{ key: workspaceKey(target, call), ...off(readings, rates.update) }];
    case "prompts":
      return [{ key: workspaceKey(target, call), ...off(offers, rates.update) }];
    case "home":
      return [{ key: workspaceKey(target, call), ...off(homes, rates.update) }];
    default:
      return call satisfies never;
  }
}

/** The budget that a 429 of agents.sessions.setStatus closes. */
export function sessionsBudget({ address }: ReplyTarget): string {
  return `slack:${address.scope}:sessions`;
}

/** A fixed rate is off where the operator has switched its sister off. */
function off(rate: FloodRate, sister: FloodRate): FloodRate {
  return sister.intervalMs === 0 ? { ...rate, intervalMs: 0 } : rate;
}

function workspaceKey({ address }: ReplyTarget, call: CallKind): string {
  return `slack:${address.scope}:${call}`;
}

function channelKey({ address }: ReplyTarget, call: CallKind): string {
  return `slack:${address.scope}:chat:${address.chat}:${call}`;
}
