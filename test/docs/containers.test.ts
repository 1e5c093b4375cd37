import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "../../src/config.ts";

const root = join(import.meta.dirname, "../..");
const fileText = (name: string) => readFileSync(join(root, name), "utf8");

const service = z.object({
  image: z.string(),
  command: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  stop_grace_period: z.string().optional(),
  volumes: z.array(z.string()).optional(),
});
const { services } = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(fileText("docker-compose.yml"), { merge: true }));

/** The Dockerfile's instructions, continued lines joined. */
const instructions = fileText("Dockerfile")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => /^[A-Z]/.test(line));

const lastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith("FROM ")));

test("the composed Redis keeps what it is given", () => {
  const { command, volumes } = services.redis ?? {};
  expect(command).toMatch(
    /--appendonly yes .*--appendfsync always .*--maxmemory-policy noeviction .*--hz 100/,
  );
  expect(volumes).toEqual(["redis-data:/data"]);
});

test("gateway and worker start with what is composed and a .env that holds tokens and a model", () => {
  const dotenv = `TELEGRAM_BOT_TOKEN=123456789:${"A".repeat(35)}\nOPENAI_API_KEY=sk-12345678\nOPENAI_MODEL=small\nROLE=all\n`;
  for (const role of ["gateway", "worker"]) {
    expect(readConfig(services[role]?.environment ?? {}, dotenv)).toMatchObject({
      config: { role, listen: { host: "0.0.0.0", port: 3000 }, warnings: [] },
    });
  }
});

test("a container gets longer to stop than Parley takes", () => {
  const result = readConfig({}, "");
  const graceMs = "config" in result ? result.config.shutdownGraceMs : Number.NaN;
  for (const role of ["gateway", "worker"]) {
    expect(Number.parseInt(services[role]?.stop_grace_period ?? "", 10) * 1_000).toBeGreaterThan(
      graceMs + 2_000,
    );
  }
});

test("the image runs as an ordinary user, without development packages", () => {
  expect(lastStage).toContain("USER node");
  expect(lastStage.indexOf("USER node")).toBeLessThan(lastStage.findIndex((line) => line.startsWith("CMD ")));
  expect(instructions.find((line) => line.includes("npm ci"))).toContain("--omit=dev");
});

test("the image holds every file that the service reads, and the build context little else", () => {
  const copied = lastStage
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from"))
    .flatMap((line) => line.split(" ").slice(1, -1));
  expect(copied.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  const shown = fileText(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"));
  expect(shown.map((line) => line.slice(1))).toEqual(expect.arrayContaining(copied));
  const isCopied = (path: string) => copied.some((name) => path === name || path.startsWith(`${name}/`));
  expect(referencedFiles().filter((path) => !isCopied(path))).toEqual([]);
});

/** What files under `src` name by `new URL("../…", import.meta.url)`, from the project's folder. */
function referencedFiles(): readonly string[] {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  return sources
    .filter((name) => statSync(join(root, "src", name)).isFile())
    .flatMap((name) =>
      [...fileText(join("src", name)).matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)].map(
        ([, reference = ""]) => new URL(reference, `file:///src/${name}`).pathname.slice(1),
      ),
    );
}

test("the lock file knows the packages of every platform, without which npm ci refuses to install", () => {
  const names = z.record(z.string(), z.string()).optional();
  const { packages } = z
    .object({ packages: z.record(z.string(), z.object({ optionalDependencies: names })) })
    .parse(JSON.parse(fileText("package-lock.json")));
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(wanted.filter((name) => !(`node_modules/${name}` in packages))).toEqual([]);
});

test("the health check passes while /livez answers, and fails when it does not", async () => {
  const text = lastStage.find((line) => line.startsWith("HEALTHCHECK"))?.replace(/^.* CMD /, "") ?? "";
  const [, ...args] = z.array(z.string()).parse(JSON.parse(text));
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/livez" ? status : 404).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const run = async () => {
    const child = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: "ignore" });
    const [code] = await once(child, "exit");
    return code;
  };
  expect(await run()).toBe(0);
  status = 503;
  expect(await run()).toBe(1);
});
