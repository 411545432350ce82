/** Work that must not overlap: one after the other, in the order it came. */
export interface Turns {
  take: <Done>(work: () => Promise<Done>) => Promise<Done>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: async (work) => {
      const mine = last.then(work);
      // The next turn comes whatever became of this one; its caller is told.
      last = mine.then(
        () => undefined,
        () => undefined,
      );
      return mine;
    },
  };
}
