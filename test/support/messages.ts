/** A routing with one channel, set up as an operator of the servers does. */
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { receiverSecret } from "./notifier.ts";
import type { Product } from "./product.ts";
import { stack } from "./stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** Every alert goes alone and at once to the webhook `duty` at `url`. */
export async function routeTo(product: Product, url: string): Promise<void> {
  const file = join(product.home, "routing.yaml");
  const text = `
channels:
  - id: duty
    kind: webhook
    url: ${url}
    secret: ${receiverSecret}
    allowPrivate: true
route:
  receiver: team
  group_by: [alert_id]
  group_wait: 0s
  routes:
    - { matchers: ['severity="critical"'], receiver: team }
    - { matchers: ['severity=~"low|info"'], receiver: team, digest: true }
receivers:
  - { name: team, channels: [duty] }
`;
  writeFileSync(file, text);
  const notifier = new URL(product.wall);
  notifier.port = String(Number(notifier.port) + 103);
  await run(process.execPath, ["notifier/src/cli.ts", "apply", file], {
    cwd: root,
    env: {
      ...process.env,
      RISKWALL_HOME: product.home,
      RISKWALL_NAMESPACE: product.namespace,
      RISKWALL_NOTIFIER_URL: notifier.origin,
      RISKWALL_KAFKA_BROKERS: stack().brokers.join(","),
    },
  });
  rmSync(file);
}
