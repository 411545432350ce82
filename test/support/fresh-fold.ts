/** The fold of a partition before its first record, under the shipped rules. */
import { emptyRegister } from "../../processor/src/core/partition-register.ts";
import {
  createPartition,
  type Partition,
} from "../../processor/src/core/partition.ts";
import { parseRuleBody, shippedRules } from "../../processor/src/rule-file.ts";

export function freshFold(partition: number): Partition {
  return createPartition({
    ...{ partition, register: emptyRegister(), subjects: [] },
    ...{ bootstrapRules: shippedRules().rules, parseRules: parseRuleBody },
  });
}
