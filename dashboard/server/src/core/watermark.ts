/**
 * Up to which instant the log is known to be read (ux 2.4): the time of the
 * latest sample whose ends the processor has passed and whose outputs this
 * server has consumed. A quiet log is therefore always up to date.
 */

/** Samples kept at most: ten minutes at one per second. */
export const samplesMax = 600;

export interface Sample {
  /** When the log's ends were asked, ms. */
  readonly at: number;
  /** End of the log per partition, asked at `at`. */
  readonly ends: readonly number[];
  /** The processor's next offset per partition, read after `ends`. */
  readonly next: readonly number[];
  /** Ends of the output topics, asked after `next`; any fixed order. */
  readonly outputEnds: readonly number[];
  /** What this server has consumed of them, same order, read last. */
  readonly consumed: readonly number[];
}

export interface WatermarkTracker {
  /** Takes a sample and answers the watermark, ms; it never goes back. */
  sample: (sample: Sample) => number;
}

const reached = (have: readonly number[], want: readonly number[]): boolean =>
  want.every((end, i) => (have[i] ?? 0) >= end);

/** `start`: what is known to be read before the first sample, ms. */
export function createWatermark(start: number): WatermarkTracker {
  const samples: Sample[] = [];
  let watermark = start;
  return {
    sample: (sample) => {
      samples.push(sample);
      if (samples.length > samplesMax) samples.shift();
      const seen = samples.findLast((item) =>
        reached(sample.consumed, item.outputEnds),
      );
      if (!seen) return watermark;
      const read = samples.findLast((item) => reached(seen.next, item.ends));
      if (!read) return watermark;
      watermark = Math.max(watermark, read.at);
      samples.splice(0, Math.min(samples.indexOf(read), samples.indexOf(seen)));
      return watermark;
    },
  };
}
