/** Everything of the queue that a process opens: connections, queues, stores, workers, closed in the right order. */

import type { Redis } from "ioredis";
import type { RequestStore } from "../core/access-requests.ts";
import type { Admission, ClosedEndpoint } from "../core/admission.ts";
import type { ButtonStore } from "../core/commands/button.ts";
import type { ConversationStore } from "../core/conversation-store.ts";
import { causeOf, type Events } from "../core/events.ts";
import type { Inbox } from "../core/inbox.ts";
import type { InstallationStore } from "../core/installations.ts";
import { endlessPatience, type Patience } from "../core/patience.ts";
import type { RefusedParameters } from "../core/refused-parameters.ts";
import type { SettingsStore } from "../core/settings/settings-store.ts";
import type { AccessStore } from "../core/standing.ts";
import type { Timing } from "../core/timing.ts";
import type { TurnStore } from "../core/turn-store.ts";
import { createRequestStore } from "./access-requests.ts";
import { createAccessStore } from "./access-store.ts";
import { type AdmissionOptions, openAdmission } from "./admission.ts";
import { createButtonStore } from "./buttons.ts";
import {
  openHastyConnection,
  openPatientConnection,
  openWorkerConnection,
  watchRedis,
} from "./connection.ts";
import { createConversationStore } from "./conversation-store.ts";
import { type ErrandWorkerOptions, startErrandWorker } from "./errand-worker.ts";
import { addClosed, openCommandsQueue } from "./errands.ts";
import { startForgetter } from "./forget.ts";
import { createInbox } from "./inbox.ts";
import { openInstallations } from "./installations.ts";
import { createKeys, type ShardKeys } from "./keys.ts";
import { openRefusedParameters } from "./refused-parameters.ts";
import { runScript } from "./scripts.ts";
import { createSettingsStore } from "./settings-store.ts";
import { startSweeper } from "./sweeper.ts";
import { createTurnStore } from "./turn-store.ts";
import { startTurnWorker, type TurnWorker, type TurnWorkerOptions } from "./turn-worker.ts";
import { openTurnsQueue } from "./wake-up.ts";

/** Where the queue lives and how it behaves. */
export interface QueueOptions {
  /** `redis://…`, `rediss://…` or `unix:/path`. */
  readonly url: string;
  /** Separates installations in one Redis; default `parley`. */
  readonly namespace?: string;
  readonly timing: Timing;
  readonly events: Events;
  readonly historyDays: number;
  /** How much may wait; no limits when absent. */
  readonly patience?: Patience;
  /** Called once when Redis has been out of reach for `redisGoneMs`. */
  readonly onGone: () => void;
}

/** What the workers run; everything else they need is the queue's own. */
export interface Work
  extends Pick<TurnWorkerOptions, "concurrency" | "contextTokens" | "lateAfterMs" | "run">,
    Pick<ErrandWorkerOptions, "command" | "refuse" | "answer" | "stop" | "opened" | "announce" | "repair"> {}

/** An open queue. Disposing it closes every connection; workers are stopped before. */
export interface OpenQueue extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly store: TurnStore;
  readonly conversations: ConversationStore;
  readonly settings: SettingsStore;
  readonly access: AccessStore;
  readonly requests: RequestStore;
  readonly buttons: ButtonStore;
  readonly keys: ShardKeys;
  /** The patient connection, for checks and settings. */
  readonly redis: Redis;
  /**
   * Opens where installations are kept, and sees to it that what was uninstalled is forgotten. To be disposed of before
   * the queue. @param tokenKeys 32 random bytes each, the newest first
   */
  openInstallations(tokenKeys: readonly Buffer[]): InstallationStore & AsyncDisposable;
  /** Opens what models have refused. To be disposed of before the queue. @param endpoint names the server */
  openRefusedParameters(endpoint: string): RefusedParameters & Disposable;
  /** Opens admission to the chat API. To be disposed of after the workers and before the queue. */
  openAdmission(own: Pick<AdmissionOptions, "caps" | "onClosed">): Admission & AsyncDisposable;
  /** Has the admins of a platform told that a model refuses everybody; what gets lost of that is in the log. */
  tellClosed(platform: string, closed: ClosedEndpoint): void;
  /** Starts taking turns and errands. */
  startWorkers(work: Work): Workers;
  /** @returns undefined when Redis accepts a write within `redisCommandMs`, else a sentence */
  notReady(): Promise<string | undefined>;
}

