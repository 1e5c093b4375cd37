import { platformContract } from "./contract.ts";
import { makeSlack } from "./slack-subject.ts";
import { makeTelegram } from "./telegram-subject.ts";

platformContract("telegram", makeTelegram);
platformContract("slack", makeSlack);
