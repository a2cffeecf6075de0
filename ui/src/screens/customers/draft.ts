import { session } from "../../app/session.svelte";
import type { ConnectionType, Customer, CustomerDraft } from "../../platform";

/** A draft with nothing left out: what the form holds. */
export type FullDraft = Required<CustomerDraft>;

export function empty_draft(): FullDraft {
  return {
    connection_type: "pppoe",
    name: "",
    mobile: "",
    username: "",
    password: "",
    mac: "",
    // To hold a customer to its devices is a choice: it refuses the next telephone, too.
    devices_only: false,
    address: "",
    package_id: null,
    zone_id: null,
    postal_address: "",
    note: "",
    // Most new customers pay when they sign up; without a payment they are expired until they do.
    first_payment: session.may("payment_take"),
  };
}

export function draft_of(customer: Customer): FullDraft {
  return {
    connection_type: customer.connection_type,
    name: customer.name,
    mobile: customer.mobile ?? "",
    username: customer.username ?? "",
    password: "",
    mac: customer.mac ?? "",
    devices_only: customer.devices_only,
    address: customer.address ?? "",
    package_id: customer.package_id,
    zone_id: customer.zone_id,
    postal_address: customer.postal_address,
    note: customer.note,
    first_payment: false,
  };
}

type Shown = { username: boolean; password: boolean; mac: boolean; address: boolean };

/** Which fields a connection type has; the mobile belongs to everybody. */
export const SHOWN: Record<ConnectionType, Shown> = {
  pppoe: { username: true, password: true, mac: true, address: true },
  hotspot: { username: false, password: true, mac: true, address: false },
  static_ip: { username: false, password: false, mac: true, address: true },
  other: { username: false, password: false, mac: false, address: false },
};

/** What is sent: what was typed for another connection type stays behind. */
export function without_hidden(draft: FullDraft): FullDraft {
  const shown = SHOWN[draft.connection_type];
  const kept = {
    ...draft,
    devices_only: draft.devices_only && shown.mac,
    first_payment: draft.first_payment && draft.package_id !== null,
  };
  for (const field of ["username", "password", "mac", "address"] as const) {
    if (!shown[field]) kept[field] = "";
  }
  return kept;
}
