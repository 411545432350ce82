/**
 * Who trades: segments with their own size and rhythm, payers of several
 * habits, names put together from word lists (none of a real company).
 */
import type { Random } from "./random.ts";

export type Habit = "prompt" | "good" | "slow" | "erratic";

/**
 * What is planted in the history of a customer: it stopped ordering long ago,
 * or it pays later and later and then not at all.
 */
export type Plight = "none" | "dormant" | "sliding";

export interface Segment {
  readonly name: string;
  readonly share: number;
  /** Median order in CNY and its spread in ln. */
  readonly order: number;
  readonly spread: number;
  /** Mean days between orders. */
  readonly gap: number;
  readonly terms: readonly number[];
}

export const segments: readonly Segment[] = [
  {
    name: "retail",
    share: 0.4,
    order: 6_000,
    spread: 0.35,
    gap: 9,
    terms: [15, 30],
  },
  {
    name: "wholesale",
    share: 0.3,
    order: 28_000,
    spread: 0.4,
    gap: 12,
    terms: [30, 45],
  },
  {
    name: "manufacturing",
    share: 0.2,
    order: 60_000,
    spread: 0.4,
    gap: 16,
    terms: [30, 60],
  },
  {
    name: "construction",
    share: 0.07,
    order: 110_000,
    spread: 0.5,
    gap: 22,
    terms: [45, 60],
  },
  {
    name: "key-account",
    share: 0.03,
    order: 350_000,
    spread: 0.3,
    gap: 8,
    terms: [45, 60],
  },
];

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly segment: Segment;
  readonly industry: string;
  readonly country: string;
  readonly currency: string;
  readonly terms: number;
  readonly habit: Habit;
  readonly plight: Plight;
  /** Order growth per year, as a factor of ln. */
  readonly growth: number;
  /** Median order in the customer's own currency. */
  readonly order: number;
  readonly gapDays: number;
  readonly limit: number;
  /** First day of trade, days before the start of live. */
  readonly tenureDays: number;
  readonly owner: string;
  /** Where goods usually go. */
  readonly shipTo: string;
  /** The account that it pays from. */
  readonly account: string;
}

const zhFirst =
  "恒 泰 瑞 启 明 云 嘉 海 东 万 锦 华 盛 安 和 德 润 鑫 远 卓 新 永 金 长 乐 博 丰 佳 正 同".split(
    " ",
  );
const zhSecond =
  "远 禾 丰 辰 昊 梯 木 川 禾 象 程 源 达 宁 祥 诚 泽 业 航 越 景 兴 瑞 春 康 睿 茂 铭 阳 晟".split(
    " ",
  );
const zhTrade = [
  "机电",
  "商贸",
  "食品",
  "纺织",
  "电子",
  "科技",
  "家具",
  "建材",
  "物流",
  "化工",
  "照明",
  "包装",
];
const enFirst =
  "North South East West Blue Green Stone River Oak Cedar Iron Silver Harbor Summit Valley Bright Clear Amber Falcon Maple".split(
    " ",
  );
const enSecond =
  "line field bridge gate works ford crest haven point wood mark dale port mere stead wick".split(
    " ",
  );
const enTail = [
  "Trading Co",
  "GmbH",
  "Supply Ltd",
  "Industries",
  "Wholesale",
  "Partners",
];
const industries = [
  "machinery",
  "electronics",
  "textile",
  "food",
  "building",
  "logistics",
  "chemicals",
  "retail",
];
const owners = ["li.na", "wang.lei", "chen.yu", "zhao.min", "sun.hao"];

function nameOf(random: Random, english: boolean, used: Set<string>): string {
  for (let i = 0; ; i += 1) {
    const base = english
      ? `${random.pick(enFirst)}${random.pick(enSecond)} ${random.pick(enTail)}`
      : `${random.pick(zhFirst)}${random.pick(zhSecond)}${random.pick(zhTrade)}`;
    const name =
      i > 20 ? `${base}${english ? ` ${String(i)}` : `${String(i)}部`}` : base;
    if (used.has(name)) continue;
    used.add(name);
    return name;
  }
}

function segmentOf(random: Random): Segment {
  let at = random.next();
  for (const segment of segments) {
    at -= segment.share;
    if (at < 0) return segment;
  }
  return segments[0] ?? random.pick(segments);
}

const dormantShare = 0.015;
const slidingShare = 0.005;

/** Units of a currency for one CNY. */
export const rates: Readonly<Record<string, string>> = {
  USD: "0.1405",
  EUR: "0.1290",
  JPY: "21.35",
};

/** The customers of a seed, in id order. */
export function createPopulation(
  random: Random,
  count: number,
  years: number,
): Profile[] {
  const used = new Set<string>();
  return Array.from({ length: count }, (_, i) => {
    const own = random.fork(`customer-${String(i)}`);
    const segment = segmentOf(own);
    const english = own.chance(0.18);
    const currency = english ? own.pick(["USD", "EUR", "CNY", "JPY"]) : "CNY";
    const rate = Number(rates[currency] ?? "1");
    const order = segment.order * Math.exp(own.normal() * 0.35) * rate;
    const gapDays = segment.gap * Math.exp(own.normal() * 0.25);
    const terms = own.pick(segment.terms);
    const habit: Habit = own.pick([
      "prompt",
      "prompt",
      "good",
      "good",
      "good",
      "slow",
      "erratic",
    ]);
    const monthly = (30 / gapDays) * order;
    const limit =
      Math.ceil((monthly * ((terms + 20) / 30) * 3.2) / 1000) * 1000;
    const newcomer = own.chance(0.06);
    const fate = random.fork(`fate-${String(i)}`).next();
    const plight: Plight = newcomer
      ? "none"
      : fate < dormantShare
        ? "dormant"
        : fate < dormantShare + slidingShare
          ? "sliding"
          : "none";
    const id = `C-${String(100_000 + i)}`;
    return {
      ...{ id, shipTo: `${id}, main warehouse`, account: `ACC-${id}` },
      name: nameOf(own, english, used),
      segment,
      industry: own.pick(industries),
      country: english ? own.pick(["US", "DE", "JP", "GB"]) : "CN",
      currency,
      terms,
      habit,
      plight,
      growth: own.normal() * 0.12,
      order,
      gapDays,
      limit,
      tenureDays: newcomer
        ? own.whole(120, 300)
        : own.whole(400, Math.round(years * 365)),
      owner: own.pick(owners),
    };
  });
}
