/** Facts of a complaint's text as history shows them: decimals, no nulls. */
import type { NamedRecord, TextFacts } from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";

/** Amounts that name no currency have two decimals. */
const unnamed = "CNY";

function toJson({ amount, severity, sentiment, ...facts }: TextFacts): object {
  return {
    ...facts,
    severity: severity / 1000,
    sentiment: sentiment / 1000,
    ...(amount === null
      ? {}
      : {
          amount: {
            amount: formatMinor(amount.amount, amount.currency ?? unnamed),
            ...(amount.currency === null ? {} : { currency: amount.currency }),
          },
        }),
  };
}

/** `{facts}` of a complaint that has some, else nothing. */
export function textFactsJson(record: NamedRecord): { facts?: object } {
  if (record.name !== "ComplaintOpened") return {};
  const { facts } = record.value;
  return facts === null ? {} : { facts: toJson(facts) };
}
