/** Deliveries that a notice makes: one for each channel of its receiver. */
import { deliveryId } from "./channels/sign.ts";
import type { Plan } from "./core/plan.ts";
import type { Told } from "./core/router-state.ts";
import { patienceMs } from "./outbox/limits.ts";
import type { NewRow } from "./outbox/router-store.ts";

/** Names the life of a group that an escalation belongs to. */
export function chainKey(groupId: string, bornAt: number): string {
  return `${groupId} ${String(bornAt)}`;
}

export function rowsOf(
  { notice, bornAt, alertIds: alerts, to }: Told,
  plan: Plan,
): NewRow[] {
  const receiver = to ?? plan.receivers.get(notice.receiver);
  if (!receiver) return [];
  const { groupId, kind, seq, severity, at } = notice;
  const idOf = (channel: string): string =>
    deliveryId(groupId, bornAt, channel, kind, seq);
  const real = (channels: readonly string[]): readonly string[] => [
    ...new Set(channels.flatMap((one) => plan.fans.get(one) ?? [one])),
  ];
  const failover = real(receiver.failover).map((channel) => ({
    channel,
    id: idOf(channel),
  }));
  const body = JSON.stringify(notice);
  const urgent = severity === "critical" && kind !== "resolved";
  return real(receiver.channels).map((channel) => ({
    id: idOf(channel),
    ...{ channel, kind, severity, body, at, alerts, failover },
    chain: kind === "escalated" ? chainKey(groupId, bornAt) : "",
    failoverAt: urgent && failover.length > 0 ? at + patienceMs : 0,
  }));
}
