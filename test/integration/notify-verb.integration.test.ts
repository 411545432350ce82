/** `./riskwall notify` as an operator uses it: apply, who, test, dead, resend. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { testNamespace } from "../support/namespace.ts";
import {
  raise,
  receiverSecret,
  startNotifier,
  startReceiver,
} from "../support/notifier.ts";
import { testHome } from "../support/service.ts";
import { stack, waitFor } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

test("a routing from a file is in force, and what failed is sent again", async () => {
  const space = await testNamespace();
  const notifier = await startNotifier(space);
  const receiver = await startReceiver();
  const folder = mkdtempSync(join(tmpdir(), "riskwall-notify-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const notify = async (...args: readonly string[]): Promise<Ran> =>
    new Promise((done) => {
      const env = {
        ...process.env,
        RISKWALL_HOME: testHome(),
        RISKWALL_NOTIFIER_URL: notifier.url,
        RISKWALL_KAFKA_BROKERS: stack().brokers.join(","),
        RISKWALL_NAMESPACE: space.namespace,
      };
      const child = execFile(
        process.execPath,
        ["notifier/src/cli.ts", ...args],
        { cwd: root, env },
        (_, stdout, stderr) => {
          done({ code: child.exitCode ?? -1, stdout, stderr });
        },
      );
    });
  const fileOf = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  const wrong = await notify(
    "apply",
    fileOf(
      "wrong.yaml",
      "route: { receiver: nobody }\nreceivers:\n  - { name: team, channels: [gone] }\n",
    ),
  );
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("nobody");
  expect(wrong.stderr).toContain("gone");

  const routing = fileOf(
    "routing.yaml",
    `
channels:
  - id: duty
    kind: webhook
    url: ${receiver.url}
    secret: ${receiverSecret}
    allowPrivate: true
    language: en
route:
  receiver: team
  group_by: [alert_id]
  group_wait: 0s
receivers:
  - { name: team, channels: [duty] }
`,
  );
  const tried = await notify("apply", routing, "--dry-run");
  expect(tried).toMatchObject({ code: 0 });
  expect((await notify("channels")).stdout).not.toContain('"duty"');
  expect(await notify("apply", routing)).toMatchObject({ code: 0 });
  await waitFor(async () =>
    (await notify("channels")).stdout.includes('"duty"'),
  );
  const who = await notify("who", "--severity", "critical");
  expect(who.code).toBe(0);
  expect(who.stdout).toContain('"duty"');

  receiver.statuses.splice(0, 1, 400, 200);
  await waitFor(async () => {
    const reply = await fetch(`${notifier.url}/readyz`);
    return (await reply.text()).includes('"routing":true');
  });
  await raise(space, 1, { alertId: "a-1", severity: "critical" });
  const dead = await waitFor(async () => {
    const { stdout } = await notify("dead");
    const { items } = JSON.parse(stdout) as {
      readonly items: readonly { readonly id: string }[];
    };
    return items[0] ?? null;
  });
  expect(receiver.received).toHaveLength(1);
  expect(await notify("resend", dead.id)).toMatchObject({ code: 0 });
  await waitFor(() => receiver.received.length === 2);
  expect(new Set(receiver.received.map(({ id }) => id))).toEqual(
    new Set([dead.id]),
  );
  await waitFor(async () =>
    (await notify("deliveries", "a-1")).stdout.includes('"accepted"'),
  );
  expect(await notify("resend", dead.id)).toMatchObject({ code: 1 });

  const sent = await notify("test", "duty");
  expect(sent.code).toBe(0);
  expect(sent.stdout).not.toContain(receiverSecret);
});
