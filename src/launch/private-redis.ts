/** A Redis of our own: one process beside us, its data in one folder, reached by a Unix socket that only we may open. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { z } from "zod";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { endProcess, processIdentity } from "./processes.ts";
import type { RedisServer } from "./redis-server.ts";
import { StartRefused } from "./refusal.ts";

/** What is needed to start one. */
export interface PrivateRedisOptions {
  /** Where everything is kept; locked while the Redis runs. */
  readonly folder: string;
  readonly server: RedisServer;
  /** Told when the server ended without being asked; it is then started again. */
  readonly onLost?: (cause: string) => void;
}

/** A running private Redis. Disposing ends it and frees the folder; its data stays. */
export interface PrivateRedis extends AsyncDisposable {
  /** The path of its socket, as ioredis takes it. */
  readonly url: string;
}

/** The longest path of a Unix socket: 107 bytes on Linux, 103 on macOS (`sun_path`). */
const longestSocketPath = 103;

/** How long a server may take to end; with `appendfsync always` nothing is lost by a kill after that. */
const endGraceMs = 10_000;

/**
 * Starts a private Redis on what the last one left behind. One that outlived its Parley is ended first.
 * It leaves the terminal's process group, so that Ctrl-C does not end it before those who still write to it.
 * @throws StartRefused when the folder is in use or the server does not start
 */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<PrivateRedis> {
  const folder = resolve(options.folder);
  const lock = await lockFolder(folder);
  try {
    const socket = socketPath(folder);
    await endOrphan(folder, socket);
    return await supervise({ ...options, folder }, socket, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Keeps one server running until disposed. */
async function supervise(
  options: PrivateRedisOptions,
  socket: string,
  lock: FolderLock,
): Promise<PrivateRedis> {
  const ended = new AbortController();
  let child = await launch(options, socket);
  const watch = async () => {
    while (!ended.signal.aborted) {
      const cause = await exitOf(child);
      if (ended.signal.aborted) return;
      options.onLost?.(cause);
      await delay(250, undefined, { signal: ended.signal }).catch(() => undefined);
      child = await launch(options, socket).catch(() => child);
    }
  };
  const watched = watch();
  return {
    url: socket,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await stop(child);
      await watched;
      // A server that was being started again while we ended.
      await stop(child);
      rmSync(statePath(options.folder), { force: true });
      if (dirname(socket) !== options.folder) rmSync(dirname(socket), { recursive: true, force: true });
      lock.release();
    },
  };
}

async function launch({ folder, server }: PrivateRedisOptions, socket: string): Promise<ChildProcess> {
  const data = join(folder, "redis");
  const log = join(folder, "redis.log");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  rmSync(log, { force: true });
  const child = spawn(server.program, serverArguments(socket, data, log), {
    detached: true,
    stdio: "ignore",
  });
  const failed = once(child, "error").then(([error]) => String(error));
  if (child.pid === undefined) throw notStarted(server, await failed);
  failed.catch(() => undefined);
  const identity = await processIdentity(child.pid);
  writeFileSync(statePath(folder), JSON.stringify({ pid: child.pid, identity }), { mode: 0o600 });
  const ready = new AbortController();
  const cause = await Promise.race([untilReady(socket, ready.signal), exitOf(child)]);
  ready.abort();
  if (cause !== undefined) throw notStarted(server, `${cause}\n${lastLines(log)}`);
  return child;
}

function serverArguments(socket: string, data: string, log: string): readonly string[] {
  const settings = {
    port: "0",
    unixsocket: socket,
    unixsocketperm: "600",
    dir: data,
    logfile: log,
    loglevel: "warning",
    daemonize: "no",
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    "maxmemory-policy": "noeviction",
    // An idle worker's blocking read is woken by this timer.
    hz: "100",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Resolves when the server answers, which is after it has read its data, or when `signal` aborts; never rejects. */
async function untilReady(socket: string, signal: AbortSignal): Promise<undefined> {
  const redis = new Redis(socket, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // Until the socket is there every try fails; `events.once` would take the first failure for the answer.
  redis.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    redis.once("ready", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  redis.disconnect();
  return undefined;
}

/** How the server ended, once it has. */
async function exitOf(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return `it ended with ${child.signalCode ?? `code ${child.exitCode}`}`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), endGraceMs);
  await gone;
  clearTimeout(timer);
}

const state = z.object({ pid: z.number().int().positive(), identity: z.string() });

function statePath(folder: string): string {
  return join(folder, "redis.json");
}

/** Ends a server that outlived its Parley: two on the same data would destroy it. */
async function endOrphan(folder: string, socket: string): Promise<void> {
  const path = statePath(folder);
  const noted = existsSync(path) ? parseState(readFileSync(path, "utf8")) : undefined;
  if (noted !== undefined) await endProcess(noted.pid, noted.identity, endGraceMs);
  if (existsSync(socket)) await endListener(socket);
}

function parseState(text: string): z.output<typeof state> | undefined {
  try {
    return state.safeParse(JSON.parse(text)).data;
  } catch {
    // Half written by a process that was killed; the socket still tells.
    return undefined;
  }
}

/** Ends the server that answers on `socket`, if any: one whose start was not noted any more. */
async function endListener(socket: string): Promise<void> {
  const redis = new Redis(socket, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 2_000 });
  redis.on("error", () => undefined);
  const info = await redis.info("server").catch(() => "");
  redis.disconnect();
  const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
  const identity = pid > 0 ? await processIdentity(pid) : undefined;
  if (identity !== undefined) await endProcess(pid, identity, endGraceMs);
}

/** The same for the same folder every time, so that an orphan is found again. */
function socketPath(folder: string): string {
  const near = join(folder, "redis.sock");
  if (Buffer.byteLength(near) <= longestSocketPath) return near;
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const far = join(tmpdir(), `parley-${digest}`);
  mkdirSync(far, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(far);
  // In a folder that everybody may write to, somebody else could have made it first.
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new StartRefused(
      `${far} belongs to somebody else. Remove it, or start Parley in a folder with a shorter path.`,
    );
  }
  return join(far, "redis.sock");
}

function notStarted({ program, version }: RedisServer, cause: string): StartRefused {
  return new StartRefused(`The private Redis (${program} ${version}) did not start: ${cause}`);
}

function lastLines(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").slice(-5).join("\n") : "";
}
