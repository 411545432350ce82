/** The processor's HTTP port: customers as the same pure step sees them. */
import type {
  CustomerForecastView,
  CustomerView,
  ForecastView,
  GroupDetailView,
  GroupView,
} from "@riskwall/schemas";
import { z } from "zod";
import { partAway, Problem } from "../problem.ts";

const timeoutMs = 3000;
/** The forecast reads every customer; an answer is then kept a minute. */
const forecastTimeoutMs = 60_000;

export interface PartitionHealth {
  readonly partition: number;
  readonly halted: string | null;
}

export interface ForwardedAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface Processor {
  /** Null when there is no such customer; 503 when nobody answers. */
  customer: (id: string) => Promise<CustomerView | null>;
  /** Answer of a what-if or its problem, as it came; 503 when nobody answers. */
  whatIf: (id: string, query: string) => Promise<ForwardedAnswer>;
  /** Null when there is no such customer. */
  customerForecast: (id: string) => Promise<CustomerForecastView | null>;
  /** Expected cash of all; refuses with 422 a span that cannot be foretold. */
  forecast: (span: ForecastSpan) => Promise<ForecastView>;
  /** Groups with an id above `after`, in order of their ids. */
  groups: (after: string) => Promise<{
    readonly items: readonly GroupView[];
    readonly next: string | null;
  }>;
  /** Null when there is no such group. */
  group: (id: string) => Promise<GroupDetailView | null>;
  /** Partitions as the processor reports them; null when it is not there. */
  health: () => Promise<readonly PartitionHealth[] | null>;
}

/** `YYYY-MM-DD`; what is left out is the processor's default. */
export interface ForecastSpan {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly step: "day" | "week";
}

const refusalShape = z.object({ code: z.string(), title: z.string() });

const healthShape = z.object({
  partitions: z.array(
    z.object({ partition: z.number(), halted: z.string().nullable() }),
  ),
});

export function connectProcessor(baseUrl: string): Processor {
  const get = async (path: string, waitMs = timeoutMs): Promise<Response> =>
    fetch(`${baseUrl}${path}`, { signal: AbortSignal.timeout(waitMs) });
  /** Null = 404. */
  const ofCustomer = async (path: string): Promise<unknown> => {
    try {
      const reply = await get(path);
      if (reply.status === 404) {
        await reply.arrayBuffer();
        return null;
      }
      if (!reply.ok) throw new Error(`status ${String(reply.status)}`);
      return await reply.json();
    } catch (error) {
      throw partAway("processor", error);
    }
  };
  return {
    // Our own processor answers these types.
    customer: async (id) =>
      (await ofCustomer(
        `/v1/customers/${encodeURIComponent(id)}`,
      )) as CustomerView | null,
    customerForecast: async (id) =>
      (await ofCustomer(
        `/v1/customers/${encodeURIComponent(id)}/forecast`,
      )) as CustomerForecastView | null,
    groups: async (after) =>
      (await ofCustomer(
        `/v1/groups?${new URLSearchParams({ after }).toString()}`,
      )) as { items: GroupView[]; next: string | null },
    group: async (id) =>
      (await ofCustomer(
        `/v1/groups/${encodeURIComponent(id)}`,
      )) as GroupDetailView | null,
    forecast: async ({ from, to, step }) => {
      const query = new URLSearchParams({ step });
      if (from !== undefined) query.set("from", from);
      if (to !== undefined) query.set("to", to);
      const path = `/v1/forecast?${query.toString()}`;
      try {
        const reply = await get(path, forecastTimeoutMs);
        if (reply.status === 422) {
          const { code, title } = refusalShape.parse(await reply.json());
          throw new Problem(422, code, title);
        }
        if (!reply.ok) throw new Error(`status ${String(reply.status)}`);
        return (await reply.json()) as ForecastView;
      } catch (error) {
        throw error instanceof Problem ? error : partAway("processor", error);
      }
    },
    whatIf: async (id, query) => {
      try {
        const path = `/v1/customers/${encodeURIComponent(id)}/whatif${query}`;
        const reply = await get(path);
        if (reply.status >= 500) {
          throw new Error(`status ${String(reply.status)}`);
        }
        const type = reply.headers.get("content-type") ?? "application/json";
        return { status: reply.status, type, text: await reply.text() };
      } catch (error) {
        throw partAway("processor", error);
      }
    },
    health: async () => {
      const body: unknown = await get("/readyz").then(
        async (reply) => reply.json(),
        () => null,
      );
      const parsed = healthShape.safeParse(body);
      return parsed.success ? parsed.data.partitions : null;
    },
  };
}

/** True when a part answers a health request in time. */
export async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).then(
    async (reply) => {
      await reply.arrayBuffer();
      return reply.ok;
    },
    () => false,
  );
}
