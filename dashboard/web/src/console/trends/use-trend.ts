import {
  computed,
  onMounted,
  ref,
  watch,
  type ComputedRef,
  type Ref,
} from "vue";
import { api, withQuery, type Page } from "../../api/api.ts";
import type { TrendMark, TrendSeries } from "../../charts/trend-chart.ts";
import {
  stepFor,
  trendMetrics,
  trendSteps,
  type TrendMetric,
} from "../../charts/trend-metrics.ts";
import { dateOnly } from "../../format.ts";
import { useAddress } from "../../use-address.ts";
import { useAnswer, type Answer } from "../../use-answer.ts";
import type { TrendStep } from "./trend-rows.ts";

interface Trend {
  readonly series: readonly TrendSeries[];
  /** True when smaller series were left out. */
  readonly truncated?: boolean;
}

/** The question of the page, in the address. */
export interface TrendQuestion {
  readonly metric: string;
  readonly by: string;
  readonly step: TrendStep;
  /** Length of the range that ends now; used where `from` is empty. */
  readonly days: number;
  /** Days, `YYYY-MM-DD`; both or none. */
  readonly from: string;
  readonly to: string;
  readonly compare: string;
  readonly customer: string;
  /** Names of series, comma separated; empty = all. */
  readonly only: string;
}

const dayMs = 86_400_000;

function isStep(text: string): text is TrendStep {
  return trendSteps.some((step) => step === text);
}

export interface TrendState {
  readonly question: ComputedRef<TrendQuestion>;
  readonly known: ComputedRef<TrendMetric>;
  readonly set: (change: Readonly<Record<string, string>>) => void;
  readonly trend: Answer<Trend>;
  readonly marks: ComputedRef<readonly TrendMark[]>;
  /** Range asked last, ms. */
  readonly range: Ref<{ readonly from: number; readonly to: number }>;
  /** From the compared span to the one shown, ms. */
  readonly shiftMs: ComputedRef<number>;
  /** Path of the customers behind a span of a series. */
  readonly drillPath: (
    span: { readonly from: number; readonly to: number },
    series: string,
  ) => string;
}

function instants(it: TrendQuestion): { from: number; to: number } {
  if (it.from === "" || it.to === "") {
    const to = Date.now();
    return { from: to - it.days * dayMs, to };
  }
  const begin = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);
  return { from: begin(it.from), to: begin(it.to) + dayMs };
}

/** Question, answer and annotations of the page; ends with its scope. */
export function useTrend(): TrendState {
  const { given, keep } = useAddress();
  const question = computed<TrendQuestion>(() => {
    const metric = given("metric", "events");
    const days = Number(given("days", "30")) || 30;
    const step = given("step");
    return {
      metric: metric in trendMetrics ? metric : "events",
      by: given("by", "none"),
      step: isStep(step) ? step : stepFor(days),
      days,
      ...{ from: given("from"), to: given("to") },
      ...{ compare: given("compare"), customer: given("customer") },
      only: given("only"),
    };
  });
  const known = computed(
    () =>
      trendMetrics[question.value.metric] ??
      ({ by: [], kind: "sums", unit: "count" } as const),
  );
  const range = ref({ from: 0, to: 0 });
  const fields = (): Record<string, string> => {
    const { metric, by, step, customer, only } = question.value;
    return { metric, by, step, customer, only };
  };
  const iso = (ms: number): string => new Date(ms).toISOString();
  const trend = useAnswer<Trend>(async (signal) => {
    const span = instants(question.value);
    const answer = await api<Trend>(
      withQuery("/api/trends", {
        ...fields(),
        ...{ from: iso(span.from), to: iso(span.to) },
        compare: question.value.compare,
      }),
      { signal },
    );
    range.value = span;
    return answer;
  });
  const marks = useAnswer<Page<TrendMark>>((signal) => {
    const { from, to } = instants(question.value);
    const { customer } = question.value;
    return api(
      withQuery("/api/trends/annotations", {
        ...{ from: iso(from), to: iso(to), customer },
      }),
      { signal },
    );
  });
  const load = (): Promise<unknown> =>
    Promise.all([trend.load(), marks.load()]);
  onMounted(load);
  watch(
    () => JSON.stringify(question.value),
    () => void load(),
  );
  return {
    ...{ question, known, trend, range },
    marks: computed(() => marks.value.value?.items ?? []),
    set: keep,
    shiftMs: computed(() =>
      question.value.compare === "year"
        ? 365 * dayMs
        : range.value.to - range.value.from,
    ),
    drillPath: ({ from, to }, series) =>
      withQuery("/api/trends/customers", {
        ...fields(),
        ...{ from: iso(from), to: iso(to) },
        // A trend without break-down has one series without a name.
        only: series === question.value.metric ? "" : series,
      }),
  };
}

/** First and last day of a span, for the addresses of other pages. */
export function daysOf(span: { readonly from: number; readonly to: number }): {
  readonly from: string;
  readonly to: string;
} {
  return { from: dateOnly(span.from), to: dateOnly(span.to - 1) };
}
