/** The settings of the proxies: one for each party. */

import { optional } from "./declare.ts";
import { proxyUrlFault } from "./urls.ts";
import { sealed } from "./values.ts";

const proxyAddress = sealed(proxyUrlFault);

const example = "http://user:password@proxy.example:3128";

/** By the names of their variables. */
export const proxySettings = {
  TELEGRAM_PROXY_URL: optional(proxyAddress, {
    group: "Telegram",
    about:
      "An HTTP proxy (`http://` or `https://`, one that knows CONNECT) through which all connections to Telegram go, and no others. User name and password are percent-encoded and never shown.",
    example,
    secret: true,
  }),
  SLACK_PROXY_URL: optional(proxyAddress, {
    group: "Slack",
    about:
      "An HTTP proxy for all connections to Slack, its sockets and uploads included, as `TELEGRAM_PROXY_URL`.",
    example,
    secret: true,
  }),
  OPENAI_PROXY_URL: optional(proxyAddress, {
    group: "Model",
    about: "An HTTP proxy for all connections to the chat API, as `TELEGRAM_PROXY_URL`.",
    example,
    secret: true,
  }),
};
