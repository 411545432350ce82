/** Decimal texts of history as money: as many decimals as the currency has. */
import { currencyExponent } from "@riskwall/schemas/money";

/** ("700450", "CNY") → "700450.00"; digits beyond the exponent stay. */
export function padMoney(text: string, currency: string): string {
  const exponent = currencyExponent(currency) ?? 2;
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.replace(/0+$/, "").padEnd(exponent, "0");
  return kept === "" ? whole : `${whole}.${kept}`;
}
