import { platformContract } from "./contract.ts";
import { makeSlack } from "./slack-subject.ts";
import { makeTelegram } from "./telegram-subject.ts";

platformContract("telegram by polling", () => makeTelegram("polling"));
platformContract("telegram by webhook", () => makeTelegram("webhook"));
platformContract("telegram with rich messages", () => makeTelegram("polling", "on"));
platformContract("slack by socket", () => makeSlack("socket"));
platformContract("slack by HTTP", () => makeSlack("http"));
platformContract("telegram with drafts", () => makeTelegram("polling", "off", "draft"));
platformContract("slack with native streams", () => makeSlack("socket", "native"));
