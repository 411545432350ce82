/** Drops kafkajs's one negative-timer warning on Node 24, by name alone. */
export function dropNegativeTimerWarning(): void {
  const print = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "TimeoutNegativeWarning") return;
    for (const listener of print) listener(warning);
  });
}
