/** Every event that Parley logs: one function each, so that a line and its fields cannot drift apart. Ids only, never texts or secrets. */

import type { Logger } from "pino";
import { sampled } from "./sampled.ts";
import { SecretMask } from "./secret-mask.ts";

/** What happens again and again while something is broken, or while strangers like, is said at most this often, in ms. */
const sparselyEveryMs = 10_000;
/** What stays as it is until somebody does something about it, in ms. */
const rarelyEveryMs = 3_600_000;

/**
 * What is said of an error: its message (our own or an SDK's clean one), never the object, which may hold tokens. Of JSON
 * that cannot be read only that: the message quotes it.
 */
export function causeOf(error: unknown): string {
  if (error instanceof SyntaxError) return error.name;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/**
 * Makes the log of a process.
 * @param secrets never said, whoever quotes them: a server may send back what it was sent
 */
export function createEvents(logger: Logger, secrets: readonly string[] = []) {
  const mask = new SecretMask();
  mask.add(secrets);
  const log = withMask(logger, mask);
  return {
    ...intakeEvents(log),
    ...turnEvents(log),
    ...installationEvents(log),
    ...callEvents(log),
    ...chatApiEvents(log),
    /** Secrets that were not known when the process began: never said from now on. */
    conceal: (later: readonly string[]) => mask.add(later),
  };
}

const levels = ["debug", "info", "warn", "error"] as const;
type Log = Readonly<Record<(typeof levels)[number], (fields: object, line: string) => void>>;

/** The one place that all lines pass. */
function withMask(logger: Logger, mask: SecretMask): Log {
  const masked = (value: unknown) => (typeof value === "string" ? mask.mask(value) : value);
  const write = (level: (typeof levels)[number]) => (fields: object, line: string) => {
    if (!logger.isLevelEnabled(level)) return;
    const entries = Object.entries(fields).map(([name, value]) => [name, masked(value)]);
    logger[level](Object.fromEntries(entries), line);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function intakeEvents(log: Log) {
  return {
    pollFailed: (fields: { platform: string; retryInMs: number; cause: string }) =>
      log.warn(fields, "polling failed; trying again"),
    pollDeaf: (fields: { platform: string; silentMs: number }) =>
      log.warn(fields, "no poll came back in time; polling anew"),
    webhookRemoved: (fields: { platform: string }) =>
      log.warn(fields, "a webhook kept polling from working; removing it"),
    webhookFailed: (fields: { platform: string; retryInMs: number; cause: string }) =>
      log.warn(fields, "the webhook could not be set; trying again"),
    webhookMissing: (fields: { platform: string }) =>
      log.warn(fields, "the webhook had been removed; setting it again"),
    webhookForeign: (fields: { platform: string }) =>
      log.error(fields, "another program has set its own webhook; this one gets nothing"),
    deliveryFailed: (fields: { platform: string; cause: string }) =>
      log.warn(fields, "the platform could not deliver to the webhook"),
    updateUnreadable: (fields: { platform: string; update: string; cause: string }) =>
      log.error(fields, "an update could not be read and was set aside"),
    socketLost: (fields: { platform: string; socket: number; cause: string }) =>
      log.warn(fields, "a socket was lost; connecting anew"),
    arrivalsRefused: sampled(
      sparselyEveryMs,
      ({ platform }: { platform: string; cause: string }) => platform,
      (fields, times) =>
        log.error(
          { ...fields, times },
          "arrivals could not be written; the platform will deliver them again",
        ),
    ),
    leaseRefused: sampled(
      sparselyEveryMs,
      ({ lease }: { lease: string; cause: string }) => lease,
      (fields, times) =>
        log.error(
          { ...fields, times },
          "Redis did not give a lease; without it this process receives nothing, unless another one holds it",
        ),
    ),
    /** A request from outside that is not the platform's, or not for us: counted, for anybody can make thousands. */
    requestRefused: sampled(
      sparselyEveryMs,
      ({ platform, reason }: { platform: string; reason: string }) => `${platform} ${reason}`,
      (fields, times) => log.warn({ ...fields, times }, "requests were refused"),
    ),
    requestFailed: (fields: { platform: string; cause: string }) =>
      log.error(fields, "a request to our HTTP server failed in our own code"),
    intakeFailed: (fields: { cause: string }) =>
      log.error(fields, "a platform's intake ended; restart the process"),
  };
}

function turnEvents(log: Log) {
  return {
    turnFailed: (fields: { message: string; epoch: number; cause: string }) =>
      log.error(fields, "a turn failed; it will be tried again"),
    conversationMoved: (fields: { from: string; to: string }) =>
      log.warn(
        fields,
        "a chat has another id; settings that name the old one still hold, better name the new one",
      ),
    turnYielded: (fields: { conversation: string }) => log.debug(fields, "the turn is still held; waiting"),
    turnFenced: (fields: { message: string; epoch: number }) =>
      log.warn(fields, "a newer run has the turn; this one ends"),
    wokenAgain: (fields: { conversation: string }) =>
      log.debug(fields, "a conversation without progress was woken"),
    deadLettered: (fields: { message: string; cause: string }) =>
      log.error(fields, "a message could not be answered"),
    platformMissing: (fields: { message: string; platform: string }) =>
      log.error(fields, "a message waits for a platform that this process does not serve"),
    messageUnread: (fields: { message: string; cause: string }) =>
      log.warn(fields, "a message could not be made readable yet; it waits"),
    backgroundUnread: (fields: { message: string; cause: string }) =>
      log.warn(fields, "a thread could not be read yet; its question waits"),
    backgroundLeftOut: (fields: { message: string; cause: string }) =>
      log.warn(
        fields,
        "a thread could not be read; its questions are answered without what was said there before",
      ),
    messageLeftOut: (fields: { message: string; limit: string }) =>
      log.warn(fields, "a message was beyond a limit and left out; its author was told"),
    chatApiFailed: (fields: { message: string; problem: string; cause: string }) =>
      log.error(fields, "the chat API did not answer; the asker was told"),
    replyClosed: (fields: { message: string; cause: string }) =>
      log.info(fields, "the reply has no place any more; the turn ended quietly"),
    turnUnreadable: (fields: { conversation: string; cause: string }) =>
      log.error(fields, "a stored message cannot be read by this version; it waits for one that can"),
    previewFailed: (fields: { message: string; cause: string }) =>
      log.warn(fields, "a preview could not be shown; the answer goes on"),
  };
}

/** When something is over, for whoever reads the log later. */
function isoAfter(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

function callEvents(log: Log) {
  return {
    arrivalsWithheld: sampled(
      rarelyEveryMs,
      ({ platform, scope }: { platform: string; scope: string }) => `${platform} ${scope}`,
      (fields, times) =>
        log.error(
          { ...fields, times },
          "the platform withholds what people write there, for it is more than it delivers: nobody can answer that",
        ),
    ),
    placeBroken: sampled(
      rarelyEveryMs,
      ({ platform, scope }: { platform: string; scope: string; cause: string }) => `${platform} ${scope}`,
      (fields, times) =>
        log.error(
          { ...fields, times },
          "answers wait for an operator: nothing can be shown there (a token that is not taken any more, a missing right)",
        ),
    ),
    callFailed: (fields: { platform: string; method: string; outcome: string; cause: string }) =>
      log.warn(fields, "a platform call failed"),
    redisError: sampled(
      sparselyEveryMs,
      ({ connection }: { connection: string; cause: string }) => connection,
      (fields, times) => log.warn({ ...fields, times }, "Redis connection trouble"),
    ),
    settingsUnreadable: (fields: { settings: string }) =>
      log.error(fields, "settings of another version count as not set"),
    workerError: sampled(
      sparselyEveryMs,
      ({ queue }: { queue: string; cause: string }) => queue,
      (fields, times) => log.warn({ ...fields, times }, "worker trouble"),
    ),
    adminUnreached: (fields: { platform: string; cause: string }) =>
      log.info(fields, "an admin could not be told that somebody asks to be let in"),
    requestUnheard: (fields: { platform: string }) =>
      log.warn(fields, "somebody asks to be let in, and the platform has no owner or admin to be told"),
    placeRoleUnknown: (fields: { platform: string; cause: string }) =>
      log.warn(fields, "a platform did not say whether somebody administers a place; they count as not"),
    commandUnfit: (fields: { message: string; command: string }) =>
      log.warn(fields, "somebody without the right gave an admin's command; it was answered as unknown"),
    commandFailed: (fields: { message: string; cause: string }) =>
      log.error(fields, "a command failed; it will be tried again"),
  };
}

/** A call of the chat API that is made again in `retryInMs`, and why. */
interface RetriedChatApiCall {
  readonly endpoint: string;
  readonly model: string;
  readonly problem: string;
  readonly cause: string;
  readonly retryInMs: number;
}

function chatApiEvents(log: Log) {
  return {
    callAdmitted: (fields: { message: string; lateMs: number }) =>
      log.debug(fields, "the chat API may be called for a message"),
    chatApiRetried: sampled(
      sparselyEveryMs,
      ({ endpoint, problem }: RetriedChatApiCall) => `${endpoint} ${problem}`,
      (fields, times) =>
        log.warn({ ...fields, times }, "the chat API fails; calls are made again, askers wait"),
    ),
    callsLimited: (fields: { endpoint: string; model: string; waitMs: number }) =>
      log.warn(fields, "the chat API refused a call by its rate limit; nobody calls for a while"),
    endpointClosed: (fields: { endpoint: string; model: string; problem: string; forMs: number }) =>
      log.error(
        { ...fields, until: isoAfter(fields.forMs) },
        "the chat API refuses for good; it is asked again now and then, until it answers",
      ),
    endpointBroken: (fields: { endpoint: string; model: string; problem: string; forMs: number }) =>
      log.error(
        { ...fields, until: isoAfter(fields.forMs) },
        "a chat API keeps failing; others answer, and it is tried now and then until it does",
      ),
    endpointStillClosed: (fields: { endpoint: string; model: string; problem: string; forMs: number }) =>
      log.warn(
        { ...fields, until: isoAfter(fields.forMs) },
        "a chat API was tried and is left alone for longer",
      ),
    endpointOpen: (fields: { endpoint: string; model: string }) =>
      log.warn(fields, "a chat API that was left alone answers again"),
    admissionFailed: (fields: { cause: string }) =>
      log.warn(fields, "what a call has used could not be noted; limits make up for it by themselves"),
  };
}

function installationEvents(log: Log) {
  return {
    placeInstalled: (fields: { platform: string; scope: string }) =>
      log.info(fields, "the bot was installed"),
    placeLeft: (fields: { platform: string; scope: string }) =>
      log.info(fields, "the bot was uninstalled; what was said there will be deleted"),
    placeForgotten: (fields: { platform: string; scope: string; deleted: number }) =>
      log.info(fields, "everything of a place that the bot was removed from is deleted"),
    installRefused: (fields: { platform: string; cause: string }) =>
      log.warn(fields, "an installation was refused or failed"),
    credentialsFailed: (fields: { platform: string; scope: string; cause: string }) =>
      log.error(fields, "an installation's credentials could not be renewed yet"),
  };
}

/** The log of a process, as everything in it sees it. */
export type Events = ReturnType<typeof createEvents>;
