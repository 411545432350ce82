/**
 * kafkajs sets one negative timer on Node 24, which Node reports once; that
 * warning alone is dropped, by name, and every other is printed.
 */
export function dropNegativeTimerWarning(): void {
  const print = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "TimeoutNegativeWarning") return;
    for (const listener of print) listener(warning);
  });
}
