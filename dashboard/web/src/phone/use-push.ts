/** Pushes to this browser: whether they can be, turning them on, trying them. */
import { onBeforeUnmount, ref, shallowRef, type Ref } from "vue";
import { api, ApiProblem } from "../api/api.ts";

/** `sent`: accepted by the push service; `shown`: it has come back to here. */
export type PushNote =
  | "unsupported"
  | "push_off"
  | "denied"
  | "failed"
  | "sent"
  | "shown"
  | { readonly refused: string };

interface Known {
  readonly publicKey: string;
  readonly items: readonly { readonly browserId: string }[];
}
interface Tried {
  readonly outcome: { readonly kind: string; readonly why?: string };
}

export interface BrowserPush {
  readonly isOn: Ref<boolean>;
  readonly busy: Ref<boolean>;
  readonly note: Ref<PushNote | null>;
  readonly turnOn: () => Promise<void>;
  readonly turnOff: () => Promise<void>;
  /** Says which step failed: permission, subscription, provider, device. */
  readonly test: () => Promise<void>;
}

/** In-app browsers and plain HTTP have none of it. */
export function isPushSupported(): boolean {
  return (
    "serviceWorker" in navigator &&
    "PushManager" in globalThis &&
    "Notification" in globalThis
  );
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

/** A name that a person knows the browser by. */
function browserName(): string {
  const { userAgent } = navigator;
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(userAgent);
  const browser = /Edg|Firefox|Chrome|Safari/.exec(userAgent);
  return `${browser?.[0] ?? "?"} ${system?.[0] ?? ""}`.trim();
}

function noteOf(error: unknown): PushNote {
  if (error instanceof ApiProblem) {
    return error.code === "push_off" ? "push_off" : { refused: error.message };
  }
  // What the browser says when its push service does not take part.
  if (error instanceof DOMException) {
    return error.name === "NotAllowedError" ? "denied" : "failed";
  }
  throw error;
}

async function subscription(
  registration: ServiceWorkerRegistration,
  publicKey: string,
): Promise<PushSubscription> {
  const wanted = bytesOf(publicKey);
  const known = await registration.pushManager.getSubscription();
  const key = known?.options.applicationServerKey;
  const isSame =
    key != null && new Uint8Array(key).every((byte, i) => byte === wanted[i]);
  if (known && isSame) return known;
  // Made for another key of ours: push services would refuse it.
  await known?.unsubscribe();
  return registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: wanted,
  });
}

async function register(publicKey: string): Promise<string> {
  const registration = await navigator.serviceWorker.ready;
  const { endpoint, keys } = (
    await subscription(registration, publicKey)
  ).toJSON();
  const body = { name: browserName(), endpoint, keys };
  const made = await api<{ readonly browserId: string }>("/api/push/browsers", {
    method: "PUT",
    body,
  });
  return made.browserId;
}

const kept = "riskwall-push-browser";

export function useBrowserPush(): BrowserPush {
  const browserId = shallowRef(localStorage.getItem(kept));
  const isOn = ref(browserId.value !== null);
  const busy = ref(false);
  const note = ref<PushNote | null>(isPushSupported() ? null : "unsupported");

  const keep = (id: string | null): void => {
    browserId.value = id;
    isOn.value = id !== null;
    if (id === null) localStorage.removeItem(kept);
    else localStorage.setItem(kept, id);
  };
  const work = async (task: () => Promise<PushNote | null>): Promise<void> => {
    busy.value = true;
    note.value = null;
    try {
      note.value = await task();
    } catch (error) {
      note.value = noteOf(error);
    } finally {
      busy.value = false;
    }
  };
  const path = (): string =>
    `/api/push/browsers/${encodeURIComponent(browserId.value ?? "")}`;
  const onMessage = (event: MessageEvent): void => {
    if (event.data === "push-shown") note.value = "shown";
  };
  if (isPushSupported()) {
    navigator.serviceWorker.addEventListener("message", onMessage);
    onBeforeUnmount(() => {
      navigator.serviceWorker.removeEventListener("message", onMessage);
    });
  }
  return {
    ...{ isOn, busy, note },
    turnOn: async () =>
      work(async () => {
        // Asked first of all: browsers want it to follow the tap at once.
        const answer = await Notification.requestPermission();
        if (answer !== "granted") return "denied";
        const { publicKey } = await api<Known>("/api/push");
        keep(await register(publicKey));
        return null;
      }),
    turnOff: async () =>
      work(async () => {
        const registration = await navigator.serviceWorker.ready;
        const known = await registration.pushManager.getSubscription();
        await known?.unsubscribe();
        try {
          await api(path(), { method: "DELETE" });
        } catch (error) {
          // Removed already, from elsewhere or because it was gone.
          const isGone = error instanceof ApiProblem && error.status === 404;
          if (!isGone) throw error;
        }
        keep(null);
        return null;
      }),
    test: async () =>
      work(async () => {
        if (Notification.permission !== "granted") return "denied";
        try {
          const { outcome } = await api<Tried>(`${path()}/test`, {
            ...{ method: "POST", body: {} },
          });
          if (outcome.kind !== "ok") {
            return { refused: outcome.why ?? outcome.kind };
          }
          // It may have come back sooner than the answer.
          return note.value === "shown" ? "shown" : "sent";
        } catch (error) {
          const isGone = error instanceof ApiProblem && error.status === 404;
          if (isGone) keep(null);
          throw error;
        }
      }),
  };
}
