import { quoted } from "../../words/routeros";

/** What leads suspended customers to the notice, to be pasted into a router's terminal. */
export function redirect_commands(pool: string, list: string): string {
  const [in_pool, on_list] = [quoted(pool.trim() || "<pool>"), quoted(list.trim() || "<list>")];
  return [
    "# the pool that suspended customers get their address from",
    `/ip pool add name=${in_pool} ranges=10.255.0.2-10.255.15.254`,
    "# RADIUS fills the address list; web pages lead to the notice",
    `/ip firewall nat add chain=dstnat src-address-list=${on_list} protocol=tcp dst-port=80 action=dst-nat to-addresses=<notice server>`,
    "# only the notice and name look-ups pass",
    `/ip firewall filter add chain=forward src-address-list=${on_list} dst-address=<notice server> action=accept`,
    `/ip firewall filter add chain=forward src-address-list=${on_list} protocol=udp dst-port=53 action=accept`,
    `/ip firewall filter add chain=forward src-address-list=${on_list} action=drop`,
  ].join("\n");
}
