/** How much of the machine each service may take. */

export interface ProcessOptions {
  /** Of V8. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** See `ProcessSpec.nice`. */
  readonly nice: number;
}

const plain: ProcessOptions = { flags: [], env: {}, nice: 0 };

/**
 * The gateway streams bodies of any length: a small heap makes V8 collect
 * early, and keeps it below 256 MB while 100 MB pass through. Compiled code
 * from the cache holds what is never called, 14 MB of it: none here.
 */
export const gatewayOptions: ProcessOptions = {
  flags: ["--max-semi-space-size=8", "--max-old-space-size=512"],
  env: { NODE_DISABLE_COMPILE_CACHE: "1" },
  nice: 0,
};

/** What a batch makes dies young: a larger nursery is collected less often. */
const largeNursery = ["--max-semi-space-size=64"];

const byService: Readonly<Record<string, ProcessOptions>> = {
  ingest: gatewayOptions,
  processor: { ...plain, flags: largeNursery },
  // On a full machine the fold, and who waits for its answer, go first: history
  // catches up by itself (decision 0018).
  historian: { ...plain, flags: largeNursery, nice: 10 },
};

/** The sample is history, too, until it is live; then it sends little. */
export const sampleNice = 10;
export const clickhouseNice = 5;

/** By the service's name; plain ones for any other. */
export function optionsOf(service: string): ProcessOptions {
  return byService[service] ?? plain;
}
