/** Standard Webhooks: signed JSON, thin, with links; or Alertmanager's body. */
import { z } from "zod";
import type { Brief } from "../core/brief.ts";
import { labelsOf } from "@riskwall/schemas/matchers";
import { severities } from "../core/brief.ts";
import { outcomeOfStatus } from "../core/retry.ts";
import { channelBase, type ChannelKind, type Letter } from "./channel.ts";
import { signWebhook } from "./sign.ts";

const settings = channelBase.extend({
  url: z.url().max(2000),
  /** `whsec_` and base64; two with a space between while one is replaced. */
  secret: z.string().min(1),
  format: z.enum(["riskwall", "alertmanager"]).default("riskwall"),
  bearer: z.string().optional(),
  /** Of hooks set on the dashboard: they hear of each new alert alone. */
  minSeverity: z.enum(severities).default("high"),
});
export type WebhookSettings = z.output<typeof settings>;

export const webhook: ChannelKind<WebhookSettings> = {
  kind: "webhook",
  settings,
  build: ({ url, secret, format, bearer }, letter) => {
    const { deliveryId, now } = letter;
    const body = JSON.stringify(
      format === "alertmanager" ? alertmanagerBody(letter) : ourBody(letter),
    );
    const seconds = Math.floor(now / 1000);
    return {
      kind: "http",
      method: "POST",
      url,
      headers: {
        "content-type": "application/json",
        "user-agent": "riskwall",
        "webhook-id": deliveryId,
        "webhook-timestamp": String(seconds),
        "webhook-signature": signWebhook(secret, deliveryId, seconds, body),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body,
    };
  },
  judge: outcomeOfStatus,
};

const alertLink = ({ alertId }: Brief, publicUrl: string): string =>
  `${publicUrl}/alerts?open=${encodeURIComponent(alertId)}`;

function dataOf(brief: Brief, publicUrl: string): object {
  return {
    ...brief,
    link: alertLink(brief, publicUrl),
    customerLink: `${publicUrl}/customers/${encodeURIComponent(brief.customerId)}`,
  };
}

/** One alert as `data` itself; several as `data.alerts` and `data.resolved`. */
function ourBody({ notice, publicUrl, words }: Letter): object {
  const { kind, firing, resolved, firingCount, resolvedCount } = notice;
  const timestamp = new Date(notice.at).toISOString();
  const [only = resolved[0]] = firing;
  if (firingCount + resolvedCount === 1 && only) {
    const data = dataOf(only, publicUrl);
    const at = kind === "firing" ? only.openedAt : timestamp;
    return { type: `alert.${kind}`, timestamp: at, data };
  }
  return {
    type: `alert.${kind}`,
    timestamp,
    data: {
      ...{ title: words.title, link: words.link, counts: notice.counts },
      ...{ firingCount, resolvedCount, labels: notice.labels },
      alerts: firing.map((brief) => dataOf(brief, publicUrl)),
      resolved: resolved.map((brief) => dataOf(brief, publicUrl)),
    },
  };
}

const never = "0001-01-01T00:00:00Z";

/** Version 4 of Alertmanager's webhook body. */
function alertmanagerBody({ notice, publicUrl }: Letter): object {
  const { firing, resolved, firingCount, resolvedCount } = notice;
  const alertOf = (brief: Brief, status: "firing" | "resolved"): object => ({
    status,
    labels: labelsOf(brief),
    annotations: annotationsOf(brief),
    startsAt: brief.openedAt,
    endsAt: status === "firing" ? never : brief.updatedAt,
    generatorURL: alertLink(brief, publicUrl),
    fingerprint: brief.alertId,
  });
  const all = [...firing, ...resolved];
  return {
    version: "4",
    groupKey: notice.groupId,
    truncatedAlerts: firingCount + resolvedCount - all.length,
    status: firingCount > 0 ? "firing" : "resolved",
    receiver: notice.receiver,
    groupLabels: notice.labels,
    commonLabels: inCommon(all.map(labelsOf)),
    commonAnnotations: inCommon(all.map(annotationsOf)),
    externalURL: publicUrl,
    alerts: [
      ...firing.map((brief) => alertOf(brief, "firing")),
      ...resolved.map((brief) => alertOf(brief, "resolved")),
    ],
  };
}

function annotationsOf(brief: Brief): Readonly<Record<string, string>> {
  const { titleZh, titleEn, suggestedAction, moneyAtRisk, currency } = brief;
  return {
    summary: titleZh,
    summary_en: titleEn,
    description: brief.reasons.map(({ textZh }) => textZh).join("；"),
    action: suggestedAction.zh,
    action_en: suggestedAction.en,
    money_at_risk: `${moneyAtRisk} ${currency}`,
    customer: brief.customerName,
  };
}

function inCommon(
  all: readonly Readonly<Record<string, string>>[],
): Record<string, string> {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) =>
      others.every((one) => one[name] === value),
    ),
  );
}
