/** The processor's HTTP port: customers as the same pure step sees them. */
import type { CustomerView } from "@riskwall/schemas";
import { z } from "zod";
import { partAway } from "../problem.ts";

const timeoutMs = 3000;

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
  /** Partitions as the processor reports them; null when it is not there. */
  health: () => Promise<readonly PartitionHealth[] | null>;
}

const healthShape = z.object({
  partitions: z.array(
    z.object({ partition: z.number(), halted: z.string().nullable() }),
  ),
});

export function connectProcessor(baseUrl: string): Processor {
  const get = async (path: string): Promise<Response> =>
    fetch(`${baseUrl}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
  return {
    customer: async (id) => {
      try {
        const reply = await get(`/v1/customers/${encodeURIComponent(id)}`);
        if (reply.status === 404) {
          await reply.arrayBuffer();
          return null;
        }
        if (!reply.ok) throw new Error(`status ${String(reply.status)}`);
        // Our own processor answers this type.
        return (await reply.json()) as CustomerView;
      } catch (error) {
        throw partAway("processor", error);
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
