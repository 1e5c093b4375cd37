/** A real redis-server of a test's own, on a unix socket and, through a proxy, on TCP. It can be killed and started again. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A redis-server that belongs to one test. */
export interface TestRedis extends AsyncDisposable {
  /** For `openQueue`: `unix:/…`. */
  readonly url: string;
  readonly socket: string;
  /** kill -9. What was acknowledged is in the append-only file. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
  /** Stops it from answering, connections stay open. */
  freeze(): void;
  thaw(): void;
}

/** Starts a redis-server with the durability that Parley demands. */
export async function startTestRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "parley-redis-"));
  const socket = join(folder, "redis.sock");
  let server: ChildProcess | undefined;
  let guard: ChildProcess | undefined;
  const options = ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""];
  const durability = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--maxmemory-policy",
    "noeviction",
    "--hz",
    "100",
  ];

  const start = async () => {
    server = spawn("redis-server", [...options, ...durability], { stdio: "ignore" });
    guard = guardOf(server);
    await answers(socket);
  };
  const kill = async () => {
    for (const child of [server, guard]) {
      if (child === undefined || child.exitCode !== null) continue;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    server = undefined;
  };
  await start();
  return {
    url: `unix:${socket}`,
    socket,
    start,
    kill,
    freeze: () => server?.kill("SIGSTOP"),
    thaw: () => server?.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      server?.kill("SIGCONT");
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A test that is given up disposes of nothing: when its process ends, this pipe closes, and the server is killed. */
function guardOf(server: ChildProcess): ChildProcess {
  const script = 'cat > /dev/null; kill -9 "$0"';
  return spawn("sh", ["-c", script, String(server.pid)], { stdio: ["pipe", "ignore", "ignore"] });
}

/** Resolves when a PING is answered on `socket`. A server that is loading its file answers an error first. */
async function answers(socket: string): Promise<void> {
  for (;;) {
    const pong = await new Promise<boolean>((resolve) => {
      const client = connect(socket);
      client.on("connect", () => client.write("PING\r\n"));
      client.on("data", (data) => {
        client.destroy();
        resolve(data.toString().startsWith("+PONG"));
      });
      client.on("error", () => setTimeout(() => resolve(false), 10));
    });
    if (pong) return;
  }
}
