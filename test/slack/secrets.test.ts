import { afterEach, expect, test, vi } from "vitest";
import { startSlackWorld } from "./slack-world.ts";

const canaries = {
  botToken: "xoxb-canary-bot-token",
  appToken: "xapp-canary-app-token",
  words: "canary words",
};
afterEach(() => void vi.restoreAllMocks());

test("neither tokens nor what people write ever reach the log or the terminal", async () => {
  const printed: unknown[] = [];
  const causes: string[] = [];
  for (const method of ["log", "debug", "info", "warn", "error"] as const)
    vi.spyOn(console, method).mockImplementation((...line) => void printed.push(...line));
  const { botToken, appToken, words } = canaries;
  const world = await startSlackWorld({ simulator: { botToken, appToken }, timing: { callMs: 400 } });
  const { slack, inbox, parts } = world;
  slack.faults.next("auth.test", { kind: "reset" });
  slack.faults.next("apps.connections.open", { kind: "http", status: 500 });
  await world.connect();
  const ann = slack.createUser({ name: "Ann" });
  const dm = slack.createDm(ann);
  inbox.refusals = 1;
  slack.says(ann, dm, words);
  await slack.until(() => inbox.messages.length === 1);
  slack.socketMode.kill(slack.socketMode.connections[0] ?? 0);
  await slack.until(() => slack.socketMode.connections.length === 2);
  const address = { platform: "slack", scope: slack.teamId, chat: dm.id };
  const target = { address, place: "private", question: "1.000001" } as const;
  for (const kind of ["applied-reset", "hang"] as const) {
    slack.faults.next("chat.postMessage", { kind });
    const page = { fingerprint: "", plain: words, body: null };
    const outcome = await parts.platform.post(
      target,
      page,
      { index: 0, token: "t" },
      new AbortController().signal,
    );
    causes.push(outcome.kind === "done" ? "" : outcome.cause.message);
  }
  await world[Symbol.asyncDispose]();
  expect(printed).toEqual([]);
  const everything = [...world.log, ...causes].join("\n");
  expect(world.log.length).toBeGreaterThan(3);
  for (const canary of Object.values(canaries)) expect(everything).not.toContain(canary);
  expect(everything).not.toContain("ticket=");
});
