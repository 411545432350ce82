/**
 * How well complaint text is read, on labelled Chinese texts beside a naive
 * keyword baseline and a character n-gram model, and how fast on one core
 * (domain C11). No server takes part.
 */
import { shippedTextReader } from "../../../ingest/src/text-reader.ts";
import { readMaxChars } from "../../../ingest/src/core/complaint-text/text-facts.ts";
import type { Benchmark } from "../benchmark.ts";
import { roundsOf, type Figure } from "../figure.ts";
import { macroF1, measuresOf, type Judged } from "./class-measures.ts";
import {
  complaintRows,
  type ComplaintRows,
  type LabelledText,
} from "./complaint-rows.ts";
import {
  naiveCategory,
  naivePolarity,
  naiveSubject,
} from "./keyword-baseline.ts";
import { trainBayes } from "./ngram-bayes.ts";

type Classify = (text: string) => string;
const read = shippedTextReader();

/** What says nothing good counts as a complaint: it was sent as one. */
const polarity: Classify = (text) =>
  read(text).sentiment > 0 ? "satisfied" : "complaint";
/** Seller's fault or nothing: the labels know no other category. */
const category: Classify = (text) =>
  read(text).categories.includes("fault") ? "complaint" : "satisfied";

function judge(rows: readonly LabelledText[], say: Classify): Judged[] {
  return rows.map(({ text, label }) => ({ said: say(text), label }));
}

function classFigures(
  what: string,
  rows: readonly LabelledText[],
  ours: Classify,
  naive: Classify,
): Figure[] {
  const [mine, theirs] = [judge(rows, ours), judge(rows, naive)];
  const samples = rows.length;
  const baseline = (value: number): Pick<Figure, "limit"> => ({
    limit: { what: "naive keywords", value },
  });
  const of = "complaint";
  const [m, t] = [measuresOf(mine, of), measuresOf(theirs, of)];
  return [
    {
      ...{ name: `${what}: precision of complaints`, unit: "", samples },
      ...{ value: m.precision, ...baseline(t.precision) },
    },
    {
      ...{ name: `${what}: recall of complaints`, unit: "", samples },
      ...{ value: m.recall, ...baseline(t.recall) },
    },
    {
      ...{ name: `${what}: macro-F1`, unit: "", samples },
      ...{ value: macroF1(mine), ...baseline(macroF1(theirs)) },
    },
  ];
}

/** The second opinion, fitted on what is not judged. */
function challengerFigures(rows: ComplaintRows): Figure[] {
  const note = "character 2-3-grams, fitted in this run; not shipped";
  const ours = macroF1(judge(rows.held, polarity));
  const bayes = judge(rows.held, trainBayes(rows.seen));
  const subjects = judge(rows.newer, trainBayes(rows.older));
  return [
    {
      name: "polarity by naive Bayes: macro-F1",
      ...{ value: macroF1(bayes), unit: "", samples: rows.held.length },
      limit: { what: "the lexicon", value: ours },
      note,
    },
    {
      name: "seven subjects of letters by naive Bayes: macro-F1",
      ...{ value: macroF1(subjects), unit: "", samples: rows.newer.length },
      limit: {
        what: "naive keywords",
        value: macroF1(judge(rows.newer, naiveSubject)),
      },
      note,
    },
  ];
}

/** Consumers and citizens owe nothing: what is found of debtors is false. */
function falseAlarmFigures(rows: ComplaintRows): Figure[] {
  const texts = [...rows.held, ...rows.older, ...rows.newer];
  const found = texts.map(({ text }) => read(text).categories);
  return (["liquidity", "refusal"] as const).map((meaning) => ({
    name: `${meaning} found where nobody owes anything`,
    value:
      (found.filter((of) => of.includes(meaning)).length / texts.length) * 100,
    ...{ unit: "%", samples: texts.length },
  }));
}

const rounds = 7;

function speedFigures(texts: readonly string[]): Figure[] {
  // CPU time, so that what else runs on the machine does not count.
  const seconds = (run: () => void): number => {
    const began = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1e6;
  };
  const whole = (): void => {
    for (const text of texts) read(text);
  };
  whole();
  const speeds = Array.from(
    { length: rounds },
    () => texts.length / seconds(whole),
  );
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  const longest = "资金紧张,货款能不能缓一缓 "
    .repeat(600)
    .slice(0, readMaxChars);
  const slowest = Array.from(
    { length: rounds },
    () => seconds(() => read(longest)) * 1000,
  );
  return [
    {
      ...{ name: "texts read on one core", unit: "texts/s" },
      ...roundsOf(speeds),
      target: { atLeast: 20_000 },
      note: `${(chars / texts.length).toFixed(0)} characters on average, segmenter included, by CPU time`,
    },
    {
      ...{ name: "the longest text taken, full of terms", unit: "ms" },
      ...roundsOf(slowest),
      note: `${String(readMaxChars)} characters`,
    },
  ];
}

/** Ours, so that the speed is known without the data set. */
const ownTexts = [
  ...["发票金额开错了,请重开", "又发错货了,非常不满意,要求退货"],
  ...["最近资金紧张,货款能不能缓一缓", "再不处理我们就拒付,并发律师函"],
  ...["We are short of cash and need an extension", "Damaged again"],
];

export const complaintText: Benchmark = {
  name: "complaint-text",
  run: async () => {
    const rows = complaintRows();
    if (rows === null) {
      const name = "complaints_zh is not on this machine: labelled texts";
      return Promise.resolve([
        { name, value: 0, unit: "" },
        ...speedFigures(Array.from({ length: 2000 }, () => ownTexts).flat()),
      ]);
    }
    const reviews = [...rows.seen, ...rows.held].map(({ text }) => text);
    return Promise.resolve([
      ...classFigures("polarity", rows.held, polarity, naivePolarity),
      ...classFigures("category", rows.held, category, naiveCategory),
      ...challengerFigures(rows),
      ...falseAlarmFigures(rows),
      ...speedFigures(reviews),
    ]);
  },
};
