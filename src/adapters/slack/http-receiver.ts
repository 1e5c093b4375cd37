/**
 * Slack's requests at `/slack/events`: events, slash commands and interactions alike. Answered 200 after the arrivals
 * are written, and 503 where they are not, so that Slack delivers again. Anybody can send here: nothing of a request is
 * looked at before its signature but what a signature needs.
 */

import type { App } from "@slack/bolt";
import { causeOf } from "../../core/events.ts";
import type { HttpReply, HttpRequest } from "../../core/platform/intake.ts";
import { platformName } from "./address.ts";
import { askAppId } from "./app-id.ts";
import { type Delivered, deliver } from "./deliver.ts";
import type { ReceiverParts, SlackReceiver } from "./receiver.ts";
import { isSslCheck, parseSlackRequest, type SlackBody, UnreadableRequest } from "./request-body.ts";
import { isSigned, signatureFault } from "./signature.ts";

/** Where Slack delivers, whatever it is. */
export const eventsPath = "/slack/events";

interface HttpReceiverParts extends ReceiverParts {
  /** Never empty. */
  readonly signingSecret: string;
}

/** What runs while requests are answered. */
interface State {
  app: App | undefined;
  appId: string | undefined;
  /** Between `start` and `stop`. */
  isOpen: boolean;
  readonly inFlight: Set<Promise<Delivered>>;
}

const done: HttpReply = { status: 200 };
/** Slack delivers again. */
const notNow: HttpReply = { status: 503 };

/** Makes the receiver. Before `start` and after `stop` its route takes nothing in. */
export function createHttpReceiver(parts: HttpReceiverParts): SlackReceiver {
  const state: State = { app: undefined, appId: undefined, isOpen: false, inFlight: new Set() };
  return {
    routes: [{ method: "POST", path: eventsPath, handle: (request) => answer(request, parts, state) }],
    init: (app) => {
      state.app = app;
    },
    start: async () => {
      state.appId = await askAppId(parts.workspaces, parts.events);
      state.isOpen = true;
    },
    stop: async () => {
      state.isOpen = false;
      await Promise.allSettled(state.inFlight);
    },
    // Whether Slack knows our address, only Slack could say.
    notReady: () => (state.isOpen ? undefined : `Slack: requests to ${eventsPath} are not taken in yet.`),
  };
}

async function answer(request: HttpRequest, parts: HttpReceiverParts, state: State): Promise<HttpReply> {
  const { headers, body } = request;
  const contentType = headers["content-type"];
  // The certificate check comes unsigned; it is all the same to us who asks whether somebody is here.
  if (!isSigned(request) && isSslCheck(contentType, body)) return done;
  const fault = signatureFault(parts.signingSecret, request, Date.now());
  if (fault !== undefined) return refuse(parts, 401, fault);
  const read = readRequest(contentType, body);
  switch (read.kind) {
    case "unreadable":
      return refuse(parts, 400, `unreadable: ${read.cause}`);
    case "ssl-check":
      return done;
    case "url-verification":
      return toReply({ challenge: read.challenge });
    case "delivery":
      return await takeIn(read.body, request, parts, state);
    default:
      return read satisfies never;
  }
}

function readRequest(contentType: string | undefined, body: Buffer) {
  try {
    return parseSlackRequest(contentType, body);
  } catch (error) {
    if (!(error instanceof UnreadableRequest)) throw error;
    return { kind: "unreadable", cause: error.message } as const;
  }
}

async function takeIn(
  body: SlackBody,
  { headers }: HttpRequest,
  parts: HttpReceiverParts,
  { app, appId, isOpen, inFlight }: State,
): Promise<HttpReply> {
  if (app === undefined || !isOpen) return notNow;
  const { workspaces, events, timing } = parts;
  const retryNum = headers["x-slack-retry-num"];
  const retryReason = headers["x-slack-retry-reason"];
  const delivery = {
    body,
    retryNum: typeof retryNum === "string" ? Number(retryNum) : undefined,
    retryReason: typeof retryReason === "string" ? retryReason : undefined,
  };
  const work = deliver(app, delivery, { workspaces, events, appId });
  inFlight.add(work);
  // Rejections are met below, or come too late for anybody.
  work.catch(() => undefined).finally(() => inFlight.delete(work));
  try {
    const delivered = await within(timing.httpReplyMs, work);
    return delivered.kind === "foreign" ? refuse(parts, 403, "foreign") : toReply(delivered.answer);
  } catch (error) {
    events.arrivalsRefused({ platform: platformName, cause: causeOf(error) });
    return notNow;
  }
}

/** Slack gives up after 3 s; what is written later is known when it is delivered again. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`the write took longer than ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Delivered again it would be refused again, so Slack is asked not to. */
function refuse({ events }: HttpReceiverParts, status: number, reason: string): HttpReply {
  events.requestRefused({ platform: platformName, reason });
  return { status, headers: { "x-slack-no-retry": "1" } };
}

/** The answer that an acknowledgement may carry: text, or a message as an object. */
function toReply(content: unknown): HttpReply {
  if (content === undefined || content === "") return done;
  if (typeof content === "string")
    return { ...done, body: content, headers: { "content-type": "text/plain" } };
  return { ...done, body: JSON.stringify(content), headers: { "content-type": "application/json" } };
}
