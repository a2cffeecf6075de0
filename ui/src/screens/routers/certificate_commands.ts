import { quoted } from "../../words/routeros";

/** What gives a router a certificate of its own for its API, to be pasted into its terminal. */
export function certificate_commands(name: string): string {
  return [
    `/certificate add name=api common-name=${quoted(name)} days-valid=3650`,
    "/certificate sign api",
    "/ip service set api-ssl certificate=api disabled=no",
  ].join("\n");
}
