/** A value as RouterOS's console takes it: quoted, with what it would read as its own escaped. */
function quoted(value: string): string {
  return /^[A-Za-z0-9._:-]+$/.test(value) ? value : `"${value.replace(/["\\$]/g, "\\$&")}"`;
}

/** What makes a router ask our RADIUS server, to be pasted into its terminal. */
export function router_commands(server: string, secret: string): string {
  const address = server.trim() || "<RADIUS server>";
  const shown = /^•+$/.test(secret) ? secret : quoted(secret);
  return [
    `/radius add address=${address} secret=${shown} service=ppp,hotspot,dhcp`,
    "/radius incoming set accept=yes",
    "/ppp aaa set use-radius=yes accounting=yes interim-update=5m",
  ].join("\n");
}
