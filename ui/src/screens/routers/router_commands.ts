import { quoted } from "../../words/routeros";

/** What makes a router ask our RADIUS server, to be pasted into its terminal. */
export function router_commands(server: string, secret: string): string {
  const address = server.trim() || "<RADIUS server>";
  const shown = /^•+$/.test(secret) ? secret : quoted(secret);
  return [
    "# ask Demarc's RADIUS",
    `/radius add address=${address} secret=${shown} service=ppp,hotspot,dhcp`,
    "/radius incoming set accept=yes",
    "# PPPoE",
    "/ppp aaa set use-radius=yes accounting=yes interim-update=5m",
    "# hotspot",
    "/ip hotspot profile set [find] use-radius=yes radius-accounting=yes radius-interim-update=5m",
    "# DHCP: static IP",
    "/ip dhcp-server set [find] use-radius=yes",
  ].join("\n");
}
