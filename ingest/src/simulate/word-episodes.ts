/** Planted trouble in what customers say (domain D2, CMP and DSP). */
import { afterScore, type Planner } from "./episode-plan.ts";

const liquidity = [
  "最近资金紧张,周转困难,货款能否延期付款?",
  "客户说账上没钱,希望分期付款",
  "We are short of cash and need an extension",
  "Cash flow is tight, please let us pay later",
];
const angry = [
  "质量问题很严重,要求退货",
  "又发错货了,非常不满意",
  "Poor quality and late delivery",
  "Damaged again, return the goods",
];
const refusal = [
  "我们拒绝付款,已委托律师,将向法院起诉",
  "拒付全部货款,律师函已寄出",
  "We refuse to pay and our lawyer will file a lawsuit",
  "No payment, you will hear from our attorney, we will sue",
];

export const wordEpisodes = {
  "complaint-burst": ({ make, random, episodeId }) => ({
    events: Array.from({ length: 5 }, (_, i) =>
      make(`c${String(i)}`, "sim-crm", "complaint.opened", i * 900, {
        complaintId: `CMP-${episodeId}-${String(i)}`,
        text: random.pick(angry),
      }),
    ),
    rules: ["CMP-01"],
    consequences: afterScore,
  }),
  "liquidity-language": ({ make, random, episodeId }) => ({
    events: Array.from({ length: 3 }, (_, i) =>
      make(`c${String(i)}`, "sim-crm", "complaint.opened", i * 1200, {
        complaintId: `CMP-${episodeId}-${String(i)}`,
        text: random.pick(liquidity),
      }),
    ),
    rules: ["CMP-01", "CMP-03"],
    consequences: afterScore,
  }),
  "refusal-language": ({ make, random, episodeId }) => ({
    events: [
      make("c", "sim-crm", "complaint.opened", 0, {
        complaintId: `CMP-${episodeId}`,
        text: random.pick(refusal),
      }),
    ],
    rules: ["CMP-02"],
    consequences: afterScore,
  }),
  // Every delivery of the last weeks is disputed within a minute.
  "dispute-surge": ({ make, amount, profile, episodeId }) => ({
    events: Array.from({ length: 4 }, (_, i) =>
      make(`d${String(i)}`, "sim-crm", "complaint.opened", i * 1500, {
        complaintId: `CMP-${episodeId}-${String(i)}`,
        ...{ category: "quality", severity: "medium" },
        ...{ disputedAmount: amount(0.4), currency: profile.currency },
      }),
    ),
    rules: ["DSP-01"],
    consequences: ["CMP-01", ...afterScore],
  }),
} as const satisfies Record<string, Planner>;
