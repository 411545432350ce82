/** Every kind of channel there is, by name. */
import { secretsIn } from "@riskwall/schemas/sealing";
import { z } from "zod";
import { alibabaSms } from "./alibaba-sms.ts";
import { bindChannel, type Channel } from "./channel.ts";
import { dingtalk } from "./dingtalk.ts";
import { email } from "./email.ts";
import { feishuApp } from "./feishu-app.ts";
import { feishu } from "./feishu.ts";
import { flashduty } from "./flashduty.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import { claimRulesOf, type ChannelKindName } from "./provider-limits.ts";
import { slack } from "./slack.ts";
import { tencentSms } from "./tencent-sms.ts";
import { twilioSms, twilioVoice } from "./twilio.ts";
import { webhook } from "./webhook.ts";
import { webpush } from "./webpush.ts";
import { wecom } from "./wecom.ts";
import type { ClaimRules } from "../outbox/outbox.ts";

type Bind = (value: unknown) => Channel | string;

const binders: Readonly<Record<ChannelKindName, Bind>> = {
  webhook: (value) => bindChannel(webhook, value),
  email: (value) => bindChannel(email, value),
  slack: (value) => bindChannel(slack, value),
  feishu: (value) => bindChannel(feishu, value),
  dingtalk: (value) => bindChannel(dingtalk, value),
  wecom: (value) => bindChannel(wecom, value),
  pagerduty: (value) => bindChannel(pagerduty, value),
  opsgenie: (value) => bindChannel(opsgenie, value),
  flashduty: (value) => bindChannel(flashduty, value),
  webpush: (value) => bindChannel(webpush, value),
  "alibaba-sms": (value) => bindChannel(alibabaSms, value),
  "tencent-sms": (value) => bindChannel(tencentSms, value),
  "twilio-sms": (value) => bindChannel(twilioSms, value),
  "twilio-voice": (value) => bindChannel(twilioVoice, value),
  "feishu-app": (value) => bindChannel(feishuApp, value),
};

const isKind = (name: string): name is ChannelKindName =>
  Object.hasOwn(binders, name);

const kindShape = z.object({ kind: z.string() });

/** A channel and how much it may be given. */
export interface BoundChannel extends Channel {
  readonly rules: ClaimRules;
  /** Texts that nobody may see in what is shown or kept. */
  readonly secrets: readonly string[];
}

/** The channel of a stored setting; else what is wrong with it. */
export function parseChannel(value: unknown): BoundChannel | string {
  const named = kindShape.safeParse(value);
  if (!named.success) return "no kind";
  const { kind } = named.data;
  if (!isKind(kind)) return `unknown kind ${kind}`;
  const bound = binders[kind](value);
  if (typeof bound === "string") return bound;
  const secrets = secretsIn(`channel:${bound.id}`, value);
  return { ...bound, rules: claimRulesOf(kind), secrets };
}
