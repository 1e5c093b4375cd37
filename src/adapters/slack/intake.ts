/** The incoming side: Bolt over our own receiver, every event to the inbox before it is acknowledged. */

import { setTimeout as sleep } from "node:timers/promises";
import { App } from "@slack/bolt";
import { wantsText } from "../../core/commands/settings-request.ts";
import { parseConversationId } from "../../core/conversation.ts";
import { causeOf, type Events } from "../../core/events.ts";
import type { Arrival, Inbox } from "../../core/inbox.ts";
import type { HttpRoute, Intake } from "../../core/platform/intake.ts";
import type { Timing } from "../../core/timing.ts";
import { platformName, toMicros } from "./address.ts";
import { callIn } from "./call.ts";
import { toChangeArrivals } from "./changes.ts";
import { choicePrefix } from "./choice-blocks.ts";
import { silentLogger } from "./client.ts";
import { toPlatformError, WorkspaceGone } from "./errors.ts";
import {
  isChange,
  isPersonsMessage,
  parseChangeEvent,
  parseHomeEvent,
  parseMessageEvent,
  parseSlashCommand,
  parseStopEvent,
} from "./event-shapes.ts";
import type { SlackIdentity } from "./identity.ts";
import { parsePress, parseSubmission } from "./interaction-shapes.ts";
import { toPressCommand } from "./press.ts";
import {
  type ReceiveSettings,
  toArrivals,
  toOpenedArrivals,
  toSlashArrival,
  toStopArrival,
} from "./receive.ts";
import { createReceiver, type ReceiverParts, type SlackDelivery, type SlackReceiver } from "./receiver.ts";
import { formId, fromTextForm, toTextForm } from "./text-form.ts";
import type { Workspaces } from "./workspaces.ts";

/** What the incoming side works with. */
export interface IntakeParts extends ReceiverParts {
  readonly delivery: SlackDelivery;
  readonly inbox: Inbox;
  readonly settings: ReceiveSettings;
  /** Addresses besides those of the delivery. */
  readonly routes: readonly HttpRoute[];
}

/** Makes the incoming side. `start` returns at once; `notReady` tells when it is connected. */
export function createIntake(parts: IntakeParts): Intake {
  const stopping = new AbortController();
  const receiver = createReceiver(parts.delivery, parts);
  let isConfirmed = false;
  let connecting: Promise<void> = Promise.resolve();

  const connect = async () => {
    isConfirmed = await confirm(parts, stopping.signal);
    if (!isConfirmed) return;
    createApp(parts, receiver);
    await receiver.start();
  };
  return {
    routes: [...receiver.routes, ...parts.routes],
    start: async () => {
      connecting = connect();
    },
    stop: async () => {
      stopping.abort();
      await connecting;
      await receiver.stop();
    },
    notReady: () => {
      if (!isConfirmed) return "Slack has not confirmed the bot token yet (auth.test).";
      return receiver.notReady();
    },
  };
}

/** Asks until it is answered: a Slack that is away at boot leaves nobody deaf. @returns false when stopped */
async function confirm(
  { workspaces, events, timing }: { workspaces: Workspaces; events: Events; timing: Timing },
  signal: AbortSignal,
): Promise<boolean> {
  const method = "auth.test";
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      await workspaces.confirm();
      return true;
    } catch (error) {
      const { message: cause, retry } = toPlatformError(error, { method, budget: undefined });
      events.callFailed({ platform: platformName, method, outcome: "identity unknown", cause });
      const doubled = Math.min(timing.backoffMaxMs, timing.backoffMs * 2 ** tries);
      const ms = typeof retry === "object" ? Math.max(doubled, retry.afterMs) : doubled;
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}

function createApp(parts: IntakeParts, receiver: SlackReceiver): App {
  const { client, workspaces, inbox, settings, events } = parts;
  const identityOf = async (teamId: string | undefined) => (await workspaces.find(teamId)).identity();
  const app = new App({
    receiver,
    convoStore: false,
    // `receive.ts` knows ours and other bots alike.
    ignoreSelf: false,
    tokenVerificationEnabled: false,
    logger: silentLogger,
    clientOptions: client.options,
    // No token: what calls Slack takes its client from `workspaces`.
    authorize: async ({ teamId }) => (teamId === undefined ? {} : { teamId }),
  });
  const accept = async (
    { teamId }: { readonly teamId?: string },
    read: (self: SlackIdentity) => Promise<readonly Arrival[]> | readonly Arrival[],
  ) => {
    const self = await identityOf(teamId).catch(ignoreGone);
    if (self === undefined) return;
    const arrivals = await read(self);
    if (arrivals.length > 0) await inbox.accept(arrivals);
  };
  let newestMs = 0;
  const customs = inbox.customs.bind(inbox);
  const onChange = async (event: unknown, context: { readonly teamId?: string }) => {
    const parsed = readable(() => parseChangeEvent(event), events, "change of a message");
    if (parsed === undefined) return;
    await accept(context, (self) => toChangeArrivals(parsed, { identity: self, settings, customs }));
  };
  const onMessage = async (event: unknown, context: { readonly teamId?: string }) => {
    if (isChange(event)) return await onChange(event, context);
    if (!isPersonsMessage(event)) return;
    const parsed = readable(() => parseMessageEvent(event), events, "message");
    if (parsed === undefined) return;
    newestMs = Math.max(newestMs, Math.ceil(toMicros(parsed.ts) / 1000));
    await accept(context, (self) => toArrivals(parsed, { identity: self, settings, customs }));
  };
  app.event("message", ({ event, context }) => onMessage(event, context));
  app.event("app_mention", ({ event, context }) => onMessage(event, context));
  app.event("agent_session_stopped", async ({ event, context }) => {
    const parsed = readable(() => parseStopEvent(event), events, "agent_session_stopped");
    if (parsed) await accept(context, (self) => [toStopArrival(parsed, self, Date.now())]);
  });
  app.event("app_home_opened", async ({ event, context }) => {
    const parsed = readable(() => parseHomeEvent(event), events, "app_home_opened");
    if (parsed) await accept(context, (self) => toOpenedArrivals(parsed, self));
  });
  app.command(/.*/, async ({ body, ack, context }) => {
    const parsed = readable(() => parseSlashCommand(body), events, "slash command");
    // Never before a message that is here already, though our clock may be behind Slack's.
    const nowMs = Math.max(Date.now(), newestMs);
    if (parsed)
      await accept(context, (self) => orForm(parts, toSlashArrival(parsed, self, settings, nowMs), parsed));
    await ack();
  });
  listenForPresses(app, parts, accept);
  listenForEnds(app, workspaces);
  // Bolt's own handler would log the error with its object; a rejection leaves the envelope unacknowledged.
  app.error((error) => Promise.reject(error));
  return app;
}

