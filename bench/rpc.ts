/** Calls into child processes, so that every party of a bench has a process, and CPU, of its own. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a process can be asked: one argument each, an answer of plain data. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

type ArgumentOf<C extends Calls, N extends keyof C> = Parameters<C[N]> extends [] ? [] : Parameters<C[N]>;

/** A child process that serves `C`. Disposing it ends it. */
export interface Child<C extends Calls> extends AsyncDisposable {
  readonly pid: number;
  call<N extends keyof C & string>(
    name: N,
    ...argument: ArgumentOf<C, N>
  ): Promise<Awaited<ReturnType<C[N]>>>;
}

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: string };

/** Serves `calls` to the parent process until that is gone. */
export function serve(calls: Calls): void {
  process.on("message", async ({ id, name, argument }: Question) => {
    try {
      process.send?.({ id, value: await calls[name]?.(argument as never) } satisfies Reply);
    } catch (error) {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ id, failure } satisfies Reply);
    }
  });
  process.on("disconnect", () => process.exit(0));
}

/** Starts `file` of this folder. @param execArgv flags for Node */
export function startChild<C extends Calls>(file: string, execArgv: readonly string[] = []): Child<C> {
  const env = { ...process.env, NODE_ENV: "production" };
  const child = fork(new URL(file, import.meta.url), { execArgv: [...execArgv], env });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  child.on("message", (reply: Reply) => {
    const answer = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("failure" in reply) answer?.reject(new Error(`${file}: ${reply.failure}`));
    else answer?.resolve(reply.value);
  });
  child.on("exit", (code, signal) => {
    for (const answer of waiting.values()) answer.reject(new Error(`${file} ended with ${signal ?? code}`));
  });
  return {
    pid: child.pid ?? 0,
    call: async (name, ...[argument]) => {
      last += 1;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(last, answer);
      child.send({ id: last, name, argument } satisfies Question);
      return (await answer.promise) as never;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** A child ends when its parent lets go; what it still holds is on loopback and worthless. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
}
