// Roles and permissions, in words and in order.
import { m } from "../messages/messages";
import type { Permission, Role } from "../platform";

type Words = () => string;

export const ROLE: Record<Role, Words> = {
  developer: m.role_developer,
  super_admin: m.role_super_admin,
  admin: m.role_admin,
  operator: m.role_operator,
  sub_operator: m.role_sub_operator,
  manager: m.role_manager,
  accountant: m.role_accountant,
  sales_manager: m.role_sales_manager,
  technician: m.role_technician,
  staff: m.role_staff,
  card_distributor: m.role_card_distributor,
  customer: m.role_customer,
};

/** What the role is there for, in a line. */
export const ROLE_DUTY: Record<Role, Words> = {
  developer: m.role_developer_words,
  super_admin: m.role_super_admin_words,
  admin: m.role_admin_words,
  operator: m.role_operator_words,
  sub_operator: m.role_sub_operator_words,
  manager: m.role_manager_words,
  accountant: m.role_accountant_words,
  sales_manager: m.role_sales_manager_words,
  technician: m.role_technician_words,
  staff: m.role_staff_words,
  card_distributor: m.role_card_distributor_words,
  customer: m.role_customer_words,
};

export const MAY: Record<Permission, Words> = {
  customer_read: m.may_customer_read,
  customer_write: m.may_customer_write,
  customer_suspend: m.may_customer_suspend,
  customer_password: m.may_customer_password,
  payment_take: m.may_payment_take,
  money_read: m.may_money_read,
  session_read: m.may_session_read,
  session_change: m.may_session_change,
  package_write: m.may_package_write,
  zone_write: m.may_zone_write,
  router_read: m.may_router_read,
  router_write: m.may_router_write,
  router_secret: m.may_router_secret,
  provision: m.may_provision,
  template_write: m.may_template_write,
  staff_manage: m.may_staff_manage,
  operator_manage: m.may_operator_manage,
  audit_read: m.may_audit_read,
  provider_write: m.may_provider_write,
  radius_setup: m.may_radius_setup,
  key_rotate: m.may_key_rotate,
  tenant_manage: m.may_tenant_manage,
};

/** Permissions as a person looks for them. */
export const PERMISSION_GROUPS: readonly { title: Words; permissions: readonly Permission[] }[] = [
  { title: m.permissions_customers, permissions: ["customer_read", "customer_write", "customer_suspend", "customer_password"] },
  { title: m.permissions_money, permissions: ["payment_take", "money_read"] },
  { title: m.permissions_sessions, permissions: ["session_read", "session_change"] },
  {
    title: m.permissions_network,
    permissions: ["package_write", "zone_write", "router_read", "router_write", "router_secret", "provision", "template_write", "radius_setup"],
  },
  {
    title: m.permissions_people,
    permissions: ["staff_manage", "operator_manage", "audit_read", "provider_write", "key_rotate", "tenant_manage"],
  },
];
