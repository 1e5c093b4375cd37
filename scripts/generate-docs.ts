/** Writes what is generated from the settings: `docs/configuration.md` and `.env.example`. */

import { writeFileSync } from "node:fs";
import { configurationDocument, exampleEnvironment } from "../src/config/document.ts";

const root = new URL("../", import.meta.url);
writeFileSync(new URL("docs/configuration.md", root), configurationDocument());
writeFileSync(new URL(".env.example", root), exampleEnvironment());
