/** The queue in IndexedDB: one value, changed in one transaction. */
import type { Queue } from "./act-queue.ts";
import type { QueueStore } from "./queue-sender.ts";

const databaseName = "riskwall-phone";
const storeName = "queue";
const onlyKey = "acts";

async function openDatabase(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(storeName);
    };
    request.onsuccess = () => {
      done(request.result);
    };
    request.onerror = () => {
      fail(new Error("no place for the queue", { cause: request.error }));
    };
  });
}

/** Resolves once the change is on the disk; tabs take turns. */
async function changeIn(
  database: IDBDatabase,
  update: (queue: Queue) => Queue,
): Promise<Queue> {
  return new Promise((done, fail) => {
    const transaction = database.transaction(storeName, "readwrite", {
      durability: "strict",
    });
    const store = transaction.objectStore(storeName);
    const request = store.get(onlyKey);
    let queue: Queue = [];
    request.onsuccess = () => {
      // Written below and by nobody else.
      const held = (request.result ?? []) as Queue;
      queue = update(held);
      // A plain copy: the store takes no reactive objects.
      if (queue !== held) store.put(structuredClone(queue), onlyKey);
    };
    transaction.oncomplete = () => {
      done(queue);
    };
    const refuse = (): void => {
      fail(new Error("the queue was not kept", { cause: transaction.error }));
    };
    transaction.onerror = refuse;
    transaction.onabort = refuse;
  });
}

export async function openQueueKeeper(): Promise<QueueStore> {
  const database = await openDatabase();
  return { change: async (update) => changeIn(database, update) };
}