type Accept = (
  context: { readonly teamId?: string },
  read: (self: SlackIdentity) => Promise<readonly Arrival[]> | readonly Arrival[],
) => Promise<void>;

/** Buttons and options in messages and in the home, and the form that some of them open. */
function listenForPresses(app: App, parts: IntakeParts, accept: Accept): void {
  const { events, settings } = parts;
  app.action(new RegExp(`^${choicePrefix}`), async ({ body, ack, context }) => {
    const parsed = readable(() => parsePress(body), events, "press of a button");
    if (parsed)
      await accept(context, async ({ teamId }) => {
        const command = toPressCommand(parsed, teamId, settings, Date.now());
        return command === undefined ? [] : await orForm(parts, { kind: "command", command }, parsed);
      });
    await ack();
  });
  app.view(formId, async ({ body, ack, context }) => {
    const parsed = readable(() => parseSubmission(body), events, "submission of a form");
    let fault: string | undefined;
    if (parsed)
      await accept(context, ({ teamId }) => {
        const written = fromTextForm(parsed, teamId, Date.now());
        if (written !== undefined && "fault" in written) fault = written.fault;
        return written !== undefined && "command" in written ? [{ kind: "command", ...written }] : [];
      });
    if (fault === undefined) await ack();
    else await ack({ response_action: "errors", errors: { [formId]: fault } });
  });
}

/**
 * A command that wants a longer text opens the form for it: here and at once, for a trigger lives 3 s. Where that fails,
 * the command is carried out, which says how else the text may come.
 */
async function orForm(
  { workspaces, events, timing }: IntakeParts,
  arrival: Extract<Arrival, { readonly kind: "command" }>,
  { trigger_id }: { readonly trigger_id: string },
): Promise<readonly Arrival[]> {
  const { command } = arrival;
  if (!wantsText({ command: command.name, argument: command.argument })) return [arrival];
  const { scope } = parseConversationId(command.conversation);
  const method = "views.open";
  const target = { address: parseConversationId(command.conversation), place: command.place, question: "" };
  const signal = AbortSignal.timeout(timing.triggerMs);
  const opened = await callIn(workspaces, target, { method, budget: undefined }, signal, async ({ web }) => {
    await web.views.open({ trigger_id, view: toTextForm(command) });
  });
  // It may stand there after all: carried out as well, the command would only say so twice.
  if (opened.kind === "done" || opened.kind === "unknown") return [];
  const cause = causeOf(opened.cause);
  events.callFailed({ platform: platformName, method, outcome: `no form in ${scope}`, cause });
  return [arrival];
}

/** The app was removed from a workspace, or its token taken away. Not `authorize`d: there is nothing left to act with. */
function listenForEnds(app: App, workspaces: Workspaces): void {
  const left = async (teamId: string | undefined, eventTimeS: number) => {
    // Told in whole seconds, rounded down.
    if (teamId !== undefined) await workspaces.left(teamId, (eventTimeS + 1) * 1_000);
  };
  app.event("app_uninstalled", ({ context, body }) => left(context.teamId, body.event_time));
  app.event("tokens_revoked", async ({ event, context, body }) => {
    // Tokens of people are none of ours: we never ask for one.
    if ((event.tokens.bot ?? []).length > 0) await left(context.teamId, body.event_time);
  });
}

/** An event on its way while the app was removed: acknowledged, and nothing comes of it. */
function ignoreGone(error: unknown): undefined {
  if (!(error instanceof WorkspaceGone)) throw error;
  return undefined;
}

/** Undefined, and one line in the log, for what no delivery will make readable: it is acknowledged and set aside. */
function readable<T>(parse: () => T, events: Events, update: string): T | undefined {
  try {
    return parse();
  } catch (error) {
    events.updateUnreadable({ platform: platformName, update, cause: causeOf(error) });
    return undefined;
  }
}
