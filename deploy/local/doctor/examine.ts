/** Every check at once, then lag twice with a pause between. */
import { checkKafka } from "./check-kafka.ts";
import { checkService } from "./check-services.ts";
import {
  checkClickHouse,
  checkHome,
  checkRedis,
  checkRegistry,
  foldedRecords,
  storedRecords,
} from "./check-stores.ts";
import { judgeLag, whyOf, wrong, type Finding } from "./finding.ts";
import type { Places } from "./places.ts";

export interface ExamineOptions {
  /** Least free share of a disk, in per cent. */
  readonly diskPercent: number;
  /** Time between the two looks at the lag; 0 = no look. */
  readonly lagSeconds: number;
}

interface Lags {
  readonly processor: number;
  readonly historian: number;
}

/** Records behind now, or null where a server does not answer. */
async function readLags(places: Places): Promise<Lags | null> {
  const { namespace, redisUrl, clickhouseUrl, brokers } = places;
  const { logEnds } = await checkKafka(brokers, namespace);
  if (logEnds === null) return null;
  const end = [...logEnds.values()].reduce((sum, high) => sum + high, 0);
  const [folded, stored] = await Promise.all([
    foldedRecords(redisUrl, namespace),
    storedRecords(clickhouseUrl, namespace),
  ]);
  return { processor: end - folded, historian: end - stored };
}

async function checkLag(places: Places, seconds: number): Promise<Finding[]> {
  const before = await readLags(places);
  await new Promise((go) => setTimeout(go, seconds * 1000));
  const after = await readLags(places);
  if (before === null || after === null) return [];
  return (["processor", "historian"] as const).flatMap((name) => {
    const found = judgeLag("lag", name, {
      before: before[name],
      after: after[name],
      seconds,
    });
    return found ? [found] : [];
  });
}

/** A lag that cannot be read is a finding, too. */
async function lagFindings(
  places: Places,
  seconds: number,
): Promise<Finding[]> {
  try {
    return await checkLag(places, seconds);
  } catch (error) {
    const fix = "start the product once: it makes what is missing";
    return [wrong("lag", places.namespace, whyOf(error), fix)];
  }
}

/** All findings, also of what is well. */
export async function examine(
  places: Places,
  options: ExamineOptions,
): Promise<Finding[]> {
  const { diskPercent, lagSeconds } = options;
  const services = [...places.services];
  const [kafka, ...rest] = await Promise.all([
    checkKafka(places.brokers, places.namespace),
    checkRegistry(places.registryUrl),
    checkRedis(places.redisUrl),
    checkClickHouse(places.clickhouseUrl, diskPercent),
    checkHome(places.home, diskPercent),
    ...services.map(async ([name, url]) => checkService(name, url)),
  ]);
  const findings = [...kafka.findings, ...rest.flat()];
  const servers = new Set(["Kafka", "Redis", "ClickHouse"]);
  const reachable = findings.every(
    ({ part, state }) => state !== "down" || !servers.has(part),
  );
  if (lagSeconds > 0 && reachable && kafka.logEnds !== null) {
    findings.push(...(await lagFindings(places, lagSeconds)));
  }
  return findings;
}
