/** Service processes that a test starts, kills, freezes and ends. Spare ones wait warm, for importing takes a second. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessReport, StartOrder } from "./process.ts";

const program = fileURLToPath(new URL("./process.ts", import.meta.url));

/** Lines of a process's log that are kept for a failure's message. */
const keptLines = 400;

/** How many warm processes are left to the next test file. */
const mostIdle = 3;

/** One process with a service in it. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly #exited: Promise<unknown>;
  /** When it was killed, on the monotonic clock; undefined while it lives. */
  endedAt: number | undefined;

  constructor() {
    this.#child = fork(program, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
      // Kept between runs: importing from it costs a third.
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: join(tmpdir(), "parley-compile-cache"),
        NODE_ENV: "production",
      },
    });
    this.#exited = once(this.#child, "exit");
    this.#child.stderr?.setEncoding("utf8").on("data", (data: string) => {
      if (process.env.PARLEY_TEST_LOG) process.stderr.write(data);
      this.#log.push(...data.split("\n").filter((line) => line !== ""));
      this.#log.splice(0, this.#log.length - keptLines);
    });
  }

  /** Resolves when so many lines of its log hold `text`. */
  async hasLogged(text: string, times: number): Promise<void> {
    const count = () => this.#log.filter((line) => line.includes(text)).length;
    while (count() < times) await once(this.#child.stderr as NodeJS.EventEmitter, "data");
  }

  /** The last lines of its log. */
  get log(): readonly string[] {
    return this.#log;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get lives(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code; null while it lives or when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Resolves when it has imported everything. */
  async warm(): Promise<void> {
    await this.#reports("warm");
  }

  /** Starts the service; resolves when it runs. @returns the port of its HTTP server */
  async start(order: Omit<StartOrder, "kind">): Promise<number> {
    this.#child.send({ kind: "start", ...order });
    const said = await this.#reports("started");
    return said.kind === "started" ? said.port : 0;
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.lives) return;
    this.#child.kill("SIGKILL");
    await this.#exited;
    this.endedAt = performance.now();
  }

  /** SIGTERM; resolves when the process has ended by itself. */
  async terminate(): Promise<void> {
    if (!this.lives) return;
    this.#child.kill("SIGTERM");
    await this.#exited;
    this.endedAt = performance.now();
  }

  /** Resolves when it has ended, however. */
  async hasEnded(): Promise<void> {
    await this.#exited;
  }

  /** Whether it keeps the test's process alive. */
  set isReferenced(isReferenced: boolean) {
    const { channel, stderr } = this.#child;
    for (const handle of [this.#child, channel, stderr as Socket | null]) {
      if (isReferenced) handle?.ref();
      else handle?.unref();
    }
  }

  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  async #reports(kind: ProcessReport["kind"]): Promise<ProcessReport> {
    for (;;) {
      const ended = this.#exited.then(() => {
        throw new Error(`The process ended before it was ${kind}:\n${this.#log.join("\n")}`);
      });
      ended.catch(() => undefined);
      const [said] = (await Promise.race([once(this.#child, "message"), ended])) as [ProcessReport];
      if (said.kind === kind) return said;
      if (said.kind === "failed") throw new Error(`The service did not start: ${said.cause}`);
    }
  }
}

/** Warm processes that no test file uses at the moment. They end with the process that runs the tests. */
const idle: Spare[] = [];

interface Spare {
  readonly process: ServiceProcess;
  readonly warm: Promise<void>;
}

/** Spare processes of one test file; what it leaves is the next one's. */
export class ProcessPool implements AsyncDisposable {
  readonly #spare: Spare[] = [];
  readonly #size: number;

  /** @param size how many wait warm */
  constructor(size: number) {
    this.#size = size;
    this.#refill();
  }

  /** A warm process; another one begins to warm up in its place. */
  async take(): Promise<ServiceProcess> {
    const taken = this.#spare.shift() ?? warmUp();
    this.#refill();
    await taken.warm;
    return taken.process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#spare.splice(0);
    const kept = left.splice(0, Math.max(0, mostIdle - idle.length));
    for (const { process } of kept) process.isReferenced = false;
    idle.push(...kept);
    await Promise.all(left.map(({ process }) => process.kill()));
  }

  #refill(): void {
    while (this.#spare.length < this.#size) this.#spare.push(idleOne() ?? warmUp());
  }
}

function idleOne(): Spare | undefined {
  for (let spare = idle.shift(); spare !== undefined; spare = idle.shift()) {
    if (!spare.process.lives) continue;
    spare.process.isReferenced = true;
    return spare;
  }
  return undefined;
}

function warmUp(): Spare {
  const process = new ServiceProcess();
  const warm = process.warm();
  // Whoever takes it meets the failure.
  warm.catch(() => undefined);
  return { process, warm };
}
