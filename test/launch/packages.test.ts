import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canInstallByApt, installByApt, installCommand, toSystem } from "../../src/launch/packages.ts";
import { ensureRedisServer } from "../../src/launch/redis.ts";
import { findRedisServer } from "../../src/launch/redis-server.ts";
import { addProgram, temporaryFolder } from "./temporary.ts";

const debian = "ID=debian\nVERSION_ID=12\n";
const ubuntu = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n';

test.each([
  ["linux", debian, true, "apt-get install redis-server", "apt-get install chromium"],
  ["linux", ubuntu, false, "sudo apt-get install redis-server", "sudo snap install chromium"],
  [
    "linux",
    'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
    false,
    "sudo apt-get install redis-server",
    "sudo snap install chromium",
  ],
  ["linux", "ID=fedora\n", false, "sudo dnf install valkey", "sudo dnf install chromium"],
  ["linux", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', true, "dnf install valkey", "dnf install chromium"],
  ["linux", "ID=alpine\n", true, "apk add redis", "apk add chromium"],
  ["linux", "ID=manjaro\nID_LIKE=arch\n", false, "sudo pacman -S valkey", "sudo pacman -S chromium"],
  [
    "win32",
    "",
    false,
    "wsl --install (and Parley within it: sudo apt-get install redis-server)",
    "winget install Google.Chrome",
  ],
  ["darwin", "", false, "brew install redis", "brew install --cask chromium"],
] as const)("the command of %s %j as root: %s", (platform, release, isRoot, redis, chromium) => {
  const system = toSystem(platform, release, isRoot);
  expect(installCommand("redis", system)).toBe(redis);
  expect(installCommand("chromium", system)).toBe(chromium);
});

test("only the root of a Debian or Ubuntu installs by itself, and no browser that would be a snap", () => {
  expect(canInstallByApt("redis", toSystem("linux", debian, true))).toBe(true);
  expect(canInstallByApt("redis", toSystem("linux", ubuntu, true))).toBe(true);
  expect(canInstallByApt("chromium", toSystem("linux", debian, true))).toBe(true);
  expect(canInstallByApt("chromium", toSystem("linux", ubuntu, true))).toBe(false);
  expect(canInstallByApt("redis", toSystem("linux", debian, false))).toBe(false);
  expect(canInstallByApt("redis", toSystem("linux", "ID=fedora", true))).toBe(false);
});

/** A PATH with an apt-get of ours in front, which notes how it is called. */
function fakeApt(folder: string, script: string) {
  const log = join(folder, "apt.log");
  addProgram(folder, "apt-get", `echo "$DEBIAN_FRONTEND $*" >> ${log}\n${script}`);
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    policyFile: join(folder, "policy-rc.d"),
    calls: () => readFileSync(log, "utf8").trim().split("\n"),
  };
}

test("while apt installs, services are forbidden; then the policy is gone again", async () => {
  const folder = temporaryFolder();
  const { calls, ...options } = fakeApt(
    folder,
    `${join(folder, "policy-rc.d")}; echo "policy $?" > ${folder}/seen`,
  );
  expect(await installByApt("redis", options)).toBeUndefined();
  expect(readFileSync(join(folder, "seen"), "utf8")).toBe("policy 101\n");
  expect(existsSync(options.policyFile)).toBe(false);
  expect(calls()).toEqual([expect.stringMatching(/^noninteractive -qq .* install --yes .*redis-server$/)]);
});

test("a policy that was there is put back, also when apt fails, and what apt said comes back", async () => {
  const folder = temporaryFolder();
  const { calls, ...options } = fakeApt(folder, "echo 'E: no network' >&2; exit 100");
  writeFileSync(options.policyFile, "of the system");
  expect(await installByApt("chromium", options)).toBe("E: no network");
  expect(readFileSync(options.policyFile, "utf8")).toBe("of the system");
  expect(calls().map((call) => call.split(" ").at(-1))).toEqual(["chromium", "update"]);
});

test("package lists are fetched when the package is not in them", async () => {
  const folder = temporaryFolder();
  const { calls, ...options } = fakeApt(
    folder,
    `case "$*" in *update) touch ${folder}/lists;; *) test -e ${folder}/lists;; esac`,
  );
  expect(await installByApt("redis", options)).toBeUndefined();
  expect(calls().map((call) => call.split(" ").at(-1))).toEqual(["redis-server", "update", "redis-server"]);
});

test("a server that is too old is passed over for one that is not, and refused when it is the only one", async () => {
  const folder = temporaryFolder();
  const env = { PATH: folder };
  expect(await findRedisServer(env)).toEqual({ kind: "missing" });
  addProgram(folder, "redis-server", 'echo "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc"');
  expect(await findRedisServer(env)).toMatchObject({ kind: "old", server: { version: "6.0.16" } });
  await expect(ensureRedisServer({ mayInstall: true, say: () => undefined, env })).rejects.toMatchObject({
    message: expect.stringContaining("version 6.0.16, which is too old"),
  });
  addProgram(folder, "valkey-server", 'echo "Valkey server v=8.0.1 sha=00000000:0 malloc=libc"');
  expect(await findRedisServer(env)).toEqual({
    kind: "found",
    server: { program: "valkey-server", version: "8.0.1" },
  });
});

test("without a server, and where it may not be installed, the command is printed", async () => {
  const env = { PATH: temporaryFolder() };
  await expect(ensureRedisServer({ mayInstall: false, say: () => undefined, env })).rejects.toMatchObject({
    name: "StartRefused",
    message: expect.stringMatching(/no Redis server on this machine.*REDIS_URL:\n\n {2}\S+/s),
  });
});
