// What routers have, beside what they reported.
import type { Agreement, RouterSession, RouterSessions, SessionChoice } from "../../platform";

/** A session as a row of a list, or what heads those of a router. */
export type ComparedRow = { id: number; session: RouterSession | null; router: RouterSessions };

/** How a session is told to end; null where nothing identifies it. */
export function choice_of({ session_id, router_id, service, item_id, user_name }: RouterSession): SessionChoice | null {
  if (session_id !== null) return { kind: "reported", session_id };
  return item_id !== null && service !== null ? { kind: "on_router", router_id, service, item_id, user_name } : null;
}

export function key_of(choice: SessionChoice): string {
  return choice.kind === "reported" ? `${choice.session_id}` : `${choice.router_id}/${choice.service}/${choice.item_id}`;
}

/** Numbers for what has only a name: the same one each time. */
export class Numbers {
  #known = new Map<string, number>();

  of(key: string): number {
    const known = this.#known.get(key) ?? this.#known.size + 1;
    this.#known.set(key, known);
    return known;
  }
}

export type Narrowing = { agreement: Agreement | null; search: string };

export function fits(session: RouterSession, { agreement, search }: Narrowing): boolean {
  if (agreement !== null && session.agreement !== agreement) return false;
  const wanted = search.trim().toLowerCase();
  const texts = [session.user_name, session.customer_name, session.mac, session.address, session.router_name];
  return wanted === "" || texts.some((text) => text?.toLowerCase().includes(wanted));
}

/** The sessions that fit, beneath their routers where there are several to tell apart. */
export function compared_rows(read: readonly RouterSessions[], narrowing: Narrowing, grouped: boolean, numbers: Numbers): ComparedRow[] {
  return read.flatMap((router) => {
    const rows = router.rows
      .filter((session) => fits(session, narrowing))
      .map((session): ComparedRow => ({ id: numbers.of(name_of(session)), session, router }));
    const heads = grouped && rows.length > 0;
    return heads ? [{ id: numbers.of(`router ${router.router_id}`), session: null, router }, ...rows] : rows;
  });
}

function name_of(session: RouterSession): string {
  const choice = choice_of(session);
  return choice ? key_of(choice) : `${session.router_id} ${session.user_name} ${session.mac} ${session.address}`;
}

export function counts(read: readonly RouterSessions[]): Record<Agreement, number> {
  const sum = (of: (router: RouterSessions) => number) => read.reduce((all, router) => all + of(router), 0);
  return { agreed: sum((one) => one.agreed), only_on_router: sum((one) => one.only_on_router), only_reported: sum((one) => one.only_reported) };
}
