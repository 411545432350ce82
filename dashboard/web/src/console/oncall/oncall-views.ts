/** Answers of `/api/oncall`, as the page reads them. */
export interface Quality {
  readonly score: number;
  readonly reasons: readonly {
    readonly code: string;
    readonly points: number;
    readonly value: number;
  }[];
}

export interface Watch {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** Null: nobody is on call. */
  readonly person: string | null;
  readonly personName: string | null;
  readonly by: "rotation" | "override" | "swap" | "gap";
  /** Null: no hand-over is in sight. */
  readonly until: string | null;
  readonly next: { readonly personName: string | null } | null;
  readonly quality: Quality;
}

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface OncallNow {
  readonly items: readonly Watch[];
  readonly people: readonly Person[];
  /** People of the file that the signed-in user is. */
  readonly mine: readonly string[];
}

export interface Shift {
  readonly from: string;
  readonly to: string;
  readonly person: string | null;
  readonly personName: string | null;
  readonly by: Watch["by"];
}

export interface ScheduleShifts {
  readonly items: readonly Shift[];
  readonly lanes: readonly {
    readonly name: string;
    readonly items: readonly Shift[];
  }[];
}

interface Share {
  readonly id: string;
  readonly schedule: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly mayRemove: boolean;
}

export interface Shares {
  readonly overrides: readonly (Share & { readonly person: string })[];
  readonly swaps: readonly (Share & {
    readonly gives: string;
    readonly takes: string | null;
    readonly mayTake: boolean;
  })[];
}

export interface Foreseen {
  readonly afterMs: number;
  readonly kind: string;
  readonly receiver: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  readonly call: {
    readonly step: number;
    readonly steps: number;
    /** From 1. */
    readonly round: number;
    readonly person: Person | null;
  } | null;
  readonly missed: {
    readonly step: number;
    readonly target: string;
    readonly why: string;
  } | null;
}

export interface CalendarView {
  readonly calendarId: string;
  readonly name: string;
  readonly prefix: string;
  readonly of: { readonly kind: "schedule" | "person"; readonly id: string };
  readonly createdBy: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}
