/** The two pages of the phone and the way between them: the address decides. */
import { readonly, shallowRef, type Ref } from "vue";

const alertPath = /^\/m\/a\/([^/]+)$/;

/** The alert a path is about; null: the list. */
export function alertOfPath(path: string): string | null {
  const id = alertPath.exec(path)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

export interface MessageLink {
  readonly token: string;
  /** The message that brought it. */
  readonly delivery: string | null;
}

/** What a message's link carries, which no server on the way has seen. */
export function linkOfHash(hash: string): MessageLink | null {
  const [, token, delivery = null] =
    /^#(rw_alert_[\w-]{1,100})(?:\.(msg_[\w-]{1,60}))?$/.exec(hash) ?? [];
  return token === undefined ? null : { token, delivery };
}

export function pathOfAlert(alertId: string | null): string {
  return alertId === null ? "/m" : `/m/a/${encodeURIComponent(alertId)}`;
}

export interface Place {
  /** The open alert; null: the list. */
  readonly alertId: Readonly<Ref<string | null>>;
  readonly go: (alertId: string | null) => void;
}

/** Follows the address for as long as the page lives. */
export function followPlace(): Place {
  const alertId = shallowRef(alertOfPath(location.pathname));
  /** Steps of ours that "back" can undo. */
  let depth = 0;
  addEventListener("popstate", () => {
    depth = Math.max(0, depth - 1);
    alertId.value = alertOfPath(location.pathname);
  });
  return {
    alertId: readonly(alertId),
    go: (next) => {
      if (next === null && depth > 0) {
        history.back();
        return;
      }
      depth += 1;
      history.pushState(null, "", `${pathOfAlert(next)}${location.search}`);
      alertId.value = next;
    },
  };
}
