/** Redis keys of the notifier; one slot, none shared with another service. */
export interface NotifyKeys {
  readonly tag: string;
  /** string `owner token`: who routes. */
  readonly lease: string;
  /** string: count of stored steps. */
  readonly step: string;
  /** hash partition → `next posOffset posN`. */
  readonly positions: string;
  /** hash id → JSON. */
  readonly groups: string;
  /** hash route → JSON. */
  readonly storms: string;
  /** set of channels that ever had a delivery. */
  readonly channels: string;
  /** zset id → when the next channel is asked. */
  readonly failover: string;
  /** zset id → when it was given up. */
  readonly dead: string;
  /** zset id → when it was queued: every delivery, the latest ones. */
  readonly recent: string;
  /** hash of one delivery. */
  readonly row: (id: string) => string;
  /** zset id → due, for what must not wait behind others. */
  readonly urgent: (channel: string) => string;
  readonly queue: (channel: string) => string;
  /** hash: health, circuit, token buckets. */
  readonly channel: (channel: string) => string;
  /** hash delivery id → when it was queued. */
  readonly alert: (alertId: string) => string;
}

export function notifyKeys(namespace: string): NotifyKeys {
  const tag = `{${namespace}:notify}`;
  return {
    tag,
    lease: `${tag}:lease`,
    step: `${tag}:step`,
    positions: `${tag}:pos`,
    groups: `${tag}:groups`,
    storms: `${tag}:storms`,
    channels: `${tag}:channels`,
    failover: `${tag}:failover`,
    dead: `${tag}:dead`,
    recent: `${tag}:recent`,
    row: (id) => `${tag}:row:${id}`,
    urgent: (channel) => `${tag}:u:${channel}`,
    queue: (channel) => `${tag}:q:${channel}`,
    channel: (channel) => `${tag}:chan:${channel}`,
    alert: (alertId) => `${tag}:alert:${alertId}`,
  };
}
