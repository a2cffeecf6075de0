// A password that was just made for somebody: shown on their page until that is left, and kept nowhere.
class HandedOver {
  current = $state.raw<{ staff_id: number; password: string } | null>(null);

  of(staff_id: number): string | null {
    return this.current?.staff_id === staff_id ? this.current.password : null;
  }

  /** Whoever looks at somebody else forgets nothing of theirs. */
  forget(staff_id: number): void {
    if (this.current?.staff_id === staff_id) this.current = null;
  }
}

export const handed_over = new HandedOver();
