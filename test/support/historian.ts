/** The historian of a test namespace, optionally behind a proxy. */
import { startService, type Service } from "./service.ts";
import { stack } from "./stack.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { onTestFinished } from "vitest";

export async function startHistorian(
  namespace: string,
  options: { readonly proxy?: TcpProxy; readonly unready?: boolean } = {},
): Promise<Service> {
  const { proxy, unready = false } = options;
  const env: Record<string, string> = { RISKWALL_NAMESPACE: namespace };
  if (proxy) {
    env["RISKWALL_CLICKHOUSE_URL"] = `http://127.0.0.1:${String(proxy.port)}`;
  }
  return startService({
    entry: "processor/src/history/main.ts",
    portVariable: "RISKWALL_HISTORIAN_PORT",
    env,
    unready,
  });
}

/** A proxy before the real ClickHouse, closed with the test. */
export async function clickhouseProxy(): Promise<TcpProxy> {
  const url = new URL(stack().clickhouseUrl);
  const proxy = await startTcpProxy({
    host: url.hostname,
    port: Number(url.port),
  });
  onTestFinished(async () => proxy.close());
  return proxy;
}
