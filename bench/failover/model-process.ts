/** A chat API that dies: its connections are reset, those that run and all that come, and it notes when they came. */

import { createServer, type Server } from "node:net";
import { type ModelSimulator, startModelSimulator } from "../../simulator/model/index.ts";
import { words } from "../question.ts";
import { serve } from "../rpc.ts";

const answer = () => ({
  tokens: words(60).match(/\S+\s*/g) ?? [],
  pace: { firstTokenMs: 300, tokenMs: 20 },
});

let simulator: ModelSimulator = await startModelSimulator({ keep: 10, answer });
const { url } = simulator;
const port = Number(new URL(url).port);
const receivedAtMs: number[] = [];
let grave: Server | undefined;

const calls = {
  url: () => url,
  async die(): Promise<void> {
    await simulator.close();
    const server = createServer((socket) => {
      receivedAtMs.push(Date.now());
      socket.on("error", () => undefined);
      socket.resetAndDestroy();
    });
    grave = server;
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  },
  async revive(): Promise<void> {
    await new Promise((resolve) => grave?.close(resolve));
    simulator = await startModelSimulator({ port, keep: 10, answer });
  },
  /** When it was called while it was dead. */
  callsWhileDead: () => receivedAtMs,
  /** Since it was started, or revived. */
  received: () => simulator.received(),
};

/** What the model's process can be asked. */
export type MortalModelCalls = typeof calls;

serve(calls);
