/** Relays of a network namespace: `node relay.ts PORT=HOST:PORT ...`. */
import { startTcpProxy } from "../support/tcp-proxy.ts";

for (const pair of process.argv.slice(2)) {
  const [port = "", host = "", target = ""] = pair.split(/[=:]/);
  await startTcpProxy(
    { host, port: Number(target) },
    { host: "127.0.0.1", port: Number(port) },
  );
}
process.stdout.write("relaying\n");
