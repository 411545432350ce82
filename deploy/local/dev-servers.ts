/** Only the four servers, in the foreground: `node dev-servers.ts HOME BASE`. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { planPorts } from "./ports.ts";
import { startServers } from "./servers.ts";
import { createSupervisor } from "./supervisor.ts";

const home = resolve(process.argv[2] ?? ".riskwall");
const ports = planPorts(Number(process.argv[3] ?? 4000));
mkdirSync(home, { recursive: true });
const supervisor = createSupervisor(home, (line) => {
  process.stderr.write(`  ${line}\n`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void supervisor.stop().then(() => process.exit(0));
  });
}
const none = {
  brokers: undefined,
  registryUrl: undefined,
  redisUrl: undefined,
  clickhouseUrl: undefined,
};
try {
  const endpoints = await startServers(home, ports, none, supervisor);
  process.stdout.write(`servers ready ${JSON.stringify(endpoints)}\n`);
} catch (error) {
  await supervisor.stop();
  throw error;
}
