/** FlashDuty: standard events, merged by `alert_key`. */
import { z } from "zod";
import { outcomeOfStatus } from "../core/retry.ts";
import { plainLines } from "../core/wording.ts";
import {
  answerJson,
  channelBase,
  outcomeOfCode,
  postJson,
  type ChannelKind,
  type CodeTable,
} from "./channel.ts";
import { sha256Hex } from "./sign.ts";

const settings = channelBase.extend({
  url: z.url().default("https://api.flashcat.cloud/event/push/alert/standard"),
  integrationKey: z.string().min(1).max(200),
});

const statusOf: Readonly<Record<string, string>> = {
  critical: "Critical",
  high: "Warning",
  medium: "Warning",
};
const titleMax = 500;
const labelMax = 2000;

const codes: CodeTable = {
  ok: ["OK"],
  config: ["AccessDenied", "Unauthorized", "InvalidIntegrationKey"],
  payload: ["InvalidParameter", "InvalidContentType"],
  throttle: new Map([["RequestTooFrequently", 60_000]]),
};
const answer = z.object({
  error: z
    .object({ code: z.string(), message: z.string().default("") })
    .nullish(),
});

export const flashduty: ChannelKind<z.output<typeof settings>> = {
  kind: "flashduty",
  settings,
  build: ({ url, integrationKey }, { words, notice, language }) => {
    const target = new URL(url);
    target.searchParams.set("integration_key", integrationKey);
    const over = notice.kind === "resolved";
    const [first = notice.resolved[0]] = notice.firing;
    return postJson(target.href, {
      title: words.title.slice(0, titleMax),
      description: plainLines(words, language).join("\n"),
      event_status: over ? "Ok" : (statusOf[notice.severity] ?? "Info"),
      alert_key: sha256Hex(notice.groupId),
      labels: {
        severity: notice.severity,
        customer_id: first?.customerId ?? "",
        rule_id: first?.ruleId ?? "",
        link: words.link.slice(0, labelMax),
      },
    });
  },
  judge: (reply, now) => {
    const said = answerJson(reply, answer);
    if (said?.error) {
      return outcomeOfCode(said.error.code, said.error.message, codes);
    }
    return outcomeOfStatus(reply, now);
  },
};
