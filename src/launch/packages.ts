/** Programs that are not npm's: how each system installs them, and doing it by apt where that is safe. */

import { spawn } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { ChildEnvironment } from "./processes.ts";

/** What can be installed. */
export type Package = "redis" | "chromium";

/** What decides how something is installed here. */
export interface System {
  readonly family: "debian" | "fedora" | "alpine" | "arch" | "macos" | "windows" | "other";
  /** Ubuntu's chromium package only leads to a snap, which does not run in containers. */
  readonly isUbuntu: boolean;
  readonly isRoot: boolean;
}

/** Reads what kind of system this is. */
export function detectSystem(): System {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return toSystem(process.platform, release, process.getuid?.() === 0);
}

/** @param release the text of `/etc/os-release` (os-release(5)); empty where there is none */
export function toSystem(platform: NodeJS.Platform, release: string, isRoot: boolean): System {
  const ids = [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(
    ([, list]) => list?.split(" ") ?? [],
  );
  const isAny = (...names: string[]) => names.some((name) => ids.includes(name));
  const isUbuntu = isAny("ubuntu");
  if (platform === "win32") return { family: "windows", isUbuntu, isRoot };
  if (platform === "darwin") return { family: "macos", isUbuntu, isRoot };
  if (isAny("debian", "ubuntu")) return { family: "debian", isUbuntu, isRoot };
  if (isAny("fedora", "rhel", "centos")) return { family: "fedora", isUbuntu, isRoot };
  if (isAny("alpine")) return { family: "alpine", isUbuntu, isRoot };
  if (isAny("arch")) return { family: "arch", isUbuntu, isRoot };
  return { family: "other", isUbuntu, isRoot };
}

const commands = {
  debian: { redis: "apt-get install redis-server", chromium: "apt-get install chromium" },
  fedora: { redis: "dnf install valkey", chromium: "dnf install chromium" },
  alpine: { redis: "apk add redis", chromium: "apk add chromium" },
  arch: { redis: "pacman -S valkey", chromium: "pacman -S chromium" },
  // There is no Redis for Windows itself.
  windows: {
    redis: "wsl --install (and Parley within it: sudo apt-get install redis-server)",
    chromium: "winget install Google.Chrome",
  },
  macos: { redis: "brew install redis", chromium: "brew install --cask chromium" },
} as const;

/** The exact command that installs `name` on this system; a sentence where we know none. */
export function installCommand(name: Package, { family, isRoot, isUbuntu }: System): string {
  if (family === "other") return `your system's package manager (the package of ${name})`;
  if (isUbuntu && name === "chromium") return `${isRoot ? "" : "sudo "}snap install chromium`;
  const sudo = isRoot || family === "macos" || family === "windows" ? "" : "sudo ";
  return `${sudo}${commands[family][name]}`;
}

/** True where {@link installByApt} can be tried without asking: a machine whose root we already are. */
export function canInstallByApt(name: Package, { family, isRoot, isUbuntu }: System): boolean {
  return family === "debian" && isRoot && !(isUbuntu && name === "chromium");
}

/** How apt is run; tests give their own. */
export interface AptOptions {
  /** Asked by Debian's maintainer scripts before they start a service (invoke-rc.d(8)). */
  readonly policyFile?: string;
  readonly env?: ChildEnvironment;
}

/** Begins our own policy file, so that one left behind by a killed run is known as ours. */
const policyMark = "# Made by Parley while it installs a package; to be removed.";

/**
 * Installs by apt, fetching the package lists when the package is not in the present ones. No service is started: a
 * policy file forbids it for the time being, and what stood there before is put back, also on Ctrl-C.
 * @returns undefined when it worked, else the end of what apt said
 */
export async function installByApt(name: Package, options: AptOptions = {}): Promise<string | undefined> {
  const policyFile = options.policyFile ?? "/usr/sbin/policy-rc.d";
  const interrupted: NodeJS.Signals[] = [];
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  const note = (signal: NodeJS.Signals) => interrupted.push(signal);
  for (const signal of signals) process.on(signal, note);
  const restore = forbidServices(policyFile);
  try {
    return await install(name, options.env);
  } finally {
    restore();
    for (const signal of signals) process.off(signal, note);
    // The terminal has told apt as well; now that all is put back, the wish is ours to follow.
    if (interrupted[0] !== undefined) process.kill(process.pid, interrupted[0]);
  }
}

/** @returns puts back what was there */
function forbidServices(policyFile: string): () => void {
  const backup = `${policyFile}.before-parley`;
  const isOurs = (path: string) => existsSync(path) && readFileSync(path, "utf8").includes(policyMark);
  if (existsSync(policyFile) && !isOurs(policyFile)) renameSync(policyFile, backup);
  // 101: the action is forbidden by policy.
  writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  return () => {
    if (isOurs(policyFile)) rmSync(policyFile);
    if (existsSync(backup)) renameSync(backup, policyFile);
  };
}

async function install(name: Package, env: ChildEnvironment): Promise<string | undefined> {
  const packageName = name === "redis" ? "redis-server" : name;
  const args = ["install", "--yes", "--no-install-recommends", packageName];
  if ((await apt(args, env)) === undefined) return undefined;
  return (await apt(["update"], env)) ?? (await apt(args, env));
}

async function apt(args: readonly string[], env: ChildEnvironment): Promise<string | undefined> {
  const quiet = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"];
  // env(1) adds to the environment, which this module does not read.
  const child = spawn("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", ...quiet, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  let said = "";
  const hear = (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2_000);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      said = error.message;
      resolve(null);
    });
    child.once("close", resolve);
  });
  return code === 0 ? undefined : said.trim() || `apt-get ended with code ${code}`;
}
