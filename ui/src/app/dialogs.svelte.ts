// Which dialog floats above the screens. One at a time.

import type { Operator, Tenant } from "../platform";

/** Asked before something that cannot be taken back. */
export type Question = { kind: "question"; title: string; words: string[]; verb: string; run: () => Promise<void> };

export type Dialog =
  | { kind: "pay"; customer_id: number }
  | { kind: "suspend"; customer_id: number; name: string }
  | Question
  | { kind: "reset-password"; staff_id: number; name: string }
  | { kind: "move-operator"; operator: Operator }
  | { kind: "close-operator"; operator: Operator }
  | { kind: "router-access"; router_id: number; name: string; user_name: string }
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
