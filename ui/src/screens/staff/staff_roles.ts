// Which role fits whom and where, and what a role comes with.
import type { Operator, Permission, Role, RolePermission, StaffDraft, StaffMember, StaffSummary } from "../../platform";

/** One manages those of a higher number. */
const LEVEL: Record<Role, number> = {
  developer: 0,
  super_admin: 10,
  admin: 20,
  operator: 30,
  sub_operator: 40,
  manager: 50,
  accountant: 60,
  sales_manager: 70,
  technician: 75,
  staff: 80,
  card_distributor: 90,
  customer: 100,
};

/** Where in the tree a role has its place; the others have one everywhere. */
const DEPTH: Partial<Record<Role, number>> = { super_admin: 0, admin: 0, operator: 1, sub_operator: 2 };

/** They log in elsewhere, or nowhere. */
const ELSEWHERE: readonly Role[] = ["card_distributor", "customer"];

/** The roles that this person may give at that depth of the tree, the highest first. */
export function roles_fitting(mine: Role, depth: number): Role[] {
  return (Object.keys(LEVEL) as Role[]).filter(
    (role) =>
      LEVEL[role] > LEVEL[mine] &&
      !ELSEWHERE.includes(role) &&
      // A super admin belongs to several providers, so only a developer makes one.
      (role !== "super_admin" || mine === "developer") &&
      (DEPTH[role] ?? depth) === depth,
  );
}

/** What is given by hand to that role; empty where the role says it all. */
export function by_hand(list: readonly RolePermission[], role: Role | ""): RolePermission[] {
  return list.filter((line) => line.role === role && line.held !== "always");
}

/** What a new person of that role begins with, as far as it is ours to give. */
export function presets(list: readonly RolePermission[], role: Role | ""): Permission[] {
  return by_hand(list, role)
    .filter(({ held, mine }) => held === "preset" && mine)
    .map(({ permission }) => permission);
}

export function always(list: readonly RolePermission[], role: Role | ""): Permission[] {
  return list.filter((line) => line.role === role && line.held === "always").map(({ permission }) => permission);
}

/** As it is typed: a role may not have been chosen yet. */
export type TypedStaff = Omit<Required<StaffDraft>, "role"> & { role: Role | "" };

export function typed_staff(member: StaffMember | undefined, me: StaffSummary | null, operators: readonly Operator[]): TypedStaff {
  return {
    name: member?.name ?? "",
    role: member?.role ?? "",
    // With one operator there is nothing to choose.
    operator_id: member ? member.operator_id : operators.length === 1 ? (operators[0]?.id ?? null) : (me?.operator_id ?? null),
    permissions: member?.permissions ?? [],
    password: "",
  };
}