/** Running workers. */
export interface Workers {
  /** See {@link TurnWorker.stop}. */
  stop(graceMs: number): Promise<void>;
}

/** Opens the queue. It does not wait for Redis: connections come and go by themselves. */
export function openQueue(options: QueueOptions): OpenQueue {
  const { timing, events, historyDays, patience = endlessPatience } = options;
  const keys = createKeys(options.namespace);
  const hasty = openHastyConnection(options, timing, events);
  const patient = openPatientConnection(options, timing, events);
  const intake = { turns: openTurnsQueue(hasty, keys), commands: openCommandsQueue(hasty, keys) };
  const work = { turns: openTurnsQueue(patient, keys), commands: openCommandsQueue(patient, keys) };
  for (const queue of [...Object.values(intake), ...Object.values(work)]) {
    queue.on("error", (error) => events.redisError({ connection: queue.name, cause: error.message }));
  }
  const closing = new AbortController();
  watchRedis(patient, timing, closing.signal, options.onGone);
  const store = createTurnStore({ redis: patient, keys, ...work, timing, events, historyDays });
  const sweeper = startSweeper({ redis: patient, keys, turns: work.turns, timing, events });
  return {
    inbox: createInbox({ redis: hasty, keys, ...intake, timing, events, historyDays, patience }),
    store,
    conversations: createConversationStore({ redis: patient, keys, turns: work.turns }, historyDays),
    settings: createSettingsStore(patient, keys),
    access: createAccessStore(patient, keys),
    requests: createRequestStore({ redis: patient, keys, commands: work.commands, patience }),
    buttons: createButtonStore(patient, keys),
    keys,
    redis: patient,
    tellClosed: (platform, closed) => {
      addClosed(work.commands, platform, closed).catch((error: unknown) =>
        events.redisError({ connection: "commands", cause: causeOf(error) }),
      );
    },
    startWorkers: (tasks) => startWorkers(options, { redis: patient, keys, turns: work.turns, store }, tasks),
    openRefusedParameters: (endpoint) => openRefusedParameters({ redis: patient, keys, endpoint }),
    openAdmission: (own) =>
      openAdmission({ redis: patient, keys, turns: work.turns, timing, events, ...own }),
    openInstallations: (tokenKeys) => {
      const parts = { redis: patient, keys, commands: work.commands, timing, events };
      const forgetter = startForgetter(parts);
      const store = openInstallations({ redis: hasty, keys, tokenKeys });
      return {
        ...store,
        [Symbol.asyncDispose]: async () => {
          forgetter[Symbol.dispose]();
          await store[Symbol.asyncDispose]();
        },
      };
    },
    notReady: async () => await probe(hasty, keys),
    async [Symbol.asyncDispose]() {
      closing.abort();
      sweeper[Symbol.dispose]();
      await Promise.allSettled(
        [...Object.values(intake), ...Object.values(work)].map((queue) => queue.close()),
      );
      hasty.disconnect();
      patient.disconnect();
    },
  };
}

function startWorkers(
  options: QueueOptions,
  shared: Pick<TurnWorkerOptions, "redis" | "keys" | "turns" | "store">,
  work: Work,
): Workers {
  const { timing, events } = options;
  const workerRedis = openWorkerConnection(options, timing, events);
  const parts = { ...shared, workerRedis };
  const turns: TurnWorker = startTurnWorker({ ...parts, ...work, timing, events });
  const errands = startErrandWorker({ ...parts, ...work, timing, events });
  return {
    async stop(graceMs) {
      await Promise.all([turns.stop(graceMs), errands.stop(graceMs)]);
      workerRedis.disconnect();
    },
  };
}

/** A PING lies when Redis is full or read-only; only writes tell. */
async function probe(redis: Redis, keys: ShardKeys): Promise<string | undefined> {
  try {
    await runScript(redis, "probe-writes", [keys.probe]);
    return undefined;
  } catch (error) {
    return `Redis does not accept a write: ${error instanceof Error ? error.message : String(error)}`;
  }
}
