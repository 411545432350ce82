/** The subject of a group: its definition, and EXP-06 against its limit. */
import type { GroupSet } from "@riskwall/schemas";
import { groupOfSubject } from "@riskwall/schemas/names";
import { formatMinor } from "@riskwall/schemas/money";
import type { Finding } from "./alerts.ts";
import type { Customer } from "./customer.ts";
import { momentOf, type RecordPosition } from "./moment.ts";
import { refuseByTime, type StepOutcome } from "./record-time.ts";
import type { Emitter } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import { utilisationOf, type Exposure } from "./exposure.ts";
import { groupTopMax, type GroupDefinition } from "./groups.ts";
import { isRepeat, remember } from "./identity.ts";
import { effectiveLimit } from "./limits.ts";
import { reason } from "./order-rules.ts";
import { compareText } from "./sorted.ts";
import { plainExposure, settleSubject, type SubjectView } from "./subject.ts";
import { moneyText, percentText } from "./texts.ts";

/** Members named in the sentence of an alert. */
const namedMax = 3;

/** What a group's subject says of it. */
export function definitionOf({ state }: Customer): GroupDefinition {
  return {
    name: state.name,
    parent: state.groupId,
    limit: state.standing?.amount ?? null,
    currency: state.standing?.currency ?? state.currency,
  };
}

/** Folds a definition; a field it leaves out stays as it is (F-9). */
export function foldGroupSet(
  customer: Customer,
  event: GroupSet,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): StepOutcome {
  const { state } = customer;
  if (isRepeat(customer, event.source, event.eventId)) return "duplicate";
  const record = { name: "GroupSet", value: event } as const;
  const refused = refuseByTime(customer, record, env, at, emitter);
  if (refused !== null) return refused;
  const isFirst = state.clock === 0;
  remember(customer, event, at.logTime);
  if (isFirst) state.name = event.groupId;
  if (event.time >= state.clock) {
    state.clock = event.time;
    state.name = event.name ?? state.name;
    state.groupId = event.parent ?? state.groupId;
    state.currency = event.currency ?? state.currency;
    if (event.limit !== null) {
      state.standing = {
        amount: event.limit,
        currency: state.currency,
        from: Math.min(event.time, at.logTime),
        to: null,
        reason: "group",
        setAt: event.time,
        reviewed: event.time,
        by: "",
        second: "",
      };
    }
  }
  touchGroup(customer, env, at, emitter, [event.eventId]);
  return "applied";
}

/** Judges a group anew: after a portfolio record, by timer, in a sweep. */
export function touchGroup(
  customer: Customer,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
  cause: readonly string[] = [],
): void {
  const moment = momentOf(customer, env, at.logTime, at, { cause });
  settleSubject(customer, groupView(customer, moment), moment, emitter);
}

/** The group as it stands in the last portfolio record. */
export function groupView(customer: Customer, moment: Moment): SubjectView {
  const { state } = customer;
  const { env } = moment;
  const groupId = groupOfSubject(state.id) ?? "";
  const [use] = env.groups.uses(groupId, null, 0, env.rates);
  const limit = effectiveLimit(state, moment.now, env.rates);
  const exposure = plainExposure(use?.exposure ?? 0, limit, moment);
  const finding = overLimit(customer, groupId, exposure, moment);
  const holding = new Set(finding === null ? [] : ["EXP-06|"]);
  return { exposure, findings: finding === null ? [] : [finding], holding };
}

/** EXP-06 集团敞口. */
function overLimit(
  customer: Customer,
  groupId: string,
  exposure: Exposure,
  moment: Moment,
): Finding | null {
  const { rules, groups } = moment.env;
  const { total, limit } = exposure;
  const use = utilisationOf(total, limit);
  if (limit === null || use === null || use <= rules.rules.exp06.use) {
    return null;
  }
  const below = groups.below(groupId);
  const entries = below.flatMap((id) => groups.entry(id) ?? []);
  const top = entries
    .flatMap((entry) => entry.top)
    .sort(
      (a, b) =>
        b.exposure - a.exposure || compareText(a.customerId, b.customerId),
    )
    .slice(0, groupTopMax);
  const count = entries.reduce((sum, entry) => sum + entry.members, 0);
  const money = (minor: number): string => moneyText(minor, rules.currency);
  const over = total - limit;
  const named = top
    .slice(0, namedMax)
    .map((item) => `${item.customerId} ${money(item.exposure)}`);
  const { name } = customer.state;
  return {
    ruleId: "EXP-06",
    ref: "",
    severity: "high",
    value: over,
    titleZh: `集团 ${name} 敞口 ${money(total)},超过集团额度 ${money(limit)}`,
    titleEn: `Group ${name} owes ${money(total)}, above its limit of ${money(limit)}`,
    reasons: [
      reason(
        "EXP-06",
        `超出集团额度 ${money(over)},使用率 ${percentText(use)}`,
        `${money(over)} beyond the group limit, ${percentText(use)} used`,
        money(over),
      ),
      reason(
        "EXP-06-M",
        `共 ${String(count)} 个成员,最大:${named.join("、")}`,
        `${String(count)} members, the largest: ${named.join(", ")}`,
        String(count),
      ),
    ],
    explain: {
      group: groupId,
      exposure: formatMinor(total, rules.currency),
      limit: formatMinor(limit, rules.currency),
      breach: formatMinor(over, rules.currency),
      utilisation: use === Infinity ? null : Number(use.toFixed(4)),
      memberCount: count,
      members: top.map(
        (item) =>
          `${item.customerId} ${formatMinor(item.exposure, rules.currency)}`,
      ),
      groups: below,
    },
    moneyAtRisk: over,
  };
}
