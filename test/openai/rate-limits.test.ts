import { describe, expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { toGoDuration } from "../../simulator/model/limits.ts";
import { parseGoDuration, readRateLimits } from "../../src/adapters/openai/rate-limits.ts";
import type { CallWatch, RateLimits } from "../../src/core/chat-api.ts";
import { gather, question, startWorld } from "./world.ts";

describe("a duration in Go's form", () => {
  test.each([
    ["1s", 1_000],
    ["6m0s", 360_000],
    ["12ms", 12],
    ["40ms", 40],
    ["2m30.5s", 150_500],
    ["21h26m17.041s", 77_177_041],
    ["0s", 0],
    ["1.5h", 5_400_000],
    ["250µs", 0.25],
    // Azure's.
    ["59", 59_000],
    [" 1s ", 1_000],
  ])("%j is %d ms", (text, ms) => {
    expect(parseGoDuration(text)).toBeCloseTo(ms, 6);
  });

  test.each(["", "soon", "-1s", "s", "1s1", "1 s", "1sm", "NaNs", "1e9s", "9".repeat(40), "1d"])(
    "%j is none",
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );

  test("that the simulator writes is read as what it is", () => {
    for (const ms of [40, 999, 1_500, 60_000, 150_500, 77_177_041]) {
      expect(parseGoDuration(toGoDuration(ms))).toBeCloseTo(ms, 3);
    }
  });
});

function read(headers: Record<string, string>): RateLimits | undefined {
  return readRateLimits(
    new Headers(Object.entries(headers).map(([name, value]) => [`x-ratelimit-${name}`, value])),
  );
}

describe("rate limit headers", () => {
  test("tell what a minute allows", () => {
    const requests = { "limit-requests": "600", "remaining-requests": "599", "reset-requests": "100ms" };
    const tokens = { "limit-tokens": "150000", "remaining-tokens": "149984", "reset-tokens": "6ms" };
    expect(read({ ...requests, ...tokens })).toEqual({
      requests: { limit: 600, remaining: 599, per: "minute" },
      tokens: { limit: 150_000, remaining: 149_984, per: "minute" },
    });
  });

  test.each([
    ["200", "199", "7m12s"],
    ["10000", "9999", "8.64s"],
    ["10000", "1065", "21h26m17.041s"],
  ])("tell by their reset that %s, of which %s are left, are a day's", (limit, remaining, reset) => {
    const told = { "limit-requests": limit, "remaining-requests": remaining, "reset-requests": reset };
    expect(read(told)?.requests?.per).toBe("day");
  });

  test("of a server that counts by the clock's minute are a minute's", () => {
    const told = { "limit-requests": "600", "remaining-requests": "599", "reset-requests": "59s" };
    expect(read(told)?.requests?.per).toBe("minute");
  });

  test.each([
    ["nothing", {}],
    ["zero", { "limit-tokens": "0", "remaining-tokens": "0" }],
    ["less than nothing", { "limit-tokens": "-1", "remaining-tokens": "-1" }],
    ["words", { "limit-tokens": "many", "remaining-tokens": "some" }],
    ["what is left of an unknown limit", { "remaining-tokens": "5" }],
  ])("that say %s tell no limit", (_, headers) => {
    expect(read(headers)).toBeUndefined();
  });

  test("with a limit alone tell nothing of what is left", () => {
    expect(read({ "limit-tokens": "5000", "remaining-tokens": "-1" })?.tokens).toEqual({
      limit: 5_000,
      remaining: undefined,
      per: "minute",
    });
  });
});

/** Notes what the client tells of its requests. */
function watching(mayAskAgain: boolean) {
  const told: (RateLimits | undefined)[] = [];
  let asked = 0;
  const watch: CallWatch = {
    accepted: (limits) => told.push(limits),
    begun: () => undefined,
    again: async () => {
      asked += 1;
      return mayAskAgain;
    },
  };
  return { watch, told, asked: () => asked };
}

describe("whoever counts requests", () => {
  test("hears of the limits as soon as a request is accepted", async () => {
    await using world = await startWorld({ limits: { requestsPerMinute: 600 } });
    const { watch, told } = watching(true);
    await gather(world.api.stream(question, new AbortController().signal, watch));
    expect(told).toEqual([{ requests: { limit: 600, remaining: 599, per: "minute" } }]);
  });

  test("is left to wait for what a rate limit refuses, and told when and why", async () => {
    await using world = await startWorld({ limits: { requestsPerMinute: 10 } });
    const { watch, asked } = watching(true);
    await gather(world.api.stream(question, new AbortController().signal, watch));
    const refused = gather(world.api.stream(question, new AbortController().signal, watch));
    await expect(refused).rejects.toMatchObject({
      fate: "limited",
      retry: { afterMs: expect.any(Number) },
      limits: { requests: { limit: 10, per: "minute" } },
    });
    expect(asked()).toBe(0);
    expect(world.model.refused()).toBe(1);
  });

  test("is asked before a request is made again", async () => {
    await using world = await startWorld({ answer: { fault: faults.serverError() } });
    const { watch, asked } = watching(false);
    const failed = gather(world.api.stream(question, new AbortController().signal, watch));
    await expect(failed).rejects.toMatchObject({ problem: "overloaded", fate: "counted" });
    expect([world.model.received(), asked()]).toEqual([1, 1]);
  });

  test("knows which request never got there", async () => {
    await using world = await startWorld();
    await world.model.close();
    await expect(world.ask()).rejects.toMatchObject({ fate: "unsent" });
  });
});
