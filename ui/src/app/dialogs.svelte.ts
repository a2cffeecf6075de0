// Which dialog floats above the screens. One at a time.

import type { ConfigBackup, Operator, SessionChoice, Tenant } from "../platform";

/** Asked before something that cannot be taken back. */
export type Question = { kind: "question"; title: string; words: string[]; verb: string; /** What not doing it is called; else it is to cancel. */ keep?: string; run: () => Promise<void> };

/** A session, as far as telling it something has to name it. */
export type SessionSubject = { choice: SessionChoice; router_name: string; name: string; device: string | null };

export type Dialog =
  | { kind: "pay"; customer_id: number }
  | { kind: "suspend"; customer_id: number; name: string }
  | Question
  | { kind: "reset-password"; staff_id: number; name: string }
  | { kind: "move-operator"; operator: Operator }
  | { kind: "close-operator"; operator: Operator }
  | { kind: "router-access"; router_id: number; name: string; user_name: string }
  | { kind: "router-test"; router_id: number; name: string }
  | { kind: "nearby" }
  | { kind: "disconnect"; subjects: SessionSubject[] }
  | { kind: "speed"; subjects: SessionSubject[] }
  | { kind: "run-report"; run_id: number }
  | { kind: "config-compare"; backup: ConfigBackup; /** None: the router as it is now. */ other: ConfigBackup | null; router_name: string }
  | { kind: "config-restore"; backup: ConfigBackup; router_name: string }
  | { kind: "add-tenant" }
  | { kind: "tenant-owners"; tenant: Tenant }
  | { kind: "palette" }
  | { kind: "help" };

class Dialogs {
  open = $state.raw<Dialog | null>(null);

  show(dialog: Dialog): void {
    this.open = dialog;
  }

  close(): void {
    this.open = null;
  }
}

export const dialogs = new Dialogs();
