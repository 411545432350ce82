/** A replica of a Redis server, behind a link that can be cut. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freeBase, planPorts } from "../../deploy/local/ports.ts";
import { waitFor } from "../support/stack.ts";
import {
  startTcpProxy,
  type Target,
  type TcpProxy,
} from "../support/tcp-proxy.ts";

export interface Replica {
  readonly at: Target;
  readonly client: Redis;
  /** What it hears of its primary comes through here. */
  readonly link: TcpProxy;
  readonly stop: () => Promise<void>;
}

/** True when a replica's link to its primary stands. */
export function isUp(replication: string): boolean {
  return (
    replication.includes("master_link_status:up") &&
    replication.includes("master_sync_in_progress:0")
  );
}

/** Starts a replica and waits until it has everything. */
export async function startReplica(primary: Target): Promise<Replica> {
  const link = await startTcpProxy(primary);
  const dir = mkdtempSync(join(tmpdir(), "riskwall-replica-"));
  const at = { host: "127.0.0.1", port: planPorts(await freeBase()).redis };
  const settings = {
    ...{ port: at.port, bind: at.host, dir, save: "", appendonly: "no" },
    "maxmemory-policy": "noeviction",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const child = spawn("redis-server", args, { stdio: "ignore" });
  const client = new Redis(at.port, at.host);
  // The first commands report what is wrong.
  client.on("error", () => undefined);
  await client.replicaof("127.0.0.1", link.port);
  await waitFor(async () => isUp(await client.info("replication")), {
    timeoutMs: 30_000,
  });
  return {
    ...{ at, client, link },
    stop: async () => {
      client.disconnect();
      await new Promise((done) => {
        child.once("exit", done);
        child.kill("SIGKILL");
      });
      await link.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
