/** PagerDuty Events v2: one incident for each group, ended by its key. */
import { z } from "zod";
import { outcomeOfStatus, type Outcome } from "../core/retry.ts";
import { plainLines } from "../core/wording.ts";
import { channelBase, postJson, type ChannelKind } from "./channel.ts";
import { sha256Hex } from "./sign.ts";

const settings = channelBase.extend({
  url: z.url().default("https://events.pagerduty.com/v2/enqueue"),
  routingKey: z.string().min(1).max(64),
});

const severityOf: Readonly<Record<string, string>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
};
const summaryMax = 1024;

export const pagerduty: ChannelKind<z.output<typeof settings>> = {
  kind: "pagerduty",
  settings,
  build: ({ url, routingKey }, { words, notice, language, publicUrl }) => {
    const over = notice.kind === "resolved";
    const [first = notice.resolved[0]] = notice.firing;
    return postJson(url, {
      routing_key: routingKey,
      event_action: over ? "resolve" : "trigger",
      dedup_key: sha256Hex(notice.groupId),
      client: "riskwall",
      client_url: words.link,
      links: [{ href: words.link, text: words.linkText }],
      payload: {
        summary: words.title.slice(0, summaryMax),
        source: first?.customerId ?? "riskwall",
        severity: severityOf[notice.severity] ?? "info",
        timestamp: new Date(notice.at).toISOString(),
        component: first?.ruleId ?? "test",
        group: first?.customerId ?? "",
        class: first?.ruleName.en ?? "",
        custom_details: {
          ...Object.fromEntries(
            words.fields.map(({ label, value }) => [label, value]),
          ),
          text: plainLines(words, language).join("\n"),
          riskwall: publicUrl,
        },
      },
    });
  },
  judge: (reply, now): Outcome => {
    const outcome = outcomeOfStatus(reply, now);
    // A key they do not know is answered with 400, too.
    const wrongKey = reply.status === 400 && /routing.key/i.test(reply.body);
    if (wrongKey) return { kind: "config", why: reply.body.slice(0, 200) };
    return outcome;
  },
};
