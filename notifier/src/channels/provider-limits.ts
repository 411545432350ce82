/**
 * What providers allow, in one place. Read in their manuals on the date below;
 * look them up anew when a provider answers that it is too much.
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
  // For each browser; FCM: 240 a minute and 5,000 an hour, others say nothing.
  // RFC 8030: a push service takes 4,096 bytes. Looked up 2026-11-28.
  webpush: {
    quotas: [
      { permits: 240, windowMs: minute },
      { permits: 5000, windowMs: 60 * minute },
    ],
    bodyMaxBytes: 4096,
    digestMax: 10,
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
