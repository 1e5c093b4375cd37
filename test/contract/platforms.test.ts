import { platformContract } from "./contract.ts";
import { makeSlack } from "./slack-subject.ts";
import { makeTelegram } from "./telegram-subject.ts";

platformContract("telegram", makeTelegram);
platformContract("slack by socket", () => makeSlack("socket"));
platformContract("slack by HTTP", () => makeSlack("http"));
