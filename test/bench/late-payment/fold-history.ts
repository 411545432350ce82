/**
 * Folds records through the product's own fold and shows each customer as it
 * stands right after a record, and all of them at the end of chosen days: what
 * is computed there can know nothing of later records.
 */
import type { Customer } from "../../../processor/src/core/customer.ts";
import type { Env, Moment } from "../../../processor/src/core/env.ts";
import { emptyRegister } from "../../../processor/src/core/partition-register.ts";
import { createPartition } from "../../../processor/src/core/partition.ts";
import { slotOf, type Slot } from "../../../processor/src/core/slot.ts";
import type { RuleSet } from "../../../processor/src/core/rule-set.ts";
import { parseRuleBody } from "../../../processor/src/rule-file.ts";
import { viewMoment } from "../../../processor/src/view.ts";
import { timeOf, type DatedRecord } from "./datarisk-records.ts";

export interface Folded {
  readonly item: DatedRecord;
  readonly customer: Customer;
  readonly moment: Moment;
}

export interface HistoryViewer {
  /** After each record, in order. */
  readonly see?: (folded: Folded) => void;
  /** Days, rising, at whose end all customers are shown. */
  readonly days?: readonly number[];
  readonly seeAll?: (customers: readonly Customer[], moment: Moment) => void;
}

export function foldHistory(
  records: readonly DatedRecord[],
  rules: RuleSet,
  viewer: HistoryViewer,
): void {
  const partition = createPartition({
    ...{ partition: 0, register: emptyRegister(), subjects: [] },
    ...{ bootstrapRules: rules, parseRules: parseRuleBody },
  });
  const slots = new Map<string, Slot>();
  const env = (): Env => partition.env();
  // All of it is appended at one instant after the last of it: an import.
  const appendedAt = timeOf((records.at(-1)?.day ?? 0) + 2);
  const days = [...(viewer.days ?? [])];
  records.forEach((item, offset) => {
    while (days[0] !== undefined && days[0] < item.day) {
      const there = [...slots.values()].flatMap((slot) => slot.customer ?? []);
      viewer.seeAll?.(there, viewMoment(env(), timeOf(days[0])));
      days.shift();
    }
    const { record } = item;
    const id = record.value.customerId;
    if (!slots.has(id)) slots.set(id, slotOf(null));
    const raw = new Uint8Array(0);
    partition.fold({ offset, appendedAt, record, problem: null, raw }, slots);
    const customer = slots.get(id)?.customer;
    if (!customer) throw new Error(`${id} was not folded`);
    const now = customer.state.loading?.clock ?? appendedAt;
    viewer.see?.({ item, customer, moment: viewMoment(env(), now) });
  });
}
