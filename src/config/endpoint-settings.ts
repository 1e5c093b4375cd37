/** The setting of several chat APIs: its text is read by `endpoints.ts`. */

import { optional } from "./declare.ts";
import { text } from "./values.ts";

/** It stands under the model's heading. */
export const endpointSettings = {
  ENDPOINTS: optional(text, {
    group: "Model",
    about: `Several chat APIs, or keys of one: JSON, or the path of a file that holds it. A list in the order of preference; an answer comes from the first that serves its model and has room for it within a second, and what fails is left alone for a while: see [limits](limits.md). Fields of each:

- \`baseUrl\`: as \`OPENAI_BASE_URL\`; for Azure \`https://<resource>.openai.azure.com/openai/v1\`.
- \`apiKey\`, or \`apiKeyFrom\`: the name of the variable that holds it. Neither: the server takes none.
- \`organization\`, \`project\`: as \`OPENAI_ORGANIZATION\` and \`OPENAI_PROJECT\`.
- \`models\`: which it serves, \`["gpt-6-luna"]\`, or what it calls them, \`{"gpt-6-luna": "my-deployment"}\`. Left out: whatever is asked for, and its own list is offered.
- \`rpm\`, \`tpm\`, \`rpd\`, \`tpd\`: as \`OPENAI_RPM\` and its like.
- \`proxy\`: \`false\` goes past \`OPENAI_PROXY_URL\`.

\`OPENAI_MODEL\` and \`OPENAI_FIRST_TOKEN_TIMEOUT\` hold for all of them; the others of these settings are not used then.`,
    example:
      '[{"baseUrl":"https://api.openai.com/v1","apiKey":"sk-your-key-of-the-chat-api"},{"baseUrl":"http://127.0.0.1:11434/v1","models":{"gpt-6-luna":"gpt-oss:20b"},"proxy":false}]',
    secret: true,
  }),
};
