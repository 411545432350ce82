/** The processor of a test namespace, and orders for it to fold. */
import { onTestFinished } from "vitest";
import type { TestNamespace, TestRecord } from "./namespace.ts";
import { startService, type Service } from "./service.ts";
import { stack } from "./stack.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export interface ProcessorOptions {
  /** Between the processor and Redis. */
  readonly proxy?: TcpProxy;
  /** Between the processor and the schema registry. */
  readonly registry?: TcpProxy;
  readonly unready?: boolean;
  /** The fold throws at every record of this customer. */
  readonly failCustomer?: string;
}

export async function startProcessor(
  namespace: string,
  { proxy, registry, unready = false, failCustomer }: ProcessorOptions = {},
): Promise<Service> {
  return startService({
    entry: "processor/src/main.ts",
    portVariable: "RISKWALL_PROCESSOR_PORT",
    env: {
      RISKWALL_NAMESPACE: namespace,
      RISKWALL_SESSION_MS: "3000",
      LOG_LEVEL: "info",
      ...(proxy
        ? { RISKWALL_REDIS_URL: `redis://127.0.0.1:${String(proxy.port)}` }
        : {}),
      ...(registry ? { RISKWALL_REGISTRY_URL: through(registry) } : {}),
      ...(failCustomer === undefined
        ? {}
        : { RISKWALL_FAIL_CUSTOMER: failCustomer }),
    },
    unready,
  });
}

/** The registry's URL by way of a proxy. */
function through(registry: TcpProxy): string {
  const { pathname } = new URL(stack().registryUrl);
  return `http://127.0.0.1:${String(registry.port)}${pathname}`;
}

/** A proxy before the real Redis, closed with the test. */
export async function redisProxy(): Promise<TcpProxy> {
  return proxyBefore(stack().redisUrl);
}

/** A proxy before the real schema registry, closed with the test. */
export async function registryProxy(): Promise<TcpProxy> {
  return proxyBefore(stack().registryUrl);
}

async function proxyBefore(address: string): Promise<TcpProxy> {
  const url = new URL(address);
  const proxy = await startTcpProxy({
    host: url.hostname,
    port: Number(url.port),
  });
  onTestFinished(async () => proxy.close());
  return proxy;
}

export interface OrderRun {
  /** Number of the first order; the same number is the same event. */
  readonly from: number;
  readonly count: number;
  readonly customers: number;
}

/** Orders in turn over the customers, one in 97 of them forty times as large. */
export function orderRecords(
  ns: TestNamespace,
  { from, count, customers }: OrderRun,
): TestRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const customerId = `C-${String(n % customers)}`;
    return {
      topic: ns.topics.events,
      key: customerId,
      record: {
        name: "OrderPlaced",
        value: {
          eventId: `e-${String(n)}`,
          source: "orders",
          time: Date.now(),
          historical: false,
          customerId,
          orderId: `O-${String(n)}`,
          amount: 10_000 + ((n * 7919) % 50_000) * (n % 97 === 0 ? 40 : 1),
          currency: "CNY",
          dueDate: null,
          termsDays: 30,
          channel: null,
          shipTo: null,
          lines: null,
          insured: false,
          buyer: null,
        },
      },
    };
  });
}
