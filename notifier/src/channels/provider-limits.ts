/**
 * What providers allow, in one place. Stands as of the date below, where a row
 * does not say otherwise; look it up anew when a provider answers that it is
 * too much.
 */
import type { ClaimRules, Quota } from "../outbox/outbox.ts";

export const limitsAsOf = "2026-11-27";

/** Part of a provider's limit that is used. */
export const usedPercent = 80;

interface ProviderLimit {
  readonly quotas: readonly Quota[];
  readonly bodyMaxBytes: number;
  /** Deliveries that one digest stands for at most; 0: every one alone. */
  readonly digestMax: number;
}

const minute = 60_000;

export const providerLimits = {
  // The receiver's own; a machine reads it, one by one.
  webhook: { quotas: [], bodyMaxBytes: 20_000, digestMax: 0 },
  // Of ours, so that nobody's inbox drowns.
  email: {
    quotas: [{ permits: 30, windowMs: minute }],
    bodyMaxBytes: 100_000,
    digestMax: 200,
  },
  // About one a second, bursts tolerated; a section holds 3,000 characters.
  slack: {
    quotas: [{ permits: 60, windowMs: minute }],
    bodyMaxBytes: 13_000,
    digestMax: 40,
  },
  // 100 a minute and 5 a second for a robot; 20 KB.
  feishu: {
    quotas: [
      { permits: 100, windowMs: minute },
      { permits: 5, windowMs: 1000 },
    ],
    bodyMaxBytes: 20_000,
    digestMax: 80,
  },
  // 20 a minute, then nothing for ten minutes; about 20 KB.
  dingtalk: {
    quotas: [{ permits: 20, windowMs: minute }],
    bodyMaxBytes: 18_000,
    digestMax: 100,
  },
  // 20 a minute for a robot; Markdown of at most 4,096 bytes.
  wecom: {
    quotas: [{ permits: 20, windowMs: minute }],
    bodyMaxBytes: 4096,
    digestMax: 20,
  },
  // 512 KB; throttled as they see fit; one incident for each key.
  pagerduty: {
    quotas: [{ permits: 120, windowMs: minute }],
    bodyMaxBytes: 512_000,
    digestMax: 0,
  },
  opsgenie: {
    quotas: [{ permits: 120, windowMs: minute }],
    bodyMaxBytes: 100_000,
    digestMax: 0,
  },
  flashduty: {
    quotas: [{ permits: 300, windowMs: minute }],
    bodyMaxBytes: 100_000,
    digestMax: 0,
  },
  // For each browser; as FCM is known to count (240 a minute, 5,000 an hour; not
  // read in its manual), others say nothing. RFC 8030: 4,096 bytes are taken.
  webpush: {
    quotas: [
      { permits: 240, windowMs: minute },
      { permits: 5000, windowMs: 60 * minute },
    ],
    bodyMaxBytes: 4096,
    digestMax: 10,
  },
  // The next five are as the design has them (ux.md 3.2), not read in the
  // manuals again. A template has no room for a list, so that text messages and
  // calls stand for one each.
  // Alibaba: 50 a day for a number; the rate is ours, as each one costs.
  "alibaba-sms": {
    quotas: [{ permits: 60, windowMs: minute }],
    bodyMaxBytes: 2000,
    digestMax: 0,
  },
  // Tencent: 3,000 a second, the same to a number once in 30 s; as above.
  "tencent-sms": {
    quotas: [{ permits: 60, windowMs: minute }],
    bodyMaxBytes: 2000,
    digestMax: 0,
  },
  // Twilio: one a second for a long number, both kinds.
  "twilio-sms": {
    quotas: [{ permits: 60, windowMs: minute }],
    bodyMaxBytes: 2000,
    digestMax: 0,
  },
  "twilio-voice": {
    quotas: [{ permits: 60, windowMs: minute }],
    bodyMaxBytes: 4000,
    digestMax: 0,
  },
  // 1,000 a minute and 50 a second for an app, 5 a second for a chat; 30 KB.
  "feishu-app": {
    quotas: [
      { permits: 1000, windowMs: minute },
      { permits: 5, windowMs: 1000 },
    ],
    bodyMaxBytes: 30_000,
    digestMax: 80,
  },
} as const satisfies Readonly<Record<string, ProviderLimit>>;

export type ChannelKindName = keyof typeof providerLimits;

/** How deliveries of a kind are claimed: inside the used part of its limits. */
export function claimRulesOf(kind: ChannelKindName): ClaimRules {
  const { quotas, digestMax } = providerLimits[kind];
  return {
    quotas: quotas.map(({ permits, windowMs }) => ({
      permits: Math.max(1, Math.floor((permits * usedPercent) / 100)),
      windowMs,
    })),
    digestMax,
  };
}
