/** Every event that Parley logs: one function each, so that a line and its fields cannot drift apart. Ids only, never texts or secrets. */

import type { Logger } from "pino";

/** What is said of an error: its message (our own or an SDK's clean one), never the object, which may hold tokens. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Makes the log of a process. */
export function createEvents(log: Logger) {
  return {
    pollFailed: (fields: { platform: string; retryInMs: number; cause: string }) =>
      log.warn(fields, "polling failed; trying again"),
    pollDeaf: (fields: { platform: string; silentMs: number }) =>
      log.warn(fields, "no poll came back in time; polling anew"),
    updateUnreadable: (fields: { platform: string; update: string; cause: string }) =>
      log.error(fields, "an update could not be read and was set aside"),
    socketLost: (fields: { platform: string; socket: number; cause: string }) =>
      log.warn(fields, "a socket was lost; connecting anew"),
    arrivalsRefused: (fields: { platform: string; cause: string }) =>
      log.error(fields, "arrivals could not be written; the platform will deliver them again"),
    callFailed: (fields: { platform: string; method: string; outcome: string; cause: string }) =>
      log.warn(fields, "a platform call failed"),
  };
}

/** The log of a process, as everything in it sees it. */
export type Events = ReturnType<typeof createEvents>;
