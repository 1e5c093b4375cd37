/** Slack's adapter before its simulator, for the contract. */

import { pino } from "pino";
import type { Fault } from "../../simulator/slack/faults.ts";
import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { createSlack } from "../../src/adapters/slack/index.ts";
import { createEvents } from "../../src/core/events.ts";
import { MemoryInbox } from "../telegram/memory-inbox.ts";
import { serveRoutes } from "../world/routes.ts";
import { fastTiming } from "../world/timing.ts";
import type { ContractFault, Subject } from "./subject.ts";

const faults: Readonly<Record<ContractFault, Fault>> = {
  limited: { kind: "limited", retryAfterS: 1 },
  reset: { kind: "reset" },
  "applied, then reset": { kind: "applied-reset" },
  "bad gateway": { kind: "http", status: 502 },
  hang: { kind: "hang" },
  "formatting refused": { kind: "error", code: "invalid_blocks" },
};

const off = { intervalMs: 0, burst: 1, reserve: 0 };

/** Starts it. @param kind how Slack delivers · @param streaming how answers grow */
export async function makeSlack(
  kind: "socket" | "http",
  streaming: "edit" | "native" = "edit",
): Promise<Subject> {
  const socketTiming = { ackMs: 300, retryDelaysMs: [0, 50, 50, 50] };
  const simulator = await startSlackSimulator({ rates: "off", socketTiming });
  const ada = simulator.createUser({ name: "Ada" });
  const dm = simulator.createDm(ada);
  const inbox = new MemoryInbox();
  const options = {
    access: { kind: "token", botToken: simulator.botToken },
    delivery: { kind, appToken: simulator.appToken, signingSecret: simulator.signingSecret },
    apiUrl: simulator.url,
    dm: "threads",
    threads: "threads",
    streaming,
    rates: { update: off, post: off },
  } as const;
  const events = createEvents(pino({ level: "silent" }));
  const slack = createSlack(options, inbox, events, fastTiming);
  const server = await serveRoutes(slack.intake.routes, events, fastTiming);
  if (kind === "http") await simulator.http.verify(`${server.origin}/slack/events`);
  const own = () => simulator.workspace.messages.filter(({ user }) => user === simulator.botUserId);
  let thread: string | undefined;
  let isGone = false;
  const vanishes = async () => {
    if (!isGone) await simulator[Symbol.asyncDispose]();
    isGone = true;
  };
  return {
    ...slack,
    inbox,
    missingId: "1000000000.000001",
    says: (text) => {
      thread = simulator.says(ada, dm, text, thread === undefined ? {} : { thread });
    },
    opens: (text) => {
      const opened = simulator.says(ada, dm, text);
      return { seen: () => simulator.answers(dm, opened) };
    },
    presses: (label) => {
      const message = own().at(-1);
      if (message) void simulator.interactions.presses(ada.id, message, label);
    },
    deliversAgain: () => simulator.redeliver(dm, thread ?? ""),
    closes: () => simulator.workspace.changeChannel(dm.id, { archived: true }),
    growing: () => simulator.answers(dm, own()[0]?.threadTs ?? thread).at(-1),
    seen: () => simulator.answers(dm, own()[0]?.threadTs ?? thread),
    files: () => own().flatMap((message) => message.files.map(({ name }) => name)),
    harm: () => [
      ...simulator.botPings,
      ...own().flatMap(({ unfurl }) => (unfurl.links || unfurl.media ? ["preview"] : [])),
    ],
    isBusy: () => simulator.status(dm, thread ?? "") !== "",
    breaks: (call, fault) =>
      simulator.faults.next(call === "post" ? "chat.postMessage" : "chat.update", faults[fault]),
    calls: () => simulator.calls.filter(({ method }) => method !== "apps.connections.open").length,
    vanishes,
    until: (holds) => simulator.until(holds, 15_000),
    async [Symbol.asyncDispose]() {
      await slack[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await vanishes();
    },
  };
}
