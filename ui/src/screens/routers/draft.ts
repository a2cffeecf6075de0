// A router as its form holds it.
import { commands, type Router, type RouterAccess, type RouterDraft } from "../../platform";
import { refusal_of } from "../../words/errors";
import { m } from "../../messages/messages";
import { COA_PORT } from "./router_commands";

/** Where its API listens, unless told otherwise. */
export const API_PORTS = { tls: 8729, plain: 8728 } as const;

export function usual_port({ api_plain }: Pick<RouterDraft, "api_plain">): number {
  return api_plain ? API_PORTS.plain : API_PORTS.tls;
}

/** `params` say what is known of one that is not recorded yet: it spoke RADIUS, or announced itself nearby. */
export function router_draft(router: Router | undefined, params: URLSearchParams): Required<RouterDraft> {
  return {
    name: router?.name ?? params.get("name") ?? "",
    address: router?.address ?? params.get("address") ?? "",
    nas_identifier: router?.nas_identifier ?? "",
    secret: "",
    coa_port: String(router?.coa_port ?? COA_PORT),
    api_host: router?.api.typed_host ?? "",
    api_port: router?.api.typed_port?.toString() ?? "",
    api_plain: router?.api.plain ?? false,
    api_code_page: router?.api.code_page ?? "",
  };
}

/** As the form holds it, with the log-in that a new router may come with. */
export type TypedAccess = Required<RouterAccess>;

/** A password belongs to somebody: what the backend would refuse once the router is added already. */
export function refuse_nameless({ user_name, password }: TypedAccess): void {
  if (user_name.trim() !== "" || password === "") return;
  const needed = { field: "user_name", problem: { code: "required" }, message: m.problem_required() };
  throw refusal_of({ code: "invalid_input", message: "", fields: [needed] });
}

/** Somebody decided: from now on its log-in may cross the network as it is. */
export async function allow_plain(id: number): Promise<Router> {
  const router = await commands.routerShow(id);
  return commands.routerEdit(id, router.version, { ...router_draft(router, new URLSearchParams()), api_plain: true });
}
