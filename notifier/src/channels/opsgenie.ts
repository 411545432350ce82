/** Opsgenie and JSM Operations: an alert for each group, closed by its alias. */
import { z } from "zod";
import { outcomeOfStatus, type Outcome } from "../core/retry.ts";
import { plainLines } from "../core/wording.ts";
import { channelBase, postJson, type ChannelKind } from "./channel.ts";
import { sha256Hex } from "./sign.ts";

const settings = channelBase.extend({
  /** The EU host and JSM's address are others. */
  url: z.url().default("https://api.opsgenie.com/v2/alerts"),
  apiKey: z.string().min(1).max(200),
  responders: z
    .array(z.object({ type: z.enum(["team", "user"]), name: z.string() }))
    .default([]),
});

const priorityOf: Readonly<Record<string, string>> = {
  critical: "P1",
  high: "P2",
  medium: "P3",
  low: "P4",
};
const messageMax = 130;
const descriptionMax = 15_000;

export const opsgenie: ChannelKind<z.output<typeof settings>> = {
  kind: "opsgenie",
  settings,
  build: ({ url, apiKey, responders }, { words, notice, language }) => {
    const alias = sha256Hex(notice.groupId);
    const headers = { authorization: `GenieKey ${apiKey}` };
    if (notice.kind === "resolved") {
      const close = `${url}/${alias}/close?identifierType=alias`;
      return postJson(
        close,
        { source: "riskwall", note: words.title },
        headers,
      );
    }
    const [first] = notice.firing;
    return postJson(
      url,
      {
        message: words.title.slice(0, messageMax),
        alias,
        description: [...plainLines(words, language), words.link]
          .join("\n")
          .slice(0, descriptionMax),
        priority: priorityOf[notice.severity] ?? "P5",
        responders,
        tags: ["riskwall", notice.severity],
        details: Object.fromEntries(
          words.fields.map(({ label, value }) => [label, value]),
        ),
        entity: first?.customerId ?? "",
        source: "riskwall",
      },
      headers,
    );
  },
  judge: (reply, now): Outcome => {
    const outcome = outcomeOfStatus(reply, now);
    // Closing what they have closed already is done.
    if (reply.status === 404 && /alert/i.test(reply.body)) {
      return { kind: "ok" };
    }
    return outcome;
  },
};
