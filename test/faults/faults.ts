/** The faults that this version does (docs/faults.md names the others). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../support/stack.ts";
import { killNow, pause, type Fault, type Site } from "./fault.ts";
import { brokenImport, rollingRules } from "./release-faults.ts";
import { serverFaults } from "./server-faults.ts";
import { cutLink } from "./link-fault.ts";
import { registryAway } from "./registry-fault.ts";
import { timeFaults } from "./time-faults.ts";

/** Kills a role's process and waits for commits to go on. */
async function kill(site: Site, role: string): Promise<number> {
  await pause(500 + site.below(1500));
  killNow(site.pidOf(role));
  return site.nextCommit();
}

function logsOf(site: Site): string {
  return readdirSync(site.logs)
    .map((name) => readFileSync(join(site.logs, name), "utf8"))
    .join("\n");
}

/** Commits that the lease or the offset refused. */
function refused(text: string): number {
  return text.split('"claim is void"').length - 1;
}

const killProcessor: Fault = {
  number: 1,
  what: "kill -9 the only processor",
  times: 20,
  act: async (site) => kill(site, "processor"),
};

/** Dies by itself again and again, at the worst moment. */
function dying(number: number, at: string, what: string): Fault {
  return {
    ...{ number, what, times: 10 },
    env: { RISKWALL_DIE_AT: at, RISKWALL_DIE_AFTER: "20" },
    act: async (site) => {
      const pid = site.pidOf("processor");
      await waitFor(() => site.pidOf("processor") !== pid, {
        timeoutMs: 60_000,
      });
      return site.nextCommit();
    },
  };
}

let zombieRefused = 0;

const zombie: Fault = {
  number: 4,
  what: "SIGSTOP one of two processors for two sessions, then SIGCONT",
  times: 2,
  act: async (site) => {
    const other = await site.addProcessor();
    await site.nextCommit();
    // Stopped in the middle of its work: it still wants to commit afterwards.
    await site.sendAgain();
    process.kill(other.pid, "SIGSTOP");
    await pause(13_000);
    const took = await site.nextCommit();
    process.kill(other.pid, "SIGCONT");
    await waitFor(() => other.log().split('"joined"').length > 2, {
      timeoutMs: 60_000,
    });
    await other.stop();
    zombieRefused += refused(other.log());
    return took;
  },
  problem: async () =>
    Promise.resolve(
      zombieRefused > 0 ? null : "no commit of the zombie was refused",
    ),
};

const rolling: Fault = {
  number: 5,
  what: "rolling SIGTERM of two further processors",
  times: 3,
  act: async (site) => {
    const others = [await site.addProcessor(), await site.addProcessor()];
    site.longestPause();
    for (const other of others) {
      await other.stop();
      await site.nextCommit();
    }
    const void_ = others.reduce((sum, { log }) => sum + refused(log()), 0);
    if (void_ > 0) throw new Error(`${String(void_)} commits were refused`);
    return site.longestPause();
  },
};

const redis: Fault = {
  number: 7,
  what: "kill -9 Redis (AOF everysec), restarted by the supervisor",
  times: 10,
  act: async (site) => kill(site, "redis"),
};

const broker: Fault = {
  number: 12,
  what: "kill -9 the broker, restarted by the supervisor",
  times: 5,
  act: async (site) => kill(site, "kafka"),
};

const history: Fault = {
  number: 15,
  what: "kill -9 ClickHouse, and the historian after it",
  times: 5,
  act: async (site) => {
    await pause(500 + site.below(1500));
    killNow(site.pidOf("clickhouse"));
    await pause(site.below(1000));
    killNow(site.pidOf("historian"));
    return site.nextCommit();
  },
};

const silentHistory: Fault = {
  number: 16,
  what: "ClickHouse answers nothing for 30 s (the design says 5 min)",
  times: 1,
  act: async (site) => {
    const pid = site.pidOf("clickhouse");
    process.kill(pid, "SIGSTOP");
    site.longestPause();
    await pause(30_000);
    const longest = site.longestPause();
    process.kill(pid, "SIGCONT");
    return longest;
  },
  problem: async (site) => {
    const text = logsOf(site);
    return Promise.resolve(
      text.includes('"consumer crashed"') ? "a consumer crashed" : null,
    );
  },
};

const storm: Fault = {
  number: 6,
  what: "a second processor joins or leaves every 3 s",
  times: 5,
  act: async (site) => {
    const other = await site.addProcessor();
    await pause(3000);
    await other.stop();
    await pause(3000);
    return site.nextCommit();
  },
};

export const faults: readonly Fault[] = [
  killProcessor,
  dying(2, "after-send", "dies between acknowledged outputs and the commit"),
  dying(3, "after-commit", "dies right after the commit"),
  zombie,
  rolling,
  storm,
  redis,
  broker,
  history,
  silentHistory,
  ...serverFaults,
  ...timeFaults,
  cutLink,
  registryAway,
  rollingRules,
  brokenImport,
].toSorted((a, b) => a.number - b.number);
