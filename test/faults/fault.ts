/** What a fault is, and what it finds to work with. */
import type { BenchNamespace } from "../bench/bench-namespace.ts";
import type { Product } from "../support/product.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import type { ExtraProcessor, ProcessorPlace } from "./extra-processor.ts";

export interface Site {
  readonly space: BenchNamespace;
  /** Log folder of the product's own services. */
  readonly logs: string;
  /** The product's processes by role, as `ownProcesses` names them. */
  readonly pidOf: (role: string) => number;
  /** Starts one more processor in the same group. */
  readonly addProcessor: (place?: ProcessorPlace) => Promise<ExtraProcessor>;
  /** Waits until some partition commits beyond where it stood; ms it took. */
  readonly nextCommit: () => Promise<number>;
  /** Longest pause of any partition's commits since the last call, ms. */
  readonly longestPause: () => number;
  /** The processor's own port. */
  readonly processorUrl: string;
  readonly product: Product;
  /** What a service has logged. */
  readonly logOf: (name: string) => string;
  /** Between the product and Redis, where the fault is `proxied`. */
  readonly proxy: TcpProxy;
  /** Appends what was sent last once more, in another order. */
  readonly sendAgain: () => Promise<void>;
  /** From now on events happen so much ahead of this machine's clock, ms. */
  readonly runAhead: (ms: number) => void;
  /** Appends so many events that happened `agoMs` ago. */
  readonly sendOld: (agoMs: number, count: number) => Promise<void>;
  /** A whole number below `n`, of the run's seed. */
  readonly below: (n: number) => number;
}

/** What goes on beside a fault. */
export interface Load {
  readonly eventsPerSecond: number;
  readonly customers: number;
}

/** What a fault needs before the product starts. */
export interface Ground {
  /** Environment of the product's services, besides the fault's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export interface Fault {
  /** Number in the list of the design (reliability 3). */
  readonly number: number;
  readonly what: string;
  /** How often it is done in a run. */
  readonly times: number;
  /** Environment of the product's services. */
  readonly env?: Readonly<Record<string, string>>;
  /** Done before the product starts; closed when it has ended. */
  readonly prepare?: (space: BenchNamespace) => Promise<Ground>;
  /** Default: 2,000 events/s of 2,000 customers. */
  readonly load?: Load;
  /** True: the product reaches Redis through `Site.proxy`. */
  readonly proxied?: boolean;
  /** Does it once, under load; answers ms until commits go on, null = none. */
  readonly act: (site: Site) => Promise<number | null>;
  /** When all is folded and stored: what of the extra criterion does not hold. */
  readonly problem?: (site: Site) => Promise<string | null>;
}

/** Time that a fault lasts; what is waited for has `waitFor`. */
export async function pause(ms: number): Promise<void> {
  await new Promise((go) => setTimeout(go, ms));
}

/** Ends one process by id, at once. */
export function killNow(pid: number): void {
  process.kill(pid, "SIGKILL");
}
