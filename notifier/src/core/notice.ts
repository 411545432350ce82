/** A message to one receiver, before any channel gave it a form. */
import { type Labels } from "@riskwall/schemas/matchers";
import { graver, type Brief } from "./brief.ts";

/** Why a message is sent. */
export type NoticeKind =
  "firing" | "update" | "resolved" | "digest" | "escalated" | "test";

/** Alerts that one message describes; further ones are counted. */
export const shownMax = 20;

/** Whom a step of an escalation calls, and which step it is, from 1. */
export interface DutyCall {
  readonly chain: string;
  readonly step: number;
  readonly steps: number;
  readonly round: number;
  /** Null: a channel that several read. */
  readonly person: { readonly id: string; readonly name: string } | null;
}

export interface Notice {
  readonly kind: NoticeKind;
  readonly groupId: string;
  readonly labels: Labels;
  readonly receiver: string;
  /** Count of the group's messages, from 1. */
  readonly seq: number;
  /** The gravest first, at most `shownMax`. */
  readonly firing: readonly Brief[];
  readonly resolved: readonly Brief[];
  readonly firingCount: number;
  readonly resolvedCount: number;
  /** Gravest severity in it; decides how urgent it is. */
  readonly severity: string;
  readonly counts: Readonly<Record<string, number>>;
  /** A storm notice stands for many groups. */
  readonly storm: boolean;
  /** Only when an escalation sends it. */
  readonly call?: DutyCall;
  readonly at: number;
}

export interface NoticeParts {
  readonly kind: NoticeKind;
  readonly groupId: string;
  readonly labels: Labels;
  readonly receiver: string;
  readonly seq: number;
  readonly firing: readonly Brief[];
  readonly resolved: readonly Brief[];
  readonly storm: boolean;
  readonly call?: DutyCall;
  readonly at: number;
}

/** Orders, counts and bounds the alerts of a message. */
export function composeNotice(parts: NoticeParts): Notice {
  const firing = [...parts.firing].sort(graver);
  const resolved = [...parts.resolved].sort(graver);
  const counts: Record<string, number> = {};
  for (const { severity } of firing) {
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  return {
    ...parts,
    firing: firing.slice(0, shownMax),
    resolved: resolved.slice(0, shownMax),
    firingCount: firing.length,
    resolvedCount: resolved.length,
    severity: (firing[0] ?? resolved[0])?.severity ?? "info",
    counts,
  };
}

/** One message for many: what a channel cannot take one by one. */
export function digestOf(
  id: string,
  members: readonly Notice[],
  at: number,
): Notice {
  const firing = new Map<string, Brief>();
  const resolved = new Map<string, Brief>();
  const counts: Record<string, number> = {};
  let firingCount = 0;
  let resolvedCount = 0;
  for (const member of members) {
    for (const brief of member.firing) firing.set(brief.alertId, brief);
    for (const brief of member.resolved) resolved.set(brief.alertId, brief);
    firingCount += member.firingCount;
    resolvedCount += member.resolvedCount;
    for (const [severity, count] of Object.entries(member.counts)) {
      counts[severity] = (counts[severity] ?? 0) + count;
    }
  }
  const gravest = [...firing.values(), ...resolved.values()].sort(graver)[0];
  return {
    kind: "digest",
    groupId: id,
    labels: {},
    receiver: members[0]?.receiver ?? "",
    seq: 1,
    firing: [...firing.values()].sort(graver),
    resolved: [...resolved.values()].sort(graver).slice(0, shownMax),
    ...{ firingCount, resolvedCount, counts },
    severity: gravest?.severity ?? "info",
    storm: members.some(({ storm }) => storm),
    at,
  };
}
