// Where an operator may go in the tree of three levels: the provider, its operators, their sub-operators.
import type { Operator } from "../../platform";

const DEEPEST = 2;

/** Those that operators may stand under. */
export function parents(operators: readonly Operator[]): Operator[] {
  return operators.filter(({ depth }) => depth < DEEPEST);
}

export function beneath(operator: Operator, operators: readonly Operator[]): Operator[] {
  const children = operators.filter(({ parent_id }) => parent_id === operator.id);
  return children.flatMap((child) => [child, ...beneath(child, operators)]);
}

/** Everybody but itself and its own. */
export function others(operator: Operator, operators: readonly Operator[]): Operator[] {
  const own = new Set([operator.id, ...beneath(operator, operators).map(({ id }) => id)]);
  return operators.filter(({ id }) => !own.has(id));
}

/** Who can take over its sub-operators, if it has any. */
export function successors(operator: Operator, operators: readonly Operator[]): Operator[] {
  const candidates = others(operator, operators);
  return beneath(operator, operators).length > 0 ? parents(candidates) : candidates;
}

/** Where it can be moved: with sub-operators of its own only to the provider, and never to where it is. */
export function places(operator: Operator, operators: readonly Operator[]): Operator[] {
  const room = beneath(operator, operators).length > 0 ? DEEPEST - 1 : DEEPEST;
  return others(operator, operators).filter(({ id, depth }) => depth < room && id !== operator.parent_id);
}
