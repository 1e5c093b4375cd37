import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { settingNames } from "../../src/config/settings.ts";

const root = join(import.meta.dirname, "../..");
const documents = globSync(["*.md", "docs/*.md"], { cwd: root });
const textOf = (name: string) => readFileSync(join(root, name), "utf8");

test.each(documents)("every link of %s within the project leads to a file", (name) => {
  const links = [...textOf(name).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(
    ([, link = ""]) => link,
  );
  expect(links.filter((link) => !existsSync(join(root, dirname(name), link)))).toEqual([]);
});

test.each(documents)("%s names only commands that exist", (name) => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(textOf("package.json")));
  const named = [...textOf(name).matchAll(/npm (?:run ([a-z:]+)|(start|test)\b)/g)].map(
    ([, a, b]) => a ?? b ?? "",
  );
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

test.each(documents)("%s names only settings that exist", (name) => {
  const named = [...textOf(name).matchAll(/`((?:TELEGRAM|SLACK|OPENAI|REDIS)_[A-Z_]+)\b/g)].map(
    ([, setting = ""]) => setting,
  );
  const known: readonly string[] = settingNames;
  expect(named.filter((setting) => !known.includes(setting))).toEqual([]);
});
