import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder } from "../../src/launch/folder-lock.ts";
import { processIdentity } from "../../src/launch/processes.ts";
import { temporaryFolder } from "./temporary.ts";

const since = "2026-01-02T03:04:05.000Z";

test("a folder is locked once, and free after the release", async () => {
  const folder = temporaryFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    message: expect.stringContaining(`process ${process.pid}`),
  });
  lock.release();
  (await lockFolder(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["of a process that is gone", JSON.stringify({ pid: 4_194_304, identity: "then 1", since })],
  [
    "of a process whose number another one has now",
    JSON.stringify({ pid: process.pid, identity: "then 1", since }),
  ],
  ["that is empty", ""],
  ["that is half written", '{"pid":1'],
  ["of another make", '{"owner":"me"}'],
])("a lock %s is taken over", async (_what, content) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "lock"), content);
  const lock = await lockFolder(folder);
  lock.release();
  expect(existsSync(join(folder, "lock"))).toBe(false);
});

test("of many starts at once exactly one gets the folder, also over a stale lock", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "lock"), JSON.stringify({ pid: 4_194_304, identity: "then 1", since }));
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a lock that has changed hands is left alone by its former holder", async () => {
  const folder = temporaryFolder();
  const lock = await lockFolder(folder);
  const other = { pid: process.ppid, identity: await processIdentity(process.ppid), since };
  writeFileSync(join(folder, "lock"), JSON.stringify(other));
  lock.release();
  await expect(lockFolder(folder)).rejects.toMatchObject({
    message: expect.stringContaining(`process ${process.ppid}, since 2 Jan 2026`),
  });
});
