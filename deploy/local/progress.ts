/** One line per step on stderr: what, and how long it took. */
export async function step<T>(
  what: string,
  work: () => Promise<T> | T,
): Promise<T> {
  const started = performance.now();
  const seconds = (): string =>
    ((performance.now() - started) / 1000).toFixed(1);
  const alive = setInterval(() => {
    process.stderr.write(`  … ${what}, ${seconds()} s\n`);
  }, 10_000);
  try {
    const result = await work();
    process.stderr.write(`  ✓ ${what}, ${seconds()} s\n`);
    return result;
  } catch (error) {
    process.stderr.write(`  ✗ ${what}, ${seconds()} s\n`);
    throw error;
  } finally {
    clearInterval(alive);
  }
}
