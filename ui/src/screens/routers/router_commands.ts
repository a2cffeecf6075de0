import { quoted } from "../../words/routeros";

/** Where RouterOS listens for Disconnect and CoA, unless told otherwise. */
export const COA_PORT = 3799;

/** What makes a router ask our RADIUS server, to be pasted into its terminal. */
export function router_commands(server: string, secret: string, coa_port = COA_PORT): string {
  const address = server.trim() || "<RADIUS server>";
  const shown = /^•+$/.test(secret) ? secret : quoted(secret);
  return [
    "# ask Demarc's RADIUS",
    `/radius add address=${address} secret=${shown} service=ppp,hotspot,dhcp`,
    `/radius incoming set accept=yes${coa_port === COA_PORT ? "" : ` port=${coa_port}`}`,
    "# PPPoE",
    "/ppp aaa set use-radius=yes accounting=yes interim-update=5m",
    "# hotspot",
    "/ip hotspot profile set [find] use-radius=yes radius-accounting=yes radius-interim-update=5m",
    "# DHCP: static IP",
    "/ip dhcp-server set [find] use-radius=yes",
  ].join("\n");
}
