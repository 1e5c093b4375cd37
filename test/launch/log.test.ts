import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { pino } from "pino";
import { expect, test } from "vitest";
import { logOptions, toReadable } from "../../src/launch/log.ts";

function logged(write: (log: pino.Logger) => void): string {
  const lines: string[] = [];
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  write(pino(logOptions({ logLevel: "info", role: "worker" }), out));
  return lines.join("");
}

test("a line for machines has an ISO time, its level by name, role and process", () => {
  const line = logged((log) => log.warn({ queue: "turns" }, "worker trouble"));
  expect(JSON.parse(line)).toEqual({
    level: "warn",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    role: "worker",
    pid: process.pid,
    queue: "turns",
    msg: "worker trouble",
  });
});

test("a line for a person has the time of day, the level, what happened and its fields", () => {
  const line = logged((log) => log.warn({ queue: "turns", times: 2 }, "worker trouble"));
  expect(stripVTControlCharacters(toReadable(line))).toMatch(
    /^\d\d:\d\d:\d\d warn {2}worker trouble {2}queue=turns {2}times=2$/,
  );
});

test("what a server said cannot act on the terminal of whoever reads it, nor look like a line of its own", () => {
  const cause = "\u001b[2J\u001b]0;owned\u0007refused\n12:00:00 info  all is well\u202e";
  const line = logged((log) => log.warn({ cause }, "a call failed"));
  expect(stripVTControlCharacters(toReadable(line))).toMatch(
    /^\d\d:\d\d:\d\d warn {2}a call failed {2}cause=�\[2J�\]0;owned�refused�12:00:00 info {2}all is well�$/,
  );
});
