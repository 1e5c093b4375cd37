/** Writes what is generated: `docs/configuration.md`, `.env.example` and `docs/commands.md`. */

import { writeFileSync } from "node:fs";
import { configurationDocument, exampleEnvironment } from "../src/config/document.ts";
import { commandsDocument } from "../src/core/commands/document.ts";

const root = new URL("../", import.meta.url);
writeFileSync(new URL("docs/configuration.md", root), configurationDocument());
writeFileSync(new URL(".env.example", root), exampleEnvironment());
writeFileSync(new URL("docs/commands.md", root), commandsDocument());
