// Which dialog floats above the screens. One at a time.

export type Dialog =
  | { kind: "pay"; customer_id: number }
  | { kind: "suspend"; customer_id: number; name: string }
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
